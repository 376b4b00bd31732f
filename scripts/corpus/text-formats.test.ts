import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { assertInvariants } from "../../src/document/test-kit.ts";
import { createCsvCorpus } from "./csv.ts";
import { createHtmlCorpus } from "./html.ts";
import { createMailCorpus } from "./mail.ts";
import { meanScores, type Scores, scoreDocument } from "./score.ts";
import type { CorpusDocument } from "./truth.ts";

const TEXT = { wordRecall: 0.99, nid: 0.985, headings: 0.96, listItems: 0.92, cells: 0.99 } as const;

/** The least mean over the corpus of a format; docs/documents.md has what is reached. */
const LEAST: Readonly<Record<string, readonly [corpus: readonly CorpusDocument[], least: Scores]>> = {
  HTML: [createHtmlCorpus(), { ...TEXT, mainRecall: 0.98, mainPrecision: 0.93 }],
  CSV: [createCsvCorpus(), { wordRecall: 0.99, nid: 0.985, cells: 0.99 }],
  mail: [createMailCorpus(), TEXT],
};

describe("the corpus of HTML, CSV and mail", () => {
  for (const [format, [corpus, least]] of Object.entries(LEAST)) {
    test(`is read well enough, with every invariant: ${format}`, { timeout: 120_000 }, async () => {
      const scores: Scores[] = [];
      for (const { bytes, mediaType, truth } of corpus)
        scores.push(scoreDocument(truth, (await assertInvariants(bytes, mediaType)).docir));
      const mean = meanScores(scores);
      for (const [measure, value] of Object.entries(least))
        assert.ok((mean[measure as keyof Scores] ?? 0) >= value, `${measure} of ${JSON.stringify(mean)}`);
    });
  }

  test("has a score that falls with each part that is missing, too much or in the wrong place", async () => {
    const truth = {
      text: "a b c d",
      main: "a b c d",
      headings: [{ level: 2, text: "a" }],
      listItems: ["b"],
      tables: [[["c", "d"]]],
    };
    const score = async (html: string) =>
      scoreDocument(truth, (await assertInvariants(html, "text/html")).docir);
    const whole = "<h2>a</h2><ul><li>b</ul><table><tr><td>c<td>d</table>";
    assert.deepEqual(new Set(Object.values(await score(whole))), new Set([1]));
    assert.equal((await score(whole.replace("<li>b", ""))).wordRecall, 0.75);
    assert.equal((await score("<ul><li>b</ul><h2>a</h2><table><tr><td>c<td>d</table>")).nid, 0.75);
    assert.equal((await score(whole.replaceAll("h2", "p"))).headings, 0);
    assert.equal((await score(`${whole}<ul><li>x</ul>`)).listItems, 2 / 3);
    assert.equal((await score(whole.replace("<td>d", "<td>e"))).cells, 0.5);
    assert.equal((await score(`${whole}<p>e`)).mainPrecision, 0.8);
    assert.equal((await score(`${whole}<p hidden>e`)).nid, 1);
  });
});
