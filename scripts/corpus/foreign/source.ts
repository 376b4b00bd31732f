import type { Cell, List } from "../model.ts";
import type { Truth } from "../truth.ts";

/** A part of a document that other programs typeset. Numbers of headings, tables and figures are part of their texts. */
export type SourcePart =
  | Readonly<{ kind: "title" | "byline" | "abstract"; text: string }>
  | Readonly<{ kind: "contents" | "pageBreak" }>
  | Readonly<{ kind: "heading"; level: 1 | 2 | 3; text: string }>
  /** The note stands at the foot of the page. */
  | Readonly<{ kind: "paragraph"; text: string; note?: string }>
  | List
  | Readonly<{ kind: "table"; rows: readonly (readonly Cell[])[]; rules: Rules; caption?: string }>
  /** On a page of its own that is turned. */
  | Readonly<{ kind: "wideTable"; rows: readonly (readonly Cell[])[]; caption: string }>
  | Readonly<{ kind: "figure"; caption: string }>
  /** In the language of TeX. What a formula says is not scored. */
  | Readonly<{ kind: "equation"; tex: string }>
  | Readonly<{ kind: "references"; items: readonly string[] }>
  /** A label before each line or box to be filled in. */
  | Readonly<{
      kind: "fields";
      fields: readonly (readonly [label: string, value: string])[];
      look: "lines" | "boxes";
    }>
  | Readonly<{
      kind: "choices";
      label: string;
      choices: readonly (readonly [text: string, isChosen: boolean])[];
    }>;

/** The lines of a table: around each cell, above and below the header and at the end, or none. */
export type Rules = "grid" | "book" | "none";

/** LaTeX, LibreOffice, Chromium. The last one prints no footnotes. */
export type Program = "latex" | "office" | "browser";

export type Source = Readonly<{
  name: string;
  columns: 1 | 2;
  parts: readonly SourcePart[];
  furniture?: Readonly<{ header: string; footer: string }>;
  /** Further rules of the browser, and commands of TeX before the document. */
  css?: string;
  preamble?: string;
  fontSize?: 9 | 10 | 11 | 12;
}>;

/** What a reader should find in a source, whichever program typeset it. */
export function truthOfSource({ parts, furniture }: Source, program: Program): Truth {
  const footnotes =
    program === "browser"
      ? []
      : parts.flatMap((part) => (part.kind === "paragraph" && part.note ? [part.note] : []));
  return {
    text: parts.flatMap((part) => textsOf(part, parts)).join("\n"),
    headings: parts.flatMap((part) => {
      if (part.kind === "title") return [{ level: 0, text: part.text }];
      if (part.kind === "heading") return [{ level: part.level, text: part.text }];
      if (part.kind === "abstract") return [{ level: 1, text: "Abstract" }];
      if (part.kind === "references") return [{ level: 1, text: "References" }];
      return part.kind === "contents" ? [{ level: 1, text: "Contents" }] : [];
    }),
    listItems: parts.flatMap((part) => {
      if (part.kind === "list") return itemsOf(part);
      return part.kind === "references" ? part.items : [];
    }),
    tables: parts.flatMap((part) =>
      part.kind === "table" || part.kind === "wideTable"
        ? [part.rows.map((row) => row.map(({ text }) => text))]
        : [],
    ),
    ...(footnotes.length > 0 && { footnotes }),
    ...(furniture && {
      headersAndFooters: [furniture.header, furniture.footer].filter((text) => text !== ""),
    }),
  };
}

function textsOf(part: SourcePart, parts: readonly SourcePart[]): string[] {
  switch (part.kind) {
    case "abstract":
      return ["Abstract", part.text];
    case "contents":
      return ["Contents", ...parts.flatMap((other) => (other.kind === "heading" ? [other.text] : []))];
    case "pageBreak":
    case "equation":
      return [];
    case "list":
      return itemsOf(part);
    case "table":
    case "wideTable":
      return [part.caption ?? "", ...part.rows.map((row) => row.map(({ text }) => text).join(" "))];
    case "figure":
      return [part.caption];
    case "references":
      return ["References", ...part.items];
    case "fields":
      return part.fields.map(([label, value]) => `${label} ${value}`);
    case "choices":
      return [part.label, ...part.choices.map(([text]) => text)];
    default:
      return [part.text];
  }
}

function itemsOf({ items }: List): string[] {
  return items.flatMap(({ text, children }) => [text, ...(children ? itemsOf(children) : [])]);
}
