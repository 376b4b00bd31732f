import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import iconv from "iconv-lite";
import { Failure } from "../../failure.ts";
import { measureSlowness } from "../../testing/machine-speed.ts";
import { checkProperty } from "../../testing/property.ts";
import { buildDocIR, readersOfRecipe } from "../index.ts";
import { assertInvariants, bytesOf, derive, marksOf, textOf } from "../test-kit.ts";

/** Per input. */
const TIME_LIMIT_MS = 30_000 * measureSlowness();

const HTML = "text/html";

/** Type, text and what else is set of each block. */
async function blocksOf(html: string): Promise<unknown[]> {
  const { docir } = await assertInvariants(html, HTML);
  return docir.blocks.map((block) => {
    const { type, level, marker, role, language } = block;
    const rest = JSON.parse(JSON.stringify({ level, marker, role, language }));
    return Object.keys(rest).length === 0 ? [type, textOf(docir, block)] : [type, textOf(docir, block), rest];
  });
}

async function cellsOf(html: string) {
  const { docir } = await assertInvariants(html, HTML);
  const table = docir.blocks.find(({ type }) => type === "table")?.table;
  return table?.cells.map(({ r, c, rs, cs, header, span }) => [
    `${r},${c}${rs > 1 || cs > 1 ? ` ${rs}x${cs}` : ""}${header ? " header" : ""}`,
    docir.text.slice(...span),
  ]);
}

