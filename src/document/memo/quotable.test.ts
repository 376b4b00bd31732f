import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { derive } from "../test-kit.ts";

async function keySentencesOf(source: string, mediaType: string): Promise<string[]> {
  const { memo } = await derive(source, mediaType);
  return memo.keySentences.map(({ text }) => text);
}

describe("the key sentences of a memo", () => {
  it("are not the title of a plain text, the lines of its head or the fields of a form", async () => {
    const minutes =
      "MINUTES OF THE MEETING OF 4 MARCH 2025\n\nPresent: A. Ruiz, B. Tan, C. Osei\nApologies: D. Lund\n\nThe committee approved the budget of EUR 48,200.\n";
    assert.deepEqual(await keySentencesOf(minutes, "text/plain"), [
      "The committee approved the budget of EUR 48,200.",
    ]);
    const form =
      "APPLICATION FOR A PARKING PERMIT\n\nName: Ludmila Horák\nDate of birth: 14.02.1979\nAddress: Lindenweg 12, Leipzig\nFee: 30,70 €\n";
    assert.deepEqual(await keySentencesOf(form, "text/plain"), []);
    const list =
      "- Name: Ludmila Horák of Leipzig in Saxony\n- Born: 14 February 1979 in Brno, Moravia\n- Fee: 30 euros in cash each year\n";
    assert.deepEqual(await keySentencesOf(list, "text/markdown"), []);
  });

  it("are those of a document of one sentence, which is its title too", async () => {
    const text = "The harbour saw 412 ships on 1 May 2024.";
    assert.deepEqual(await keySentencesOf(text, "text/plain"), [text]);
  });

  it("and the figures are not those of menus and footers, where the page has more than these", async () => {
    const page = (main: string) =>
      `<!doctype html><title>Recall</title><main>${main}</main><footer><p>Call us on 4 May 2025 about our 300 other offers.</p></footer>`;
    const { memo } = await derive(page("<p>Homeware recalls 18,500 kettles of type K.</p>"), "text/html");
    assert.deepEqual(
      memo.keySentences.map(({ text }) => text),
      ["Homeware recalls 18,500 kettles of type K."],
    );
    assert.deepEqual(
      memo.figures.map(({ text }) => text),
      ["18,500"],
    );
  });
});
