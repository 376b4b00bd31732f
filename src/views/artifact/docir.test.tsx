import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { canonicalJsonBytes } from "../../canonical-json.ts";
import { derive } from "../../document/test-kit.ts";
import { documentWindowOf } from "../../projection/document-window.ts";
import { DocIRView } from "./docir.tsx";

/** The page of a document, with the first place of `cited` marked. */
async function viewOf(source: string, mediaType: string, cited: string): Promise<string> {
  const { docir } = await derive(source, mediaType);
  const at = docir.text.indexOf(cited);
  const place = { span: [at, at + cited.length] as const, at: null, row: null };
  const window = documentWindowOf(canonicalJsonBytes(docir), place);
  return String(await DocIRView({ window, artifactId: "a:docir", pdfUrl: null }));
}

describe("the view of a structured document", () => {
  test("shows HTML as reading text: lists with their markers, roles in words, the cited words marked", async () => {
    const html = await viewOf(
      "<h1>T</h1><ol start=3><li>first item</ol><p>Costs <b>€ 12</b> a day.<footer>Imprint</footer>",
      "text/html",
      "€ 12",
    );
    assert.match(html, /<li[^>]*data-type="list_item"[^>]*><span class="marker">3\.<\/span>/);
    assert.match(html, /<mark id="cited"><strong><span>€ 12<\/span><\/strong><\/mark>/);
    assert.match(html, /data-role="boilerplate"[\s\S]*Imprint[\s\S]*not part of the content/);
  });

  test("shows CSV as a grid with the cited cell marked", async () => {
    const html = await viewOf('name,price\npump,"1,5"\n', "text/csv", "1,5");
    assert.match(html, /<th scope="col" dir="auto" data-from="0"><span>name<\/span><\/th>/);
    assert.match(html, /<td dir="auto" data-from="\d+"><mark id="cited">1,5<\/mark><\/td>/);
    assert.match(html, /<th scope="col" class="column-letters">B<\/th>/);
    assert.match(html, /<th class="row-number" scope="row">2<\/th>/);
  });

  test("shows the rows around a cited cell of a long table below its first row, with links to the others", async () => {
    const rows = Array.from({ length: 250 }, (_, row) => `q${row},${row}`).join("\n");
    const html = await viewOf(`quay,tonnes\n${rows}\n`, "text/csv", "q150");
    assert.match(html, /<th class="row-number" scope="row">1<\/th><th[^>]*><span>quay/);
    assert.match(html, /Rows 101–200 of 251/);
    assert.match(html, /href="\/artifacts\/a:docir\?at=0&amp;row=200"/);
    assert.doesNotMatch(html, /q98</);
  });

  test("shows numbers of lists, boxes of tasks and marks of footnotes", async () => {
    const html = await viewOf(
      "A[^1].\n\n7. seventh\n\n- [x] done\n- [ ] open\n\n[^1]: note",
      "text/markdown",
      "open",
    );
    assert.match(html, /<span class="marker">7\.<\/span>/);
    assert.match(html, /☑<\/span>[\s\S]*done[\s\S]*☐<\/span>/);
    assert.match(html, /data-type="footnote"[\s\S]*note/);
  });

  test("shows emphasis, code and links, also where the cited words begin within them", async () => {
    const source =
      "A *very **old*** `pump` ~~was~~ [*here* and there](https://a.b/?c=1&d) is [x](javascript:alert(1)) [y](<java\tscript:alert(1)>) [z](data:text/html,a).";
    const html = await viewOf(source, "text/markdown", "old pump was here");
    const inDocument = html.slice(html.indexOf('<p class="block-text"'));
    assert.match(
      inDocument,
      /<em><span>very <\/span><\/em><mark id="cited"><strong><em><span>old<\/span><\/em><\/strong><span> <\/span><code><span>pump<\/span><\/code><span> <\/span><del><span>was<\/span><\/del><span> <\/span><a href="https:\/\/a\.b\/\?c=1&amp;d"[^>]*><em><span>here<\/span><\/em><\/a><\/mark><a href="https:\/\/a\.b\/\?c=1&amp;d"[^>]* rel="noopener noreferrer nofollow"><span> and there<\/span><\/a>/,
    );
    assert.doesNotMatch(inDocument, /script:|data:/);
  });

  test("links footnotes to the block where they begin, on this page or another, and shows the alignment of columns", async () => {
    const near = await viewOf("A[^n] b[^m].\n\n[^n]: note", "text/markdown", "A");
    const [, id] = /<sup><a href="#(b_[0-9a-f]{16})"><span>\[\^n\]<\/span><\/a><\/sup>/.exec(near) ?? [];
    assert.match(near, new RegExp(`id="${id}"[^>]*data-type="footnote"`));
    assert.match(near, /b\[\^m\]\./);
    const inLink = await viewOf("[A[^n] b](https://a.b/)\n\n[^n]: note", "text/markdown", "A");
    assert.match(inLink, /<a href="https:[^>]*><sup><span>\[\^n\]<\/span><\/sup><span> b<\/span><\/a>/);
    assert.doesNotMatch(inLink, /<sup><a/);
    const far = await viewOf(`A[^n].\n\n${"p\n\n".repeat(250)}[^n]: note`, "text/markdown", "A");
    assert.match(far, /<sup><a href="\/artifacts\/a:docir\?at=251#b_[0-9a-f]{16}"/);
    const table = await viewOf("| a | **b** |\n|---|--:|\n| c | d |", "text/markdown", "a");
    assert.match(
      table,
      /<th scope="col" dir="auto" data-from="2" data-align="right"><strong><span>b<\/span><\/strong>/,
    );
    assert.match(table, /<td dir="auto" data-from="4"><span>c/);
  });

  test("nests elements no deeper than there are kinds of marks", async () => {
    const depth = 2_000;
    const html = await viewOf(
      `${"*a **b ".repeat(depth)}${" b** a*".repeat(depth)}`,
      "text/markdown",
      "a b a",
    );
    assert.ok((html.match(/<em>/g) ?? []).length < 5);
    assert.ok(html.length < 100_000, String(html.length));
  });

  test("shows a mail with its people and its text, and says that attachments were not read", async () => {
    const html = await viewOf(
      "From: ann@x.org\nMIME-Version: 1.0\nSubject: Pump\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\n<script>x</script>\n--b\nContent-Type: image/png; name=p.png\n\nx\n--b--\n",
      "message/rfc822",
      "ann@x.org",
    );
    assert.match(html, /<mark id="cited">ann@x\.org<\/mark>/);
    assert.match(html, /&lt;script(?:>|&gt;)x&lt;\/script/);
    assert.match(html, /Attachment: p\.png \(image\/png, 1 byte\)/);
    assert.match(html, /some attachments are named, not read/);
  });
});