describe("HTML", () => {
  it("is read into headings, paragraphs and the title of the page, with white space as a browser shows it", async () => {
    assert.deepEqual(
      await blocksOf(
        "<title>A &amp; B</title>\n<h1>One <em>two</em></h1> <p>a  b\n c<br> d &lt;e&gt; caf&eacute;&nbsp;x</p>loose<h2>Three</h2>",
      ),
      [
        ["metadata", "title: A & B"],
        ["title", "One two", { level: 1 }],
        ["paragraph", "a b c\nd <e> café\u00a0x"],
        ["paragraph", "loose"],
        ["heading", "Three", { level: 2 }],
      ],
    );
  });

  it("keeps the depth and the markers of lists, and the parents of what is in them", async () => {
    const html =
      "<ul><li>a<ul><li>b</ul>c</li></ul><ol start=3><li>x<li value=9>y</ol><ol type=I reversed><li>p<li>q</ol><ul><li><p>m</p><p>n</p></ul>";
    assert.deepEqual(await blocksOf(html), [
      ["list_item", "a", { level: 1, marker: "•" }],
      ["list_item", "b", { level: 2, marker: "•" }],
      ["paragraph", "c"],
      ["list_item", "x", { level: 1, marker: "3." }],
      ["list_item", "y", { level: 1, marker: "9." }],
      ["list_item", "p", { level: 1, marker: "II." }],
      ["list_item", "q", { level: 1, marker: "I." }],
      ["list_item", "m\nn", { level: 1, marker: "•" }],
    ]);
    const { docir } = await derive(html, HTML);
    assert.deepEqual(
      docir.blocks.slice(1, 3).map(({ parent }) => parent),
      [docir.blocks[0]?.id, docir.blocks[0]?.id],
    );
  });

  it("lays cells out in a grid, with their spans cut to fit", async () => {
    assert.deepEqual(
      await cellsOf(
        "<table><caption>C</caption><thead><tr><th>A<th colspan=99>B</thead><tr><td rowspan=0>1<td>2<td>3<tr><td>4</table>",
      ),
      [
        ["0,0 header", "A"],
        ["0,1 1x2 header", "B"],
        ["1,0 2x1", "1"],
        ["1,1", "2"],
        ["1,2", "3"],
        ["2,1", "4"],
        ["2,2", ""],
      ],
    );
    assert.deepEqual(
      await cellsOf("<table><tr><td rowspan=2>a<td>b<td rowspan=2>c<tr><td colspan=2>d<td>e</table>"),
      [
        ["0,0 2x1", "a"],
        ["0,1", "b"],
        ["0,2 2x1", "c"],
        ["0,3", ""],
        ["1,1", "d"],
        ["1,3", "e"],
      ],
    );
  });

  it("reads a table that only places blocks as those blocks, and a table in a cell as its text", async () => {
    assert.deepEqual(await blocksOf("<table><tr><td><h2>Menu</h2><td><p>Text</p></table>"), [
      ["heading", "Menu", { level: 2 }],
      ["paragraph", "Text"],
    ]);
    assert.deepEqual(await cellsOf("<table><tr><th>a<td>b <table><tr><td>c<td>d</table></table>"), [
      ["0,0 header", "a"],
      ["0,1", "b c d"],
    ]);
  });

  it("keeps quotes, code with its language, captions, fields and the alternative text of images", async () => {
    assert.deepEqual(
      await blocksOf(
        '<blockquote><p>a</p><blockquote>b</blockquote></blockquote><pre><code class="x language-TS">let  a;\r\n\r\nb\n</code></pre>' +
          '<figure><img src=i.png alt=" A  view "><figcaption>Fig.</figcaption></figure><p>x <img src=data:, alt=y> z<select><option>1<option>2</select>',
      ),
      [
        ["quote", "a", { level: 1 }],
        ["quote", "b", { level: 2 }],
        ["code", "let  a;\n\nb", { language: "ts" }],
        ["image", "A view"],
        ["caption", "Fig."],
        ["paragraph", "x y z"],
        ["field", "1\n2"],
      ],
    );
  });

  it("keeps marks, also over blocks and in cells, and the footnotes that raised links call for", async () => {
    const { docir } = await assertInvariants(
      "<h1>A <em>title</em></h1><b><p>Both <strong>bold</strong></p><p> here </p></b><p>x <code> a  b </code><s>old</s><i></i><sup><a href='#n1'>1</a></sup><a href=#n2><sup>2</sup></a><a href=#n1>not</a>" +
        "<pre><b>code</b></pre><table><tr><th>c<td><kbd>d</kbd><sup><a href=#none>3</a></sup></table><ol><li id=n1>First <i>note</i>.<li><p id=n2>Second.</ol>",
      HTML,
    );
    assert.deepEqual(marksOf(docir), [
      "emphasis title",
      "strong Both bold",
      "strong here",
      "code a b",
      "strikethrough old",
      "footnote_reference 1 (1) First note.",
      "footnote_reference 2 (2) Second.",
      "code d",
      "footnote_reference 3 (3) -",
      "emphasis note",
    ]);
    const readers = readersOfRecipe({ name: "jejakekal.html", version: "2" });
    const earlier = await buildDocIR({ bytes: bytesOf("<b>a</b>"), mediaType: HTML, readers });
    assert.equal(earlier.blocks[0]?.marks, undefined);
  });

  it("keeps the marks and links around a table in its cells and behind it", async () => {
    const html =
      "<b>a<a href=/u>l<table><caption>p</caption><tr><td>c <i>d</i><td>e</table>f</a></b><table><td>g</table>";
    const marks = ["strong al", "strong p", "strong c d", "emphasis d", "strong e", "strong f"];
    const { docir } = await assertInvariants(html, HTML);
    assert.deepEqual(marksOf(docir), marks);
    const links = docir.blocks.flatMap(({ links: found = [] }) => found);
    assert.deepEqual(
      links.map(({ span }) => docir.text.slice(...span)),
      ["l", "p", "c d", "e", "f"],
    );
    const readers = readersOfRecipe({ name: "jejakekal.html", version: "3" });
    const earlier = await buildDocIR({ bytes: bytesOf(html), mediaType: HTML, readers });
    assert.deepEqual(marksOf(earlier), ["strong al", "strong p", "emphasis d"]);
  });

  it("leaves out the signs of links to a heading itself, and flags menus by joined names", async () => {
    const html =
      "<div class=navheader><table><tr><td>Prev<td>Next</table></div><div class=sphinxsidebarwrapper><p>Contents</div>" +
      '<h1>Tides<a class=headerlink href="#tides">¶</a></h1><p>Text that is long enough to be most of the page, <a class=permalink href="#x">as here</a>.' +
      "<ul class=topNav><li>Index</ul><p class=navigator>Who steers.";
    const rolesBy = async (version?: string) => {
      const readers = readersOfRecipe(
        version === undefined ? undefined : { name: "jejakekal.html", version },
      );
      const docir = await buildDocIR({ bytes: bytesOf(html), mediaType: HTML, readers });
      return docir.blocks.map(({ span, role = "" }) => [docir.text.slice(...span), role]);
    };
    const text = "Text that is long enough to be most of the page, as here.";
    assert.deepEqual(await rolesBy(), [
      ["Prev\tNext", "boilerplate"],
      ["Contents", "boilerplate"],
      ["Tides", ""],
      [text, ""],
      ["Index", "boilerplate"],
      ["Who steers.", ""],
    ]);
    assert.deepEqual((await rolesBy("3")).slice(0, 3), [
      ["Prev\tNext", ""],
      ["Contents", ""],
      ["Tides¶", ""],
    ]);
  });

  it("takes no part of a page for a menu because its name says that a menu is beside it, or none", async () => {
    const html = ["has-sidebar", "noSidebar", "nosidebar", "post with_toc", "sidebar", "docsidebar"]
      .map((name) => `<div class="${name}"><p>${name}</div>`)
      .join("");
    const { docir } = await assertInvariants(html, HTML);
    const flagged = docir.blocks.filter(({ role }) => role === "boilerplate");
    assert.deepEqual(
      flagged.map(({ span }) => docir.text.slice(...span)),
      ["sidebar", "docsidebar"],
    );
  });

  it("keeps only the innermost of the links that go on in a block or cell, all of them before version 4", async () => {
    const depth = 20;
    const targets = Array.from({ length: depth }, (_, n) => `/${n}`);
    const open = targets.map((target) => `<a href="${target}">w<object>`).join("");
    const html = `${open}<p>p<table>${"<tr><td>c<td>d".repeat(10)}</table>${"</object></a>".repeat(depth)}`;
    const { docir } = await assertInvariants(html, HTML);
    const [last] = targets.slice(-1);
    const linksOf = (one: typeof docir) =>
      one.blocks.map(({ links = [] }) => links.map(({ target }) => target));
    assert.deepEqual(linksOf(docir), [
      targets.slice(0, 1),
      targets.slice(1),
      [last],
      Array.from({ length: 20 }, () => last),
    ]);
    const readers = readersOfRecipe({ name: "jejakekal.html", version: "3" });
    const earlier = await buildDocIR({ bytes: bytesOf(html), mediaType: HTML, readers });
    assert.deepEqual(linksOf(earlier)[2], targets.toReversed());
  });

  it("carries the outer link on where the inner one has ended", async () => {
    const { docir } = await assertInvariants(
      "<a href=/o>a<object><a href=/i><p>b<p>c</p></a><p>d<p>e</object></a>",
      HTML,
    );
    assert.deepEqual(
      docir.blocks.map(({ span, links = [] }) => [
        docir.text.slice(...span),
        ...links.map(({ target }) => target),
      ]),
      [
        ["a", "/o"],
        ["b", "/i"],
        ["c", "/i"],
        ["d", "/o"],
        ["e", "/o"],
      ],
    );
  });

  it("ends a link in code where the code ends", async () => {
    const { docir } = await assertInvariants("<pre><a href=/u><img alt=x src=y>\n", HTML);
    assert.deepEqual(
      docir.blocks[0]?.links?.map(({ kind, span }) => [kind, ...span]),
      [
        ["image", 0, 1],
        ["link", 0, 1],
      ],
    );
  });

  it("keeps where links lead and which words they are, also over blocks", async () => {
    const { docir } = await assertInvariants(
      '<p>a <a href="/x">b c</a>.</p><a href=y><h2>d</h2><p>e</a>',
      HTML,
    );
    assert.deepEqual(
      docir.blocks.map(({ links }) => links?.map(({ span, target }) => [docir.text.slice(...span), target])),
      [[["b c", "/x"]], [["d", "y"]], [["e", "y"]]],
    );
  });

  it("has no text of scripts, styles and templates, and flags what is hidden or on every page", async () => {
    assert.deepEqual(
      await blocksOf(
        "<header>Site</header><nav><ul><li>Home</ul></nav><div class=cookie-banner>Accept</div><h1>T</h1>" +
          `<main><p>${"Words of the page. ".repeat(9)}</p><aside>More</aside></main>` +
          "<p hidden>h</p><div style='color:red; display : none'>i</div><noscript>n</noscript><footer>F</footer>" +
          "<script>s</script><style>s</style><template>t</template>",
      ),
      [
        ["paragraph", "Site", { role: "boilerplate" }],
        ["list_item", "Home", { level: 1, marker: "•", role: "boilerplate" }],
        ["paragraph", "Accept", { role: "boilerplate" }],
        ["title", "T", { level: 1 }],
        ["paragraph", "Words of the page. ".repeat(9).trim()],
        ["paragraph", "More", { role: "boilerplate" }],
        ["paragraph", "h", { role: "hidden" }],
        ["paragraph", "i", { role: "hidden" }],
        ["paragraph", "n", { role: "hidden" }],
        ["paragraph", "F", { role: "boilerplate" }],
      ],
    );
  });

  it("flags nothing of a page in which nothing marks the main content", async () => {
    const { docir } = await derive("<div class=sidebar><h1>a</h1><p>b</p></div><p>c", HTML);
    assert.deepEqual(
      docir.blocks.map(({ role }) => role),
      [undefined, undefined, undefined],
    );
  });

  it("reads text that the parser moves out of a table once, with its place in the source", async () => {
    const { docir } = await assertInvariants("<table>out<tr><td>in<td>side</table>", HTML);
    assert.deepEqual(
      docir.blocks.map((block) => [textOf(docir, block), block.src]),
      [
        ["out", [{ k: "bytes", span: [7, 10] }]],
        ["in\tside", [{ k: "bytes", span: [18, 28] }]],
      ],
    );
  });

  it("decodes by what the document declares, after UTF-8 was tried, and takes the language of its root", async () => {
    const page = (meta: string) => `<!doctype html><html lang="ja"><head>${meta}</head><p>日本語`;
    for (const meta of [
      "<meta charset=shift_jis>",
      "<meta http-equiv=Content-Type content='text/html; charset=Shift_JIS'>",
    ]) {
      const { docir } = await assertInvariants(iconv.encode(page(meta), "shift_jis"), HTML);
      assert.deepEqual([docir.text, docir.source.charsetBy], ["日本語", "declared"], meta);
      assert.deepEqual(docir.lang, { code: "ja", by: "declared" });
    }
    const { docir } = await derive(page("<meta charset=shift_jis>"), HTML);
    assert.deepEqual([docir.text, docir.source.charset], ["日本語", "utf-8"]);
    const wide = "<meta charset=utf-16><p>caf\u00e9";
    assert.equal((await derive(iconv.encode(wide, "latin1"), HTML)).docir.source.charset, "windows-1252");
  });
});

