import iconv from "iconv-lite";
import { createModel, type List, type Model, type Part, truthOf } from "./model.ts";
import type { CorpusDocument } from "./truth.ts";

type Style = Readonly<{ omitEndTags?: boolean; divs?: boolean; upper?: boolean; entities?: boolean }>;

/** A page of each kind that readers meet, with what a reader should find in it. */
export function createHtmlCorpus(): CorpusDocument[] {
  const page = (name: string, seed: number, write: (model: Model) => string | Uint8Array, isMain = false) => {
    const model = createModel(seed);
    const written = write(model);
    const bytes = typeof written === "string" ? new TextEncoder().encode(written) : written;
    const truth = truthOf(model);
    return isMain
      ? { name, bytes, mediaType: "text/html", truth: withFurniture(truth) }
      : { name, bytes, mediaType: "text/html", truth };
  };
  return [
    page("semantic.html", 1, (model) => `<!doctype html><title>${model.title}</title>\n${bodyOf(model, {})}`),
    page("omitted-tags.html", 2, (model) => `<html lang=de>${bodyOf(model, { omitEndTags: true })}`),
    page("divs-and-spans.html", 3, (model) => `<body>${bodyOf(model, { divs: true }).replaceAll("\n", "")}`),
    page("upper-case-crlf.html", 4, (model) =>
      `<HTML><BODY>\n${bodyOf(model, { upper: true })}`.replaceAll("\n", "\r\n"),
    ),
    page("latin-1.html", 7, (model) =>
      iconv.encode(`<meta charset=iso-8859-1>${bodyOf(model, {})}`, "windows-1252"),
    ),
    page("utf-16.html", 8, (model) =>
      iconv.encode(`<html>${bodyOf(model, {})}`, "utf-16le", { addBOM: true }),
    ),
    page("entities.html", 12, (model) => `<!doctype html>${bodyOf(model, { entities: true })}`),
    page(
      "layout-table.html",
      5,
      (model) =>
        `<html><table width=100%><tr><td valign=top>${bodyOf(model, { omitEndTags: true })}</td></tr></table>`,
    ),
    page("hidden-and-scripts.html", 6, (model) => `<html>${HIDDEN}${bodyOf(model, {})}${HIDDEN}`),
    page("site-with-main.html", 10, siteWithMain, true),
    page("site-with-article.html", 11, siteWithArticle, true),
    page("site-with-classes.html", 16, siteWithClasses, true),
    page("manual-with-links.html", 23, manualWithLinks, true),
    rolesAndModules(),
  ];
}

const HIDDEN =
  "<script>if (a < b) document.write('<p>never shown</p>')</script><style>p::before { content: 'no' }</style>" +
  "<!-- a comment --><p hidden>not shown</p><div style='display:none'><h2>nor this</h2></div><template><p>nor that</p></template>";

const MENU = ["Start", "Produkte", "Kontakt", "Impressum"];
const menu = `<ul>${MENU.map((word) => `<li><a href="/${word}">${word}</a></li>`).join("")}</ul>`;
const FOOTER = "All rights reserved 1999";

/** Menus before and a footer after: text of the page, and none of its main content. */
function withFurniture(truth: ReturnType<typeof truthOf>): CorpusDocument["truth"] {
  const { text, listItems } = truth;
  return {
    ...truth,
    main: text,
    text: `${MENU.join("\n")}\n${text}\n${FOOTER}`,
    listItems: [...MENU, ...listItems],
  };
}

function siteWithMain(model: Model): string {
  return `<!doctype html><html><head><title>${model.title}</title></head><body><header><nav>${menu}</nav></header><main>${bodyOf(model, {})}</main><footer><p>${FOOTER}</p></footer></body></html>`;
}

function siteWithArticle(model: Model): string {
  return `<!doctype html><body><div role="navigation">${menu}</div><article>${bodyOf(model, {})}</article><div role=contentinfo>${FOOTER}</div>`;
}

function siteWithClasses(model: Model): string {
  return `<!doctype html><body><div id="top-nav">${menu}</div><div class="content-wrapper"><div class="post">${bodyOf(model, { divs: true })}</div></div><div class="site-footer"><footer>${FOOTER}</footer></div>`;
}

/** As generators of manuals write it: headings that link to themselves, and menus whose names are one word. */
function manualWithLinks(model: Model): string {
  const body = bodyOf(model, {}).replaceAll(/<\/h\d>/g, '<a class="headerlink" href="#here">¶</a>$&');
  return `<!doctype html><body><div class="topnav">${menu}</div><div class="body">${body}</div><div class="navfooter">${FOOTER}</div>`;
}

