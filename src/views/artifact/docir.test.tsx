import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { derive } from "../../document/test-kit.ts";
import { DocIRView } from "./docir.tsx";

/** The page of a document, with the first place of `cited` marked. */
async function viewOf(source: string, mediaType: string, cited: string): Promise<string> {
  const { docir } = await derive(source, mediaType);
  const at = docir.text.indexOf(cited);
  const place = { span: [at, at + cited.length] as const, bytes: null, at: null };
  return String(await DocIRView({ docir, artifactId: "a:docir", place }));
}

describe("the view of a structured document", () => {
  test("shows HTML as reading text: lists with their markers, roles in words, the cited words marked", async () => {
    const html = await viewOf(
      "<h1>T</h1><ol start=3><li>first item</ol><p>Costs <b>€ 12</b> a day.<footer>Imprint</footer>",
      "text/html",
      "€ 12",
    );
    assert.match(html, /data-type="list_item" data-marker="3\."/);
    assert.match(html, /<mark id="cited">€ 12<\/mark>/);
    assert.match(html, /data-role="boilerplate"[\s\S]*Imprint[\s\S]*not part of the content/);
  });

  test("shows CSV as a grid with the cited cell marked", async () => {
    const html = await viewOf('name,price\npump,"1,5"\n', "text/csv", "1,5");
    assert.match(html, /<th dir="auto" scope="col"><span>name<\/span><\/th>/);
    assert.match(html, /<td dir="auto"><mark id="cited">1,5<\/mark><\/td>/);
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
    assert.match(html, /attachments are named, not read/);
  });
});
