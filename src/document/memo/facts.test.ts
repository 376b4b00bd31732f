import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { assertInvariants } from "../test-kit.ts";
import { writeMemoAsMarkdown } from "./markdown.ts";

const PRICES = `# Prices

| Item | Sold on | Price | Remark |
|-|-|-|-|
| Rope | 2024-05-01 | € 12.50 | blue |
| Anchor | 2024-05-03 | € 84.00 | |
| Total | | € 96.50 | |
`;

const MAIL = [
  "From: Anna <anna@a.example>",
  "To: Ben <ben@b.example>",
  "Subject: The north gate",
  "Date: Mon, 3 Jun 2024 10:00:00 +0200",
  "",
  "The north gate is shut until Friday.",
].join("\r\n");

const FORM = "# Application\n\nName: Anna Berg\nPort: Norham\n\n- Berth: 14\n- Length of ship: 9.4 m\n";

describe("the memo", () => {
  it("of a table tells what its columns hold, and cites its totals", async () => {
    const { memo } = await assertInvariants(PRICES);
    assert.deepEqual(
      memo.columns?.map(({ text, holds, filled }) => `${text}: ${filled} ${holds}`),
      ["Item: 3 text", "Sold on: 2 date", "Price: 3 money", "Remark: 1 text"],
    );
    assert.deepEqual(
      memo.totals?.map(({ text }) => text),
      ["Total € 96.50"],
    );
    assert.ok(memo.figures.some(({ text }) => text === "€ 84.00"));
  });

  it("of a mail tells who wrote to whom, and when", async () => {
    const { memo } = await assertInvariants(Buffer.from(MAIL), "message/rfc822");
    assert.deepEqual(
      memo.message?.map(({ name, text }) => `${name}: ${text}`),
      ["from: Anna <anna@a.example>", "to: Ben <ben@b.example>", "date: Mon, 3 Jun 2024 10:00:00 +0200"],
    );
    assert.equal(memo.fields, undefined);
  });

  it("of a form has its fields, and prose with a colon has none", async () => {
    const { memo } = await assertInvariants(FORM);
    assert.deepEqual(
      memo.fields?.map(({ name, text }) => `${name}: ${text}`),
      ["Name: Anna Berg", "Port: Norham", "Berth: 14", "Length of ship: 9.4 m"],
    );
    const prose =
      "Note: the gate is shut.\n\nThe keeper opens it at noon.\n\nHe shuts it at six.\n\nNobody passes.";
    const { memo: plain } = await assertInvariants(prose);
    assert.equal(plain.fields, undefined);
    assert.equal(plain.columns, undefined);
  });

  it("has no fields of sentences behind a colon, and none of signs", async () => {
    for (const lines of [
      [
        "Families: two of them, each one character.",
        "Flags: these stand in a row.",
        "Alone: one",
        "Marks: a and b beside c.",
      ],
      ["Named: & < >", "Numbered: ¶ §", "Refused: $", "Blank: –"],
    ]) {
      const { memo } = await assertInvariants(lines.join("\n\n"));
      assert.equal(memo.fields, undefined);
    }
    const { memo } = await assertInvariants("Firm: Berg and Sons Ltd.\n\nPort: St. Peter\n\nNote: none.");
    assert.equal(memo.fields?.length, 3);
  });

  it("is Markdown in which the words of the document are no markup", async () => {
    const { memo } = await assertInvariants(
      "# A *b* \\*c* <b>\n\n1\\. The gate \\[x](y) costs $5 and \\_more\\_ | `than` that.\n\nDoubt it. [low]\n",
    );
    const markdown = writeMemoAsMarkdown(memo);
    assert.match(markdown, /^# A b \\\*c\\\*\n\n/);
    assert.match(
      markdown,
      /\n1\. 1\\\. The gate \\\[x\\\]\(y\) costs \\\$5 and \\_more\\_ \\\| than that\. \(\d+–\d+\)\n/,
    );
    assert.match(markdown, /## To review\n\n- Doubt it\. \(\d+–\d+\): low\\_marker, confidence 40 %\n/);
    assert.doesNotMatch(markdown, /undefined|\n\n\n/);
  });

  it("of a table, a mail and a form is Markdown with their facts", async () => {
    const written = async (source: string, mediaType: string) =>
      writeMemoAsMarkdown((await assertInvariants(Buffer.from(source), mediaType)).memo);
    assert.match(await written(PRICES, "text/markdown"), /- Price \(\d+–\d+\): 3 × money\n/);
    assert.match(await written(MAIL, "message/rfc822"), /- \*\*from\*\*: Anna \\<anna@a\.example\\> \(/);
    assert.match(await written(FORM, "text/markdown"), /- \*\*Berth\*\*: 14 \(/);
  });
});
