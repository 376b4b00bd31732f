import type { Citation, Memo } from "../schema.ts";

type Quoted = Readonly<{ text: string; cite: Citation }>;

/**
 * A memo as one HTML file without scripts, links or addresses, for people and for printing: each quote with its place in the text of
 * the docir, in UTF-16 units, and at the end the hashes of what it was made from. Takes a memo of any version.
 */
export function writeMemoAsHtml(memo: Memo): string {
  const title = escapeHtml(memo.title?.text ?? "Document without text");
  const { stats } = memo;
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>${title}</title><style>${STYLE}</style></head>
<body>
<h1 dir="auto">${title}</h1>
<p class="quiet">${stats.words} words, ${stats.blocks} blocks, ${stats.bytes} bytes</p>
${[
  section("Key sentences", "ol", memo.keySentences, quote),
  section("Message", "ul", memo.message, named),
  section("Fields", "ul", memo.fields, named),
  section("Columns", "ul", memo.columns, (item) => `${quote(item)}: ${item.filled} × ${item.holds}`),
  section("Totals", "ul", memo.totals, quote),
  section("To review", "ul", memo.review, ({ cite, confidence }) => {
    return `${quote({ text: cite.text, cite })}: confidence ${Math.round(confidence * 100)} %`;
  }),
  section("Figures", "ul", memo.figures, (item) => `${item.kind}: ${quote(item)}`),
  section("Outline", "ul", memo.outline, quote),
].join(
  "",
)}<footer>Document <code>${escapeHtml(memo.docirSha)}</code> · chunks <code>${escapeHtml(memo.chunkIndexSha)}</code></footer>
</body>
</html>
`;
}

const STYLE =
  "body{max-width:70ch;margin:2em auto;padding:0 1em;font:16px/1.5 system-ui,sans-serif}" +
  "h1{font-size:1.6em;line-height:1.2}h2{font-size:1em;margin:1.6em 0 .4em}li{margin:.3em 0}" +
  ".quiet,small,footer{color:#59616b}footer{margin-top:2em;font-size:.8em;overflow-wrap:anywhere}" +
  "@media print{body{margin:0;max-width:none}}";

/** Nothing for an empty list. */
function section<Item>(
  heading: string,
  list: "ol" | "ul",
  items: readonly Item[] | undefined,
  line: (item: Item) => string,
): string {
  if (items === undefined || items.length === 0) return "";
  const lines = items.map((item) => `<li dir="auto">${line(item)}</li>\n`).join("");
  return `<h2>${heading}</h2>\n<${list}>\n${lines}</${list}>\n`;
}

function named({ name, ...item }: Quoted & Readonly<{ name: string }>): string {
  return `<b>${escapeHtml(name)}</b>: ${quote(item)}`;
}

function quote({ text, cite: { span, page } }: Quoted): string {
  const place = `${page === undefined ? "" : `page ${page}, `}${span[0]}–${span[1]}`;
  return `<bdi>${escapeHtml(text)}</bdi> <small>(${place})</small>`;
}

function escapeHtml(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}
