import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { assertInvariants } from "../../src/document/test-kit.ts";
import { createCorpora, meanOf } from "./corpora.ts";
import { type Score, scoreOf } from "./score.ts";

describe("the score of what is read", () => {
  for (const { format, documents, least } of createCorpora()) {
    test(`is at least what it should be for ${format}, over ${documents.length} documents`, {
      timeout: 120_000,
    }, async () => {
      const scores: Score[] = [];
      for (const { bytes, mediaType, truth } of documents)
        scores.push(scoreOf(truth, (await assertInvariants(bytes, mediaType)).docir));
      const mean = meanOf(scores);
      for (const [measure, value] of Object.entries(least))
        assert.ok((mean[measure as keyof Score] ?? 0) >= value, `${measure} of ${JSON.stringify(mean)}`);
    });
  }

  test("falls with each word, heading, item or cell that is missing or in the wrong place", async () => {
    const truth = { text: "a b c d", headings: ["a"], lists: ["b"], rows: [["c", "d"]], main: "a b c d" };
    const score = async (html: string) => scoreOf(truth, (await assertInvariants(html, "text/html")).docir);
    const whole = "<h2>a</h2><ul><li>b</ul><table><tr><td>c<td>d</table>";
    assert.deepEqual(Object.values(await score(whole)), [1, 1, 1, 1, 1, 1, 1]);
    assert.equal((await score(whole.replace("<li>b", ""))).words, 0.75);
    assert.equal((await score("<ul><li>b</ul><h2>a</h2><table><tr><td>c<td>d</table>")).nid, 0.75);
    assert.equal((await score(whole.replaceAll("h2", "p"))).headings, 0);
    assert.equal((await score(`${whole}<ul><li>x</ul>`)).lists, 2 / 3);
    assert.equal((await score(whole.replace("<td>d", "<td>e"))).cells, 0.5);
    assert.equal((await score(`${whole}<p>e`)).mainPrecision, 0.8);
  });
});
