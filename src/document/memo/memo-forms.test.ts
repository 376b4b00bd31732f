import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { writeFiguresAsCsv, writeMemoAsHtml } from "../index.ts";
import { derive } from "../test-kit.ts";

describe("a memo for people", () => {
  test("is one HTML file in which nothing of the document is markup", async () => {
    const { memo } = await derive(
      "# A <b>report</b> & more\n\nThe pump cost $30.50 <script>x</script> in May 2024.",
    );
    const html = writeMemoAsHtml(memo);
    assert.match(html, /<h1 dir="auto">[^<]*report[^<]*&amp; more<\/h1>/);
    assert.doesNotMatch(html, /<script|<b>report|href=|src=/);
    assert.ok(
      html.includes(memo.docirSha) && html.includes(memo.chunkIndexSha),
      "the hashes are in the footer",
    );
  });

  test("has its figures as CSV with their places, and no field that a spreadsheet would execute", async () => {
    const { memo } = await derive("It cost $1,200.50 on 12 May 2024, a change of -3 m.");
    const [head, ...rows] = writeFiguresAsCsv(memo).trimEnd().split("\r\n");
    assert.equal(head, "kind,figure,page,from,to,quote_sha256");
    assert.equal(rows.length, memo.figures.length);
    const money = memo.figures.find(({ kind }) => kind === "money");
    assert.ok(
      rows.includes(`money,"$1,200.50",,${money?.cite.span.join(",")},${money?.cite.quoteSha}`),
      String(rows),
    );
    const [figure] = memo.figures;
    assert.ok(figure !== undefined);
    const hostile = { ...memo, figures: ["=1+1", "-2+3", "-3", "+4 %"].map((text) => ({ ...figure, text })) };
    const fields = writeFiguresAsCsv(hostile)
      .split("\r\n")
      .slice(1, 5)
      .map((row) => row.split(",")[1]);
    assert.deepEqual(fields, ["'=1+1", "'-2+3", "-3", "+4 %"]);
  });
});
