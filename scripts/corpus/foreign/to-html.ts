import type { Cell, List } from "../model.ts";
import type { Source, SourcePart } from "./source.ts";

/** A source as a page for a browser to print. */
export function toHtml({ columns, parts, furniture, css = "", fontSize = 10 }: Source): string {
  const boxes = furniture
    ? `@top-center{content:"${furniture.header}";font-size:8pt} @bottom-center{content:"${furniture.footer} " counter(page);font-size:8pt}`
    : "";
  const style = [
    `@page{size:A4;margin:60pt;${boxes}}@page wide{size:A4 landscape}`,
    `body{font:${fontSize}pt/1.35 'DejaVu Serif';margin:0}h1,h2,h3,h4{line-height:1.2}`,
    ".title,.byline,.abstract{column-span:all}.byline{text-align:center}.title{text-align:center}",
    `${columns === 2 ? "main{columns:2;column-gap:22pt;text-align:justify;hyphens:auto}" : ""}`,
    "table{border-collapse:collapse;margin:6pt auto}td,th{padding:2pt 6pt;text-align:left}td+td,th+th{text-align:right}",
    ".grid td,.grid th{border:0.7pt solid}.book{border-top:1pt solid;border-bottom:1pt solid}.book th{border-bottom:0.7pt solid}",
    ".wide{page:wide;break-before:page;break-after:page}.break{break-after:page}",
    ".lines p span{display:inline-block;border-bottom:0.7pt solid;width:260pt}.boxes p span{display:inline-block;border:0.7pt solid;padding:3pt;width:260pt}",
    ".fields p b{display:inline-block;width:140pt;font-weight:normal}.box{display:inline-block;border:0.7pt solid;width:8pt;height:8pt;font-size:8pt;line-height:8pt}",
    "figcaption,caption{font-size:85%;caption-side:top}figure svg{display:block;margin:auto}.formula{text-align:center;font-style:italic}",
    css,
  ];
  return `<!doctype html><html lang="en"><meta charset="utf-8"><title></title><style>${style.join("\n")}</style><main>${parts.map((part) => partOf(part, parts)).join("\n")}</main>`;
}

function partOf(part: SourcePart, parts: readonly SourcePart[]): string {
  switch (part.kind) {
    case "title":
      return `<h1 class="title">${escaped(part.text)}</h1>`;
    case "byline":
      return `<p class="byline">${escaped(part.text)}</p>`;
    case "abstract":
      return `<section class="abstract"><h2>Abstract</h2><p>${escaped(part.text)}</p></section>`;
    case "contents":
      return `<h2>Contents</h2>${parts.flatMap((other) => (other.kind === "heading" ? [`<p style="margin:2pt ${(other.level - 1) * 14}pt;display:flex"><span>${escaped(other.text)}</span><span style="flex:1;overflow:hidden;white-space:nowrap;direction:rtl"> ${" .".repeat(120)}</span><span>7</span></p>`] : [])).join("")}<div class="break"></div>`;
    case "pageBreak":
      return '<div class="break"></div>';
    case "heading":
      return `<h${part.level + 1}>${escaped(part.text)}</h${part.level + 1}>`;
    case "paragraph":
      return `<p>${escaped(part.text)}</p>`;
    case "list":
      return listOf(part);
    case "table":
      return tableOf(part.rows, part.rules, part.caption);
    case "wideTable":
      return `<div class="wide">${tableOf(part.rows, "grid", part.caption)}</div>`;
    case "figure":
      return `<figure><svg width="180" height="80"><path d="M5 5V75H175M5 70L60 40L120 50L170 10" fill="none" stroke="black"/><circle cx="60" cy="40" r="4"/></svg><figcaption>${escaped(part.caption)}</figcaption></figure>`;
    case "equation":
      return `<p class="formula">${escaped(part.tex)}</p>`;
    case "references":
      return `<h2>References</h2>${part.items.map((item, index) => `<p style="margin:2pt 0 2pt 20pt;text-indent:-20pt">[${index + 1}] ${escaped(item)}</p>`).join("")}`;
    case "fields":
      return `<div class="fields ${part.look}">${part.fields.map(([label, value]) => `<p><b>${escaped(label)}</b> <span>${escaped(value)}&nbsp;</span></p>`).join("")}</div>`;
    case "choices":
      return `<p>${escaped(part.label)} ${part.choices.map(([text, isChosen]) => `<span class="box">${isChosen ? "x" : "&nbsp;"}</span> ${escaped(text)} &emsp;`).join("")}</p>`;
  }
}

function listOf({ ordered, items }: List): string {
  const name = ordered ? "ol" : "ul";
  return `<${name}>${items.map(({ text, children }) => `<li>${escaped(text)}${children ? listOf(children) : ""}</li>`).join("")}</${name}>`;
}

function tableOf(rows: readonly (readonly Cell[])[], rules: string, caption: string | undefined): string {
  const body = rows.map((row) => `<tr>${row.map(cellOf).join("")}</tr>`).join("");
  return `<table class="${rules}">${caption === undefined ? "" : `<caption>${escaped(caption)}</caption>`}${body}</table>`;
}

function cellOf({ text, header, cs = 1 }: Cell): string {
  const name = header ? "th" : "td";
  return `<${name}${cs > 1 ? ` colspan="${cs}"` : ""}>${escaped(text)}</${name}>`;
}

function escaped(text: string): string {
  return text.replace(/&/g, "&amp;").replace(/</g, "&lt;");
}
