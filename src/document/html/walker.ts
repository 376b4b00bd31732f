import { marksField } from "../marks.ts";
import { appendBlock, type ParsedDocument } from "../reader.ts";
import type { BlockType, Link, Role } from "../schema.ts";
import type { TextBlock, TextBlocks } from "../text/decoded-text.ts";
import {
  BLOCK_ELEMENTS,
  FALLBACK_ELEMENTS,
  markerOf,
  PREFORMATTED_ELEMENTS,
  SILENT_ELEMENTS,
} from "./elements.ts";
import { Footnotes, MARK_ELEMENTS, noteCalledBy } from "./footnotes.ts";
import { InlineText } from "./inline-text.ts";
import { type HtmlRules, type PageFacts, readPageFacts } from "./page-facts.ts";
import { attributeOf, type HtmlElement, type HtmlText, parseHtml, placeOf, visit } from "./parse.ts";
import { isPermalink } from "./permalink.ts";
import { HtmlTable } from "./table.ts";

/** A list item. `block` is the index of the block with its text, once there is one. */
type Item = { marker: string; block: number | undefined };
type List = { type: string; next: number; step: number };
type Leaf = Extract<BlockType, "heading" | "code" | "caption" | "metadata" | "field"> | "flow" | "cell";

/** What holds for the text directly in an element. */
type Scope = Readonly<{
  leaf: Leaf;
  level: number;
  language: string | undefined;
  role: Role | undefined;
  isOutsideMain: boolean;
  listDepth: number;
  quoteDepth: number;
  list: List | undefined;
  item: Item | undefined;
  /** The item around `item`, or around a quote. */
  outerItem: Item | undefined;
  isInTableHead: boolean;
}>;

const NOWHERE = { start: 0, end: 0 };

/** Reads a whole HTML document or a piece of one into blocks, with the language that its root element declares. */
export function readHtml(source: string, rules: HtmlRules = 4): TextBlocks & Pick<ParsedDocument, "lang"> {
  const document = parseHtml(source);
  const walker = new HtmlWalker(source, readPageFacts(document, rules), rules);
  visit(document, walker);
  return walker.result();
}

/**
 * Builds blocks from the tree in document order. Containers (lists, quotes, sections) make no blocks of their own; they give
 * the blocks inside their type, level and parent, so that blocks stay disjoint.
 */
class HtmlWalker {
  readonly #source: string;
  readonly #facts: PageFacts;
  readonly #rules: HtmlRules;
  readonly #blocks: TextBlock[] = [];
  readonly #warnings: TextBlocks["warnings"] = [];
  readonly #scopes: Scope[];
  #line: InlineText;
  readonly #footnotes = new Footnotes();
  #lang: ParsedDocument["lang"];
  #hasTitle = false;
  #table: HtmlTable | undefined;
  /** How many tables around are open, from the one in `#table` on. */
  #tableDepth = 0;