export function bodyOf({ parts }: Model, style: Style): string {
  return parts.map((part) => elementOf(part, style)).join("\n");
}

function elementOf(part: Part, style: Style): string {
  const { omitEndTags = false } = style;
  switch (part.kind) {
    case "heading":
      return tag(`h${part.level}`, escapeText(part.text, style), style);
    case "paragraph": {
      const [first = "", ...rest] = part.text.split(" ");
      const text = `<b>${escapeText(first, style)}</b> ${escapeText(rest.join(" "), style)}`;
      if (style.divs) return `<div class="text"><span>${text}</span></div>`;
      return omitEndTags ? `<p>${text}` : tag("p", text, style);
    }
    case "code":
      return `<pre><code class="language-js">${escapeText(part.text, style)}</code></pre>`;
    case "quote":
      return `<blockquote><p>${escapeText(part.text, style)}</p></blockquote>`;
    case "image":
      return `<figure><img src="a.png" alt="${escapeText(part.text, style)}"></figure>`;
    case "caption":
      return `<figure><figcaption>${escapeText(part.text, style)}</figcaption></figure>`;
    case "list":
      return listOf(part, style);
    case "table":
      return tableOf(part.rows, style);
  }
}

function listOf({ ordered, items }: List, style: Style): string {
  const inner = items.map(({ text, children }) => {
    const content = style.divs ? `<p>${escapeText(text, style)}</p>` : escapeText(text, style);
    return `<li>${content}${children ? `\n${listOf(children, style)}` : ""}${style.omitEndTags ? "\n" : "</li>\n"}`;
  });
  return tag(ordered ? "ol" : "ul", inner.join(""), style);
}

function tableOf(rows: Extract<Part, { kind: "table" }>["rows"], style: Style): string {
  const inner = rows.map((row) => {
    const cells = row.map(({ text, rs = 1, cs = 1, header = false }) => {
      const name = header ? "th" : "td";
      const spans = `${rs > 1 ? ` rowspan="${rs}"` : ""}${cs > 1 ? ` colspan="${cs}"` : ""}`;
      const start = `<${name}${spans}>`;
      return `${start}${escapeText(text, style)}${style.omitEndTags ? "" : `</${name}>`}`;
    });
    return `<tr>${cells.join("")}${style.omitEndTags ? "" : "</tr>"}`;
  });
  return tag("table", inner.join("\n"), style);
}

function tag(name: string, inner: string, { upper = false }: Style): string {
  const written = upper ? name.toUpperCase() : name;
  return `<${written}>${inner}</${written}>`;
}

/** All letters beyond ASCII, and some within, as references where the style says so. */
function escapeText(text: string, { entities = false }: Style): string {
  const escaped = text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
  return entities ? escaped.replaceAll(/[^\0-\x7f]|e/gu, (sign) => `&#${sign.codePointAt(0)};`) : escaped;
}

const ROLES = {
  menu: "News Sport Weather",
  main: [
    "Ferry service disrupted after storm",
    "Ferries were cancelled on Tuesday after winds of 110 km/h damaged the pier.",
    "Buses replace the ferry from the northern terminal, where the water is calmer.",
    "What passengers should know",
    "Tickets stay valid for 30 days.",
    "Cars cannot be transported.",
  ],
  furniture: "© 1999 Coast Post",
} as const;

/** A page as component libraries write it: div elements with roles, and names that a build step made. */
function rolesAndModules(): CorpusDocument {
  const [title, first, second, heading, ...items] = ROLES.main;
  const menu = ROLES.menu
    .split(" ")
    .map((word) => `<a href="/${word}">${word}</a>`)
    .join("");
  const list = items.map((item) => `<div role="listitem">${item}</div>`).join("");
  const html = `<!doctype html><div id="root"><div class="SiteNav_links__9f">${menu}</div><div class="Story_body__77"><h1>${title}</h1><div>${first}<br><br>${second}</div><div role="heading" aria-level="3">${heading}</div><div role="list">${list}</div></div><div class="SiteFooter_root__1a">${ROLES.furniture}</div></div>`;
  return {
    name: "roles-and-modules.html",
    mediaType: "text/html",
    bytes: new TextEncoder().encode(html),
    truth: {
      text: [ROLES.menu, ...ROLES.main, ROLES.furniture].join("\n"),
      main: ROLES.main.join("\n"),
      headings: [
        { level: 1, text: title },
        { level: 3, text: heading },
      ],
      listItems: items,
    },
  };
}