const SCRAPS = (
  "<p>|</p>|<div>|</div>|<ul>|</ul>|<ol start=2>|</ol>|<li>|</li>|<table>|</table>|<tr>|<td>|<td rowspan=2>|<td colspan=3>|<th>|</td>|" +
  "<caption>|<thead>|<h1>|</h1>|<h2>|</h2>|<pre>|</pre>|<blockquote>|</blockquote>|<a href=x>|</a>|<b>|</b>|<i>|</i>|<br>|<img alt=pic src=s>|" +
  "<nav>|</nav>|<main>|</main>|<div hidden>|<script>|</script>|<!--|-->|<title>|</title>|<svg>|</svg>|<select>|<option>|</select>|" +
  '<template>|</template>|<textarea>|</textarea>|<plaintext>|&amp;|&|&#150;|&#0;|&#xD800;|&notit;|&lt;b&gt;|a|word |  |\n|\r\n|\r|\0|é|漢字|👩‍👩‍👧|\ufeff|<|>|"|</|<!doctype html>'
).split("|");

describe("hostile HTML", () => {
  it("holds every invariant, whatever its tags are", { timeout: 120_000 }, async () => {
    const inputs = fc.array(fc.constantFrom(...SCRAPS), { maxLength: 60 }).map((scraps) => scraps.join(""));
    await checkProperty(inputs, { runs: 400, seed: 12 }, async (html) => {
      await assertInvariants(html, HTML);
    });
  });

  const LARGE: Record<string, string> = {
    "a thousand nested elements": `${"<div>".repeat(1_000)}x`,
    "nested lists": `${"<ul><li>a".repeat(1_000)}`,
    "nested quotes": `${"<blockquote>".repeat(1_000)}x`,
    "open formatting over paragraphs": `${Array.from({ length: 300 }, (_, n) => `<b id=${n}>`).join("")}${"<p>x".repeat(300)}`,
    "fifty thousand cells": `<table>${`<tr>${"<td>1".repeat(50)}`.repeat(1_000)}</table>`,
    "wide spans": `<table>${"<tr><td colspan=1000 rowspan=65534>x<td>y".repeat(500)}</table>`,
    "text moved out of a table": `<table>${"x<tr>".repeat(10_000)}`,
    "an endless tag": `<p ${Array.from({ length: 50_000 }, (_, n) => `a${n}`).join(" ")}>x`,
    "open comments": "<!-- a\n".repeat(50_000),
    entities: "&amp;&lt;".repeat(50_000),
    "a megabyte of words": "<p>The quick brown fox. ".repeat(45_000),
  };
  for (const [name, html] of Object.entries(LARGE)) {
    it(`gives a sound result in bounded time for ${name}`, { timeout: TIME_LIMIT_MS }, async () => {
      await assertInvariants(html, HTML);
    });
  }

  it("is refused with a typed failure where it is too deep or grows without bounds", {
    timeout: 2 * TIME_LIMIT_MS,
  }, async () => {
    for (const html of [
      "<div>".repeat(10_000),
      `${Array.from({ length: 2_000 }, (_, n) => `<div><b id=${n}></div>`).join("")}`,
    ])
      await assert.rejects(
        derive(html, HTML),
        (error) => error instanceof Failure && error.code === "payload_too_large",
      );
  });
});

describe("a citation of HTML", () => {
  it("names the bytes that are its quote, or those around it where markup stands in between", async () => {
    const html =
      "<title>Kosten</title><p>Für <b>é</b> kostet es 1,200 € im Jahr 2024.<p>A <i>split</i> 3,<b>400</b> €.";
    const { memo, docir } = await assertInvariants(html, HTML);
    const bytes = Buffer.from(html);
    const cites = memo.figures.map(({ cite }) => cite);
    assert.ok(
      cites.some(({ srcBytes }) => srcBytes !== undefined) && cites.some(({ src }) => src !== undefined),
    );
    for (const { srcBytes, src, quote } of cites) {
      const [anchor] = src ?? [];
      if (srcBytes) assert.equal(bytes.subarray(...srcBytes).toString(), quote);
      else
        assert.ok(
          anchor?.k === "bytes" && /3,<b>400<\/b> €/.test(bytes.subarray(...anchor.span).toString()),
          quote,
        );
    }
    assert.equal(docir.blocks[1]?.runBytes?.length, docir.blocks[1]?.runs?.length);
  });
});
