import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { derive } from "../test-kit.ts";

const QUOTED = [
  "> We can repair the gate of the lock by 30 June for you.",
  "> The repair costs 300 euros in all and needs two days.",
  "> The old gate must be taken out of the water before.",
  "> It was found to be rotten in three places last week.",
];

async function keySentencesOf(lines: readonly string[], mediaType = "message/rfc822"): Promise<string[]> {
  const head = "From: ann@a.example\r\nTo: bob@b.example\r\nSubject: Re: Gate\r\n\r\n";
  const { memo } = await derive((mediaType === "message/rfc822" ? head : "") + lines.join("\r\n"), mediaType);
  return memo.keySentences.map(({ text }) => text);
}

describe("the key sentences of a reply", () => {
  it("are its own words first, also few of them, then some of the mail it quotes", async () => {
    const found = await keySentencesOf([
      "On 3 May Bob wrote:",
      ...QUOTED,
      "",
      "Hi Bob,",
      "",
      "Yes, please do.",
      "",
      "Best regards,",
      "Ann",
    ]);
    assert.equal(found[0]?.endsWith("Yes, please do."), true);
    assert.equal(found.length, 3);
    assert.ok(found.slice(1).every((text) => QUOTED.includes(`> ${text}`)));
  });

  it("are its own words alone where there are three", async () => {
    const own = ["We take your offer.", "Begin on 2 June with it.", "The key is at the office."];
    assert.deepEqual(await keySentencesOf([own.join(" "), "", ...QUOTED]), own);
  });

  it("are those of the quotes where it has no words of its own", async () => {
    const found = await keySentencesOf(["Hi Bob,", "", ...QUOTED, "", "Ann"]);
    assert.equal(found.length, 3);
    assert.ok(found.every((text) => QUOTED.includes(`> ${text}`)));
  });

  it("are chosen alike in quotes of other documents", async () => {
    const found = await keySentencesOf(["Yes, please do.", "", ...QUOTED], "text/markdown");
    assert.equal(found.includes("Yes, please do."), false);
  });
});
