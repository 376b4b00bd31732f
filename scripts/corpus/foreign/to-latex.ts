import type { Cell, List } from "../model.ts";
import type { Source, SourcePart } from "./source.ts";

const COMMANDS = ["section", "subsection", "subsubsection"] as const;

/** A source as a document of LaTeX with nothing but its basic packages. */
export function toLatex({ columns, parts, furniture, preamble = "", fontSize = 10 }: Source): string {
  const [header = "", footer = ""] = [furniture?.header, furniture?.footer].map((text) =>
    escaped(text ?? ""),
  );
  const marks = furniture
    ? `\\makeatletter\\def\\@oddhead{\\small ${header}\\hfil}\\def\\@oddfoot{\\small ${footer}\\hfil\\thepage}\\makeatother`
    : "";
  return [
    `\\documentclass[${fontSize}pt,a4paper${columns === 2 ? ",twocolumn" : ""}]{article}`,
    "\\usepackage[utf8]{inputenc}\\usepackage{pdflscape}\\sloppy",
    preamble,
    marks,
    "\\begin{document}",
    ...frontOf(parts),
    ...parts.map(partOf),
    "\\end{document}",
  ].join("\n");
}

function frontOf(parts: readonly SourcePart[]): string[] {
  const textOf = (kind: "title" | "byline") =>
    parts.flatMap((part) => (part.kind === kind ? [escaped(part.text)] : [])).join(" \\\\ ");
  return textOf("title") === ""
    ? []
    : [
        `\\title{${textOf("title")}}\\author{${textOf("byline")}}\\date{}\\maketitle\\thispagestyle{myheadings}`,
      ];
}

function partOf(part: SourcePart): string {
  switch (part.kind) {
    case "title":
    case "byline":
      return "";
    case "abstract":
      return `\\begin{abstract}\n${escaped(part.text)}\n\\end{abstract}`;
    case "contents":
      return "\\tableofcontents\\clearpage";
    case "pageBreak":
      return "\\clearpage";
    case "heading":
      return headingOf(part.level, part.text);
    case "paragraph":
      return `${escaped(part.text)}${part.note ? `\\footnote{${escaped(part.note)}}` : ""}\n`;
    case "list":
      return listOf(part);
    case "table":
      return floatOf("table", part.caption, tableOf(part.rows, part.rules));
    case "wideTable":
      return `\\clearpage\\begin{landscape}\\noindent ${escaped(part.caption)}\\par\\medskip\\noindent ${tableOf(part.rows, "grid")}\\end{landscape}`;
    case "figure":
      return floatOf(
        "figure",
        part.caption,
        "\\setlength{\\unitlength}{1pt}\\begin{picture}(150,60)\\put(0,0){\\line(1,0){150}}\\put(0,0){\\line(0,1){60}}\\put(0,5){\\line(3,1){140}}\\put(60,30){\\circle{20}}\\end{picture}",
      );
    case "equation":
      return `\\begin{equation}${part.tex}\\end{equation}`;
    case "references":
      return `\\begin{thebibliography}{99}\n${part.items.map((item, index) => `\\bibitem{r${index}} ${escaped(item)}`).join("\n")}\n\\end{thebibliography}`;
    case "fields":
      return part.fields
        .map(([label, value]) =>
          part.look === "lines"
            ? `\\noindent ${escaped(label)} \\underline{\\makebox[8cm][l]{${escaped(value)}}}\\medskip\n`
            : `\\noindent ${escaped(label)} \\framebox[8cm][l]{${escaped(value)}\\strut}\\medskip\n`,
        )
        .join("\n");
    case "choices":
      return `\\noindent ${escaped(part.label)} ${part.choices.map(([text, isChosen]) => `\\framebox{${isChosen ? "x" : "\\phantom{x}"}} ${escaped(text)}`).join("\\quad ")}\n`;
  }
}

/** Numbers are part of the text, and stand before it as LaTeX sets them. */
function headingOf(level: 1 | 2 | 3, text: string): string {
  const command = COMMANDS[level - 1] ?? "section";
  const [, number, words = text] = /^([\d.]+)\s+(.*)$/u.exec(text) ?? [];
  const title = number === undefined ? escaped(words) : `${number}\\quad ${escaped(words)}`;
  const entry = number === undefined ? escaped(words) : `\\protect\\numberline{${number}}${escaped(words)}`;
  return `\\${command}*{${title}}\\addcontentsline{toc}{${command}}{${entry}}`;
}

function listOf({ ordered, items }: List): string {
  const name = ordered ? "enumerate" : "itemize";
  const inner = items.map(
    ({ text, children }) => `\\item ${escaped(text)}${children ? `\n${listOf(children)}` : ""}`,
  );
  return `\\begin{${name}}\n${inner.join("\n")}\n\\end{${name}}`;
}

function floatOf(kind: "table" | "figure", caption: string | undefined, content: string): string {
  if (caption === undefined) return `\\begin{center}${content}\\end{center}`;
  const line = `\\par\\smallskip {\\small ${escaped(caption)}}\\par\\smallskip `;
  return `\\begin{${kind}}[htb]\\centering ${kind === "table" ? line + content : content + line}\\end{${kind}}`;
}

function tableOf(rows: readonly (readonly Cell[])[], rules: "grid" | "book" | "none"): string {
  const cols = Math.max(...rows.map((row) => row.reduce((sum, { cs = 1 }) => sum + cs, 0)));
  const bar = rules === "grid" ? "|" : "";
  const spec = `${bar}${Array.from({ length: cols }, (_, c) => (c === 0 ? "l" : "r")).join(bar)}${bar}`;
  const lines = rows.map((row, index) => {
    const cells = row.map(({ text, cs = 1, header }) => {
      const content = header ? `\\textbf{${escaped(text)}}` : escaped(text);
      return cs > 1 ? `\\multicolumn{${cs}}{${bar}c${bar}}{${content}}` : content;
    });
    const isRuled = rules === "grid" || (rules === "book" && (index === 0 || index === rows.length - 1));
    return `${cells.join(" & ")} \\\\${isRuled ? " \\hline" : ""}`;
  });
  return `\\begin{tabular}{${spec}}${rules === "none" ? "" : "\\hline"}\n${lines.join("\n")}\n\\end{tabular}`;
}

function escaped(text: string): string {
  return text
    .replace(/[\\{}$&#_%^~]/g, (char) =>
      char === "~" ? "\\textasciitilde{}" : char === "^" ? "\\^{}" : `\\${char}`,
    )
    .replace(/−/g, "--");
}