  constructor(source: string, facts: PageFacts, rules: HtmlRules) {
    this.#source = source;
    this.#facts = facts;
    this.#rules = rules;
    this.#line = new InlineText(source);
    this.#scopes = [
      {
        leaf: "flow",
        level: 0,
        language: undefined,
        role: undefined,
        isOutsideMain: facts.main !== null,
        listDepth: 0,
        quoteDepth: 0,
        list: undefined,
        item: undefined,
        outerItem: undefined,
        isInTableHead: false,
      },
    ];
  }

  result(): TextBlocks & Pick<ParsedDocument, "lang"> {
    this.#flush(this.#scope);
    this.#footnotes.resolve();
    return {
      blocks: this.#blocks,
      warnings: this.#warnings,
      ...(this.#lang === undefined ? {} : { lang: this.#lang }),
    };
  }

  enter = (element: HtmlElement): boolean => {
    const { tagName } = element;
    if (SILENT_ELEMENTS.has(tagName) || (this.#rules > 3 && isPermalink(element))) return false;
    const scope = this.#scopeOf(element, this.#scope);
    if (this.#ownsBlocks(element, scope, this.#scope)) this.#flush(this.#scope);
    else if (BLOCK_ELEMENTS.has(tagName)) this.#endLine(this.#scope, element);
    if (this.#rules > 2) this.#beginMarks(element);
    this.#begin(element, scope);
    this.#scopes.push(scope);
    return true;
  };

  text = (node: HtmlText): void => {
    const scope = this.#scope;
    const place = placeOf(node) ?? NOWHERE;
    if (this.#isBetweenCells(scope)) return;
    if (scope.leaf === "code") this.#line.appendVerbatim(node.value, place);
    else this.#line.append(node.value, place);
  };

  exit = (element: HtmlElement): void => {
    const scope = this.#scopes.pop() ?? this.#scope;
    const { tagName } = element;
    if (tagName === "a" && attributeOf(element, "href") !== undefined) this.#endLink(element);
    const mark = MARK_ELEMENTS[tagName];
    if (mark !== undefined && this.#rules > 2) this.#line.closeMark(mark);
    if (this.#table !== undefined && this.#endInTable(element)) return;
    if (this.#ownsBlocks(element, scope, this.#scope)) this.#flush(scope);
    else if (BLOCK_ELEMENTS.has(tagName)) this.#endLine(scope, element);
  };

  get #scope(): Scope {
    // The scope of the document is never taken off.
    return this.#scopes.at(-1) as Scope;
  }

  #isBetweenCells({ leaf }: Scope): boolean {
    return this.#table !== undefined && leaf !== "cell" && leaf !== "caption";
  }

  /** Whether the text in the element belongs to blocks of its own, as opposed to lines of the block around it. */
  #ownsBlocks({ tagName }: HtmlElement, scope: Scope, outer: Scope): boolean {
    if (this.#table !== undefined) return tagName === "caption" && this.#tableDepth === 1;
    return (
      scope.leaf !== outer.leaf ||
      scope.role !== outer.role ||
      scope.isOutsideMain !== outer.isOutsideMain ||
      scope.item !== outer.item ||
      scope.list !== outer.list ||
      scope.quoteDepth !== outer.quoteDepth ||
      tagName === "table" ||
      tagName === "td" ||
      tagName === "th" ||
      tagName === "dt" ||
      tagName === "dd"
    );
  }

  /** What holds inside an element, given what holds around it. */
  #scopeOf(element: HtmlElement, outer: Scope): Scope {
    const scope = { ...outer, ...this.#roleIn(element, outer) };
    const { tagName } = element;
    // A button stands for itself, also in a heading or an item.
    if (tagName === "button" && this.#table === undefined && outer.leaf !== "code")
      return { ...scope, leaf: "field" };
    if (outer.leaf !== "flow" && outer.leaf !== "cell") return scope;
    if (tagName === "thead") return { ...scope, isInTableHead: true };
    if (this.#table !== undefined) return { ...scope, leaf: leafInTable(tagName, outer.leaf) };
    const level = headingLevelOf(element, this.#rules);
    if (level !== null) return { ...scope, leaf: "heading", level };
    if (PREFORMATTED_ELEMENTS.has(tagName)) return { ...scope, leaf: "code", language: languageOf(element) };
    if (tagName === "figcaption" || tagName === "caption") return { ...scope, leaf: "caption" };
    if (tagName === "title") return { ...scope, leaf: "metadata" };
    if (tagName === "select" || tagName === "textarea") return { ...scope, leaf: "field" };
    if (isList(element, this.#rules))
      return { ...scope, list: listOf(element), listDepth: outer.listDepth + 1 };
    if (isListItem(element, this.#rules))
      return { ...scope, item: itemOf(element, scope.list), outerItem: ownerOf(outer) };
    if (tagName === "blockquote")
      return { ...scope, quoteDepth: outer.quoteDepth + 1, item: undefined, outerItem: ownerOf(outer) };
    return scope;
  }

  #roleIn(element: HtmlElement, outer: Scope): Pick<Scope, "role" | "isOutsideMain"> {
    const isOutsideMain = outer.isOutsideMain && !this.#facts.main?.has(element);
    if (outer.role === "hidden" || isHidden(element)) return { role: "hidden", isOutsideMain };
    if (outer.role === "boilerplate" || this.#facts.boilerplate.has(element))
      return { role: "boilerplate", isOutsideMain };
    return { role: undefined, isOutsideMain };
  }

  /** What the start tag itself says. */
  #begin(element: HtmlElement, scope: Scope): void {
    const { tagName } = element;
    const place = placeOf(element) ?? NOWHERE;
    if (tagName === "html") this.#lang = languageDeclared(element);
    else if (tagName === "title" && scope.leaf === "metadata")
      this.#line.content.appendAs("title: ", place.start, place.end);
    else if (tagName === "br") this.#line.lineBreak(place);
    else if (tagName === "img" || tagName === "area" || (tagName === "input" && isImageInput(element))) {
      if (!this.#isBetweenCells(scope))
        this.#line.appendImage(attributeOf(element, "alt") ?? "", attributeOf(element, "src") ?? "", place);
    } else if (tagName === "a") {
      const target = attributeOf(element, "href");
      if (target === undefined) return;
      if (this.#rules > 1) this.#line.separateLinks(place);
      this.#line.openLink(target);
    } else if (tagName === "table") this.#beginTable(element);
    else if (this.#table !== undefined && this.#tableDepth === 1) this.#beginInTable(tagName);
  }

  #beginMarks(element: HtmlElement): void {
    const mark = MARK_ELEMENTS[element.tagName];
    if (mark !== undefined) this.#line.openMark(mark);
    this.#footnotes.begin(attributeOf(element, "id"));
  }

  #endLink(element: HtmlElement): void {
    const id = this.#rules > 2 ? noteCalledBy(element) : undefined;
    const reference = this.#line.closeLink(id !== undefined);
    if (reference !== undefined && id !== undefined) this.#footnotes.refer(reference, id);
  }

  #beginTable(element: HtmlElement): void {
    if (this.#table !== undefined) this.#tableDepth += 1;
    else if (!this.#facts.layoutTables.has(element)) {
      this.#table = new HtmlTable(this.#source);
      this.#tableDepth = 1;
    }
  }

  #beginInTable(tagName: string): void {
    if (tagName === "tr") this.#table?.startRow();
    else if (tagName === "td" || tagName === "th") this.#renewLine();
  }

  /** A line for text elsewhere in the table. Marks and links around the table hold there too, only not in early versions. */
  #renewLine(): void {
    const links = this.#line.suspendLinks();
    const marks = this.#line.suspendMarks();
    this.#line = new InlineText(this.#source);
    if (this.#rules > 3) this.#goOn(links, marks);
  }

  #goOn(links: readonly string[], marks: ReturnType<InlineText["suspendMarks"]>): void {
    for (const target of links) this.#line.openLink(target, this.#rules > 3);
    for (const [kind, { depth }] of marks) this.#line.openMark(kind, depth);
  }

  /** Ends what belongs to the grid of the open table. Returns false for everything else in it. */
  #endInTable(element: HtmlElement): boolean {
    const { tagName } = element;
    if (tagName === "table") {
      this.#tableDepth -= 1;
      if (this.#tableDepth === 0) this.#finishTable();
      else this.#endLine(this.#scope, element);
      return true;
    }
    if (this.#tableDepth !== 1 || (tagName !== "td" && tagName !== "th")) return false;
    const cell = this.#line;
    this.#renewLine();
    this.#table?.addCell(cell, {
      start: placeOf(element)?.start ?? 0,
      rowspan: spanOf(element, "rowspan"),
      colspan: spanOf(element, "colspan"),
      header: tagName === "th" || this.#scope.isInTableHead,
    });
    return true;
  }

  #finishTable(): void {
    const block = this.#table?.toBlock();
    this.#table = undefined;
    if (!block || block.content.isBlank) return;
    if (!block.table) this.#warnings.push({ code: "table_too_sparse", block: this.#blocks.length });
    this.#add(block, this.#scope);
  }

  /** Ends a line: of a block that has several, or of one that is then complete. */
  #endLine(scope: Scope, element: HtmlElement): void {
    if (this.#isBetweenCells(scope)) return;
    const start = placeOf(element)?.start ?? 0;
    const place = { start, end: start };
    if (scope.leaf === "code") return;
    if (scope.leaf === "field") this.#line.lineBreak(place);
    else if (scope.leaf !== "flow") this.#line.blank(place);
    else if (scope.item !== undefined && scope.item.block === undefined) this.#line.lineBreak(place);
    else this.#flush(scope);
  }

  /** The links of a block in their order. Version 2 kept them beyond the end of code, where a newline is left out. */
  #linksIn({ links }: InlineText, length: number): Link[] {
    const sorted = links.toSorted((a, b) => a.span[0] - b.span[0]);
    if (this.#rules < 3) return sorted;
    return sorted.flatMap(({ span: [from, to], ...link }): Link[] =>
      from < length ? [{ ...link, span: [from, Math.min(to, length)] }] : [],
    );
  }

  /** Makes a block of the text since the last one. */
  #flush(scope: Scope): void {
    const line = this.#line;
    const openLinks = line.suspendLinks();
    const openMarks = line.suspendMarks();
    if (line.content.isEmpty && openLinks.length === 0 && openMarks.length === 0) return;
    this.#line = new InlineText(this.#source);
    this.#goOn(openLinks, openMarks);
    const content = scope.leaf === "code" ? withoutLastNewline(line) : line.content;
    if (!line.hasText && !line.hasImage) return;
    const links = this.#linksIn(line, content.text.length);
    this.#add(
      {
        ...this.#kindOf(line, scope),
        content,
        reasons: [],
        ...(links.length > 0 ? { links } : {}),
        ...marksField(scope.leaf === "code" ? [] : line.marks),
      },
      scope,
    );
  }

  #kindOf(line: InlineText, scope: Scope): Pick<TextBlock, "type" | "level" | "marker" | "language"> {
    const { leaf, level, item, language } = scope;
    if (leaf === "heading") return this.#headingOf(level, scope);
    if (leaf === "code") return { type: "code", ...(language === undefined ? {} : { language }) };
    if (leaf !== "flow" && leaf !== "cell") return { type: leaf };
    if (item !== undefined && item.block === undefined) {
      item.block = this.#blocks.length;
      return { type: "list_item", level: Math.max(scope.listDepth, 1), marker: item.marker };
    }
    if (scope.quoteDepth > 0) return { type: "quote", level: scope.quoteDepth };
    return { type: line.hasText ? "paragraph" : "image" };
  }

  #headingOf(level: number, { role }: Scope): Pick<TextBlock, "type" | "level"> {
    const isTitle = level === 1 && !this.#hasTitle && role === undefined;
    if (isTitle) this.#hasTitle = true;
    return { type: isTitle ? "title" : "heading", level };
  }

  #add(block: TextBlock, scope: Scope): void {
    if (block.content.isBlank) return;
    const role = scope.role ?? (this.#isOutside(block, scope) ? "boilerplate" : undefined);
    if (role !== undefined) block.role = role;
    const index = this.#blocks.length;
    const owner = block.type === "list_item" ? scope.outerItem : ownerOf(scope);
    this.#footnotes.place(index);
    const isInOutline = block.type === "title" || block.type === "heading";
    if (!isInOutline && owner?.block !== undefined && owner.block !== index) block.parent = owner.block;
    appendBlock(this.#blocks, block);
  }

  /** The headline of a page often stands before its main element. */
  #isOutside({ type }: TextBlock, { isOutsideMain }: Scope): boolean {
    return isOutsideMain && type !== "title" && type !== "metadata";
  }
}

function leafInTable(tagName: string, outer: Leaf): Leaf {
  if (tagName === "td" || tagName === "th") return "cell";
  return tagName === "caption" && outer !== "cell" ? "caption" : outer;
}

/** The innermost item around that has a block. */
function ownerOf({ item, outerItem }: Scope): Item | undefined {
  return item?.block === undefined ? outerItem : item;
}

/** Headings by their element, or by a role, as scripts make them of other elements; null for none. */
function headingLevelOf(element: HtmlElement, rules: HtmlRules): number | null {
  if (/^h[1-6]$/.test(element.tagName)) return Number(element.tagName.charAt(1));
  if (rules === 1 || attributeOf(element, "role") !== "heading") return null;
  const level = integerOf(attributeOf(element, "aria-level")) ?? 2;
  return Math.min(Math.max(level, 1), 6);
}

const LIST_ELEMENTS = new Set(["ol", "ul", "menu", "dir"]);

function isList(element: HtmlElement, rules: HtmlRules): boolean {
  return LIST_ELEMENTS.has(element.tagName) || (rules > 1 && attributeOf(element, "role") === "list");
}

function isListItem(element: HtmlElement, rules: HtmlRules): boolean {
  return element.tagName === "li" || (rules > 1 && attributeOf(element, "role") === "listitem");
}

function listOf(element: HtmlElement): List {
  if (element.tagName !== "ol") return { type: "", next: 0, step: 0 };
  const isReversed = attributeOf(element, "reversed") !== undefined;
  const count = isReversed ? element.childNodes.filter(({ nodeName }) => nodeName === "li").length : 1;
  return {
    type: attributeOf(element, "type") ?? "1",
    next: integerOf(attributeOf(element, "start")) ?? count,
    step: isReversed ? -1 : 1,
  };
}

function itemOf(element: HtmlElement, list: List | undefined): Item {
  if (list === undefined || list.step === 0) return { marker: "•", block: undefined };
  list.next = integerOf(attributeOf(element, "value")) ?? list.next;
  const marker = markerOf(list.type, list.next);
  list.next += list.step;
  return { marker, block: undefined };
}

function integerOf(value: string | undefined): number | undefined {
  return value !== undefined && /^\s*-?\d{1,9}/.test(value) ? Number.parseInt(value, 10) : undefined;
}

/** 1 where the attribute is missing or no number. */
function spanOf(element: HtmlElement, name: "rowspan" | "colspan"): number {
  return Math.max(integerOf(attributeOf(element, name)) ?? 1, 0);
}

function isHidden(element: HtmlElement): boolean {
  if (FALLBACK_ELEMENTS.has(element.tagName)) return true;
  if (attributeOf(element, "hidden") !== undefined) return true;
  if (element.tagName === "dialog" && attributeOf(element, "open") === undefined) return true;
  const style = attributeOf(element, "style");
  return style !== undefined && /(?:^|[;\s])(?:display\s*:\s*none|visibility\s*:\s*hidden)/i.test(style);
}

function isImageInput(element: HtmlElement): boolean {
  return attributeOf(element, "type")?.toLowerCase() === "image";
}

/** `language-x` and its relatives in the class of a code block, or of the `code` in it. */
function languageOf(element: HtmlElement): string | undefined {
  const code = element.childNodes.find((child) => child.nodeName === "code");
  const classes = [element, ...(code && "attrs" in code ? [code] : [])].map(
    (e) => attributeOf(e, "class") ?? "",
  );
  const names = classes.join(" ").slice(0, 500);
  return /(?:^|\s)(?:language|lang|brush|highlight-source)[-:]\s*([\w+#.-]+)/i
    .exec(names)?.[1]
    ?.toLowerCase();
}

function languageDeclared(element: HtmlElement): ParsedDocument["lang"] {
  const code = attributeOf(element, "lang")?.trim() ?? "";
  return /^[a-z]{2,8}(?:-[a-z\d]{1,8})*$/i.test(code) ? { code, by: "declared" } : undefined;
}

/** A browser shows no line after the last line ending of preformatted text. */
function withoutLastNewline({ content }: InlineText): InlineText["content"] {
  const end = content.text.replace(/\n$/, "").length;
  return end === content.text.length ? content : content.slice(0, end);
}
