import type { Citation, Memo } from "../schema.ts";

type Quoted = Readonly<{ text: string; cite: Citation }>;

/**
 * A memo as Markdown, for people: each sentence and figure with its place in the text of the docir, in UTF-16 units, and its page
 * where there is one. Takes a memo of any version. Ends with a newline.
 */
export function writeMemoAsMarkdown(memo: Memo): string {
  const { title, stats } = memo;
  const facts = [`${stats.words} words`, `${stats.blocks} blocks`, `${stats.bytes} bytes`];
  if (stats.pages !== undefined) facts.unshift(`${stats.pages} pages`);
  const parts = [
    `# ${title === null ? "Document without text" : escapeMarkdown(title.text)}`,
    `${facts.join(", ")}. Each quote has its place in the text of the docir \`${memo.docirSha}\`.`,
    ...(memo.warnings ?? []).map(({ code }) => `Warning: ${escapeMarkdown(code)}`),
    ...section("Key sentences", memo.keySentences, (item, index) => `${index + 1}. ${quote(item)}`),
    ...section("Message", memo.message, named),
    ...section("Fields", memo.fields, named),
    ...section("Columns", memo.columns, (item) => `- ${quote(item)}: ${item.filled} × ${item.holds}`),
    ...section("Totals", memo.totals, bullet),
    ...section("To review", memo.review, ({ cite, reason, confidence }) => {
      const percent = Math.round(confidence * 100);
      return `- ${quote({ text: cite.text, cite })}: ${escapeMarkdown(reason)}, confidence ${percent} %`;
    }),
    ...section("Figures", memo.figures, (item) => `- ${item.kind}: ${quote(item)}`),
    ...section("Outline", memo.outline, (item) => `${indentOf(item.level)}- ${quote(item)}`),
  ];
  return `${parts.join("\n\n")}\n`;
}

/** Nothing for an empty list. */
function section<Item>(
  heading: string,
  items: readonly Item[] | undefined,
  line: (item: Item, index: number) => string,
): string[] {
  return items === undefined || items.length === 0
    ? []
    : [`## ${heading}`, items.map((item, index) => line(item, index)).join("\n")];
}

function bullet(item: Quoted): string {
  return `- ${quote(item)}`;
}

function named({ name, ...item }: Quoted & Readonly<{ name: string }>): string {
  return `- **${escapeMarkdown(name)}**: ${quote(item)}`;
}

function indentOf(level: number): string {
  return "  ".repeat(Math.min(5, Math.max(0, level - 1)));
}

function quote({ text, cite }: Quoted): string {
  const [start, end] = cite.span;
  const place = cite.page === undefined ? `${start}–${end}` : `page ${cite.page}, ${start}–${end}`;
  return `${escapeMarkdown(text)} (${place})`;
}

/** Text on one line, in which no character is markup. */
function escapeMarkdown(text: string): string {
  return text
    .replaceAll(/\s+/g, " ")
    .replaceAll(/[\\`*_{}[\]<>#|~$&]/g, "\\$&")
    .replace(/^(\d{1,9})([.)])/, "$1\\$2")
    .replace(/^[-+=:]/, "\\$&");
}
