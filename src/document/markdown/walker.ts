import { decodeString } from "micromark-util-decode-string";
import type { Event, Token, TokenizeContext } from "micromark-util-types";
import type { Checkpoint } from "../checkpoint.ts";
import { appendBlock } from "../reader.ts";
import type { TextBlock, TextBlocks } from "../text/decoded-text.ts";
import { splitMarkedLines } from "../text/low-marker.ts";
import { MappedText } from "../text/mapped-text.ts";
import { appendTag, readHtml } from "./html.ts";
import { appendInline, type SourceRange, TOKENS_WITHOUT_TEXT } from "./inline.ts";
import { LinkCollector } from "./links.ts";
import { MarkCollector, type SourceMark } from "./marks.ts";
import type { MarkdownParser } from "./parser.ts";
import { MarkdownTable, type TableToken } from "./table.ts";

/** What is open around the current token. `block` is the index of the block that stands for it, once there is one. */
type Container =
  | { kind: "quote" | "list" }
  | { kind: "item"; marker: string; hasContent: boolean; block: number | undefined }
  | { kind: "footnote"; label: SourceRange | undefined; block: number | undefined };

type LeafKind = "text" | "heading" | "code" | "html" | "separator";

const LEAVES: Readonly<Record<string, LeafKind>> = {
  paragraph: "text",
  atxHeading: "heading",
  setextHeading: "heading",
  codeFenced: "code",
  codeIndented: "code",
  htmlFlow: "html",
  thematicBreak: "separator",
};

type Leaf = {
  kind: LeafKind;
  level: number;
  content: MappedText;
  /** Of a code block, the first word after its opening fence. */
  language: string | undefined;
  /** Line endings of code and HTML wait here for more text, so that none is left at the end. */
  heldBack: SourceRange[];
  /** The next line ending only ends an opening fence. */
  afterFence: boolean;
  hasImage: boolean;
  hasTextBesideImages: boolean;
  isInlineParsed: boolean;
};

const EVENTS_PER_CHECKPOINT = 32;

/**
 * Builds blocks from micromark's tokens, in one pass and without recursion. Containers (quotes, lists, footnotes) make no
 * blocks of their own; they give the blocks inside their type, level and parent, so that blocks stay disjoint.
 */
export class MarkdownWalker {
  readonly #source: string;
  readonly #parser: MarkdownParser;
  readonly #result: TextBlocks;
  readonly #links: LinkCollector;
  /** undefined for an earlier version of the recipe, which kept no marks. */
  readonly #marks: MarkCollector | undefined;
  #containers: Container[] = [];
  #depth = { quote: 0, list: 0, image: 0, textless: 0 };
  #leaf: Leaf | undefined;
  #table: { table: MarkdownTable; cell: MappedText | undefined; isInlineParsed: boolean } | undefined;
  /** The label of the footnote that the present text begins. */
  #footnoteLabel: SourceRange | undefined;
  #sawHeading = false;

  /** Blocks and warnings are appended to `result`. */
  constructor(source: string, parser: MarkdownParser, result: TextBlocks, hasMarks: boolean) {
    this.#source = source;
    this.#parser = parser;
    this.#result = result;
    this.#links = new LinkCollector(source);
    this.#marks = hasMarks ? new MarkCollector(source) : undefined;
  }

  /** Takes the events of the blocks of one window. What is open at its end goes on in no other window. */
  walk(events: readonly Event[], checkpoint: Checkpoint): void {
    for (const [index, [phase, token, context]] of events.entries()) {
      if (index % EVENTS_PER_CHECKPOINT === 0) checkpoint();
      if (phase === "exit") this.#exit(token);
      else if (token.contentType !== "text") this.#enter(token, context);
      else if (!token.previous) this.#walkText(token, context);
    }
    this.#containers = [];
    this.#depth = { quote: 0, list: 0, image: 0, textless: 0 };
  }

  /** After the last window: gives the links of all blocks their targets, and references their footnotes. */
  finish(): void {
    this.#links.resolve(this.#result.blocks);
    this.#marks?.resolve();
  }

  /** Takes the inline events of a text, or the text as it stands where the parser would need too much work. */
  #walkText(first: Token, context: TokenizeContext): void {
    const parsed = this.#parser.parseText(first, context);
    if (parsed === null) {
      this.#takeVerbatim(first);
      return;
    }
    const marks: SourceMark[] = [...parsed.emphases];
    for (const [phase, token] of parsed.events) {
      if (phase === "exit") {
        this.#exit(token);
        continue;
      }
      this.#enter(token, context);
      const mark = this.#marks?.markOf(token.type, rangeOf(token));
      if (mark) marks.push(mark);
    }
    this.#marks?.add(marks);
  }

  #takeVerbatim(first: Token): void {
    const target = this.#leaf?.content ?? this.#table?.cell;
    if (this.#leaf) this.#leaf.isInlineParsed = false;
    if (this.#table) this.#table.isInlineParsed = false;
    for (let token: Token | undefined = first; token; token = token.next) {
      const [start, end] = [token.start.offset, token.end.offset];
      const text = this.#source.slice(start, end).replace(/[\r\n]+$/, "");
      target?.append(start, start + text.length);
      if (start + text.length < end) target?.appendAs("\n", start + text.length, end);
    }
    if (this.#leaf) this.#leaf.hasTextBesideImages = true;
  }

  #enter(token: Token, context: TokenizeContext): void {
    const range = rangeOf(token);
    const type: string = token.type;
    if (type === "definitionLabelString" || type === "definitionDestinationString")
      this.#links.define(type, range);
    if (this.#depth.textless === 0) this.#enterToken(token, range, () => context.sliceSerialize(token));
    else this.#links.enter(type, range);
    if (TOKENS_WITHOUT_TEXT.has(type)) this.#depth.textless += 1;
    const innermost = this.#containers.at(-1);
    if (type === "gfmFootnoteDefinitionLabel" && innermost?.kind === "footnote") innermost.label = range;
    if (type === "codeFencedFenceInfo" && this.#leaf) this.#leaf.language ??= this.#decode(range);
    if (innermost?.kind === "item" && (type === "listItemValue" || type === "listItemMarker"))
      innermost.marker += this.#source.slice(range.start, range.end);
  }

  #exit({ type: tokenType, start, end }: Token): void {
    // A plain string, because the tokens of extensions are not in micromark's own list.
    const type: string = tokenType;
    if (TOKENS_WITHOUT_TEXT.has(type)) this.#depth.textless -= 1;
    this.#links.exit(type);
    if (type === "blockQuote") this.#closeContainer("quote");
    else if (type === "listOrdered" || type === "listUnordered") this.#closeList();
    else if (type === "gfmFootnoteDefinition") this.#closeFootnote();
    else if (type === "image") this.#depth.image -= 1;
    else if (type === "atxHeadingSequence") this.#setLevel(end.offset - start.offset);
    else if (type === "setextHeadingLineSequence") {
      this.#setLevel(this.#source.charAt(start.offset) === "=" ? 1 : 2);
    } else if (type === "codeFencedFence" && this.#leaf) this.#leaf.afterFence = true;
    else if (type === "table") this.#finishTable();
    else if (LEAVES[type]) this.#finishLeaf();
  }

  #enterToken(token: Token, range: SourceRange, serialize: () => string): void {
    const type: string = token.type;
    const kind = LEAVES[type];
    if (kind) this.#startLeaf(kind);
    this.#links.enter(type, range);
    if (this.#table) this.#enterInTable(type, range);
    else if (this.#leaf) this.#enterInLeaf(this.#leaf, type, range, serialize);
    else if (type === "table") this.#startTable(token);
    else this.#enterContainer(type);
  }

  #enterContainer(type: string): void {
    if (type === "blockQuote") {
      this.#depth.quote += 1;
      this.#containers.push({ kind: "quote" });
    } else if (type === "listOrdered" || type === "listUnordered") {
      this.#depth.list += 1;
      this.#containers.push({ kind: "list" });
    } else if (type === "listItemPrefix") {
      this.#closeItem();
      this.#containers.push({ kind: "item", marker: "", hasContent: false, block: undefined });
    } else if (type === "gfmFootnoteDefinition") {
      this.#containers.push({ kind: "footnote", label: undefined, block: undefined });
    }
  }

  #startTable(token: TableToken): void {
    const align = this.#marks ? (token._align ?? []) : [];
    this.#table = { table: new MarkdownTable(this.#source, align), cell: undefined, isInlineParsed: true };
  }

  #closeContainer(kind: "quote" | "list"): void {
    this.#depth[kind] -= 1;
    this.#containers.pop();
  }

  #closeItem(): void {
    if (this.#containers.at(-1)?.kind === "item") this.#containers.pop();
  }

  #closeList(): void {
    this.#closeItem();
    this.#closeContainer("list");
  }

  #closeFootnote(): void {
    this.#addPendingLabels();
    this.#containers.pop();
  }

  #startLeaf(kind: LeafKind): void {
    this.#leaf = {
      kind,
      level: 0,
      content: new MappedText(this.#source),
      language: undefined,
      heldBack: [],
      afterFence: false,
      hasImage: false,
      hasTextBesideImages: false,
      isInlineParsed: true,
    };
  }

  #setLevel(level: number): void {
    // A closing sequence of an ATX heading says nothing new.
    if (this.#leaf && this.#leaf.level === 0) this.#leaf.level = level;
  }

  #enterInTable(type: string, range: SourceRange): void {
    const current = this.#table;
    if (!current) return;
    if (type === "tableRow") current.table.startRow();
    else if (type === "tableHeader" || type === "tableData")
      current.cell = current.table.startCell(range.start);
    else if (current.cell && type === "htmlText") this.#appendInlineHtml(current.cell, range, " ");
    else if (current.cell && (type === "codeTextData" || type === "mathText"))
      current.table.appendVerbatim(current.cell, range);
    else if (current.cell && type !== "lineEnding") appendInline(current.cell, this.#source, type, range);
  }

  #enterInLeaf(leaf: Leaf, type: string, range: SourceRange, serialize: () => string): void {
    if (type === "image") {
      leaf.hasImage = true;
      this.#depth.image += 1;
    }
    if (leaf.kind === "code" || leaf.kind === "html") {
      this.#enterInVerbatim(leaf, type, range, serialize);
      return;
    }
    if (leaf.content.isEmpty) this.#labelFootnote(leaf, range);
    const before = leaf.content.text.length;
    if (type === "htmlText") this.#appendInlineHtml(leaf.content, range, "\n");
    else appendInline(leaf.content, this.#source, type, range);
    if (this.#depth.image === 0 && leaf.content.visibleEnd > before) leaf.hasTextBesideImages = true;
  }

  /** A line break ends a line of a paragraph, and is a blank in a table, where each line is a row. */
  #appendInlineHtml(target: MappedText, range: SourceRange, lineBreak: string): void {
    const name = /^<([a-z][a-z\d-]*)/i.exec(this.#source.slice(range.start, range.end))?.[1]?.toLowerCase();
    if (name === "br") target.appendAs(lineBreak, range.start, range.end);
    else if (name === "img") {
      const html = new MappedText(this.#source);
      html.append(range.start, range.end);
      appendTag(target, html, { name, start: 0, end: html.text.length });
    }
  }

  #enterInVerbatim(leaf: Leaf, type: string, range: SourceRange, serialize: () => string): void {
    if (type === "lineEnding") {
      if (!leaf.afterFence) leaf.heldBack.push(range);
      leaf.afterFence = false;
    } else if (type === "codeFlowValue" || type === "htmlFlowData") {
      for (const lineEnding of leaf.heldBack)
        appendInline(leaf.content, this.#source, "lineEnding", lineEnding);
      leaf.heldBack = [];
      const blanks = blanksOfTab(serialize(), this.#source.slice(range.start, range.end));
      leaf.content.appendAs(blanks, range.start - 1, range.start);
      appendInline(leaf.content, this.#source, type, range);
    }
  }

  /** The first text of a footnote starts with the label that calls for it. */
  #labelFootnote(leaf: Leaf, range: SourceRange): void {
    const innermost = this.#containers.at(-1);
    if (innermost?.kind !== "footnote" || !innermost.label) return;
    const afterColon = innermost.label.end + 1;
    leaf.content.append(innermost.label.start, afterColon);
    leaf.content.appendAs(" ", afterColon, Math.max(afterColon, range.start));
    this.#footnoteLabel = innermost.label;
    innermost.label = undefined;
  }

  #finishLeaf(): void {
    const leaf = this.#leaf;
    this.#leaf = undefined;
    if (!leaf) return;
    const { content, language } = leaf;
    if (leaf.kind === "code")
      this.#add({ type: "code", ...(language ? { language } : {}), content, reasons: [] });
    else if (leaf.kind === "html") this.#finishHtml(content);
    else if (leaf.kind === "separator")
      this.#add({ type: "separator", content: content.trim(), reasons: [] });
    else this.#finishText(leaf);
  }

  #finishHtml(html: MappedText): void {
    const { content, isComment, headingLevel } = readHtml(html, this.#source);
    if (isComment) this.#add({ type: "comment", role: "hidden", content: html, reasons: ["raw_markup"] });
    const placed = headingLevel === undefined ? undefined : this.#placeHeading(headingLevel);
    for (const { content: piece, low } of splitMarkedLines(content.trim())) {
      const reasons: TextBlock["reasons"] = low ? ["low_marker", "raw_markup"] : ["raw_markup"];
      this.#add({ ...(placed ?? { type: "paragraph" }), content: piece, reasons });
    }
  }

  #finishText(leaf: Leaf): void {
    const content = leaf.content.trim();
    if (content.isEmpty && leaf.hasImage) this.#result.warnings.push({ code: "image_without_text" });
    if (!leaf.isInlineParsed)
      this.#result.warnings.push({ code: "inline_markup_not_parsed", block: this.#result.blocks.length });
    for (const { content: piece, low } of splitMarkedLines(content)) {
      const reasons: TextBlock["reasons"] = low ? ["low_marker"] : [];
      if (!leaf.isInlineParsed) reasons.push("not_parsed");
      this.#add({ ...this.#placeText(leaf), content: piece, reasons });
    }
  }

  /** Type and level of text where it stands. A heading inside a container is part of that, not of the outline. */
  #placeText(leaf: Leaf): Pick<TextBlock, "type" | "level"> {
    const innermost = this.#containers.at(-1);
    const heading = leaf.kind === "heading" ? this.#placeHeading(leaf.level) : undefined;
    if (heading) return heading;
    if (innermost?.kind === "item" && innermost.block === undefined) {
      innermost.block = this.#result.blocks.length;
      return { type: "list_item", level: this.#depth.list };
    }
    if (innermost?.kind === "quote") return { type: "quote", level: this.#depth.quote };
    if (innermost?.kind === "footnote") return { type: "footnote" };
    return { type: leaf.hasImage && !leaf.hasTextBesideImages ? "image" : "paragraph" };
  }

  #placeHeading(level: number): Pick<TextBlock, "type" | "level"> | undefined {
    if (this.#containers.length > 0) return undefined;
    const type = level === 1 && !this.#sawHeading ? "title" : "heading";
    this.#sawHeading = true;
    return { type, level };
  }

  #finishTable(): void {
    const current = this.#table;
    const block = current?.table.toBlock();
    this.#table = undefined;
    if (!current || !block) return;
    if (!block.table)
      this.#result.warnings.push({ code: "table_too_sparse", block: this.#result.blocks.length });
    if (!current.isInlineParsed) block.reasons.push("not_parsed");
    this.#add(block);
  }

  #add(block: TextBlock): void {
    if (block.content.isBlank) return;
    this.#addPendingLabels();
    const index = this.#result.blocks.length;
    const parent = this.#containers.findLast(
      (container) =>
        (container.kind === "item" || container.kind === "footnote") &&
        container.block !== undefined &&
        container.block !== index,
    );
    const innermost = this.#containers.at(-1);
    if (innermost?.kind === "item" && !innermost.hasContent) {
      innermost.hasContent = true;
      block.marker = innermost.marker;
    }
    if (parent && "block" in parent && parent.block !== undefined) block.parent = parent.block;
    if (this.#footnoteLabel) this.#marks?.defineFootnote(this.#footnoteLabel, index);
    this.#footnoteLabel = undefined;
    this.#links.take(block, index);
    this.#marks?.place(block);
    appendBlock(this.#result.blocks, block);
  }

  /** A footnote that begins with something other than text has its label in a block of its own. */
  #addPendingLabels(): void {
    for (const container of this.#containers) {
      if (container.kind !== "footnote" || !container.label) continue;
      const content = new MappedText(this.#source);
      content.append(container.label.start, container.label.end + 1);
      this.#marks?.defineFootnote(container.label, this.#result.blocks.length);
      container.label = undefined;
      container.block = this.#result.blocks.length;
      appendBlock(this.#result.blocks, { type: "footnote", content, reasons: [] });
    }
  }

  #decode({ start, end }: SourceRange): string {
    return decodeString(this.#source.slice(start, end));
  }
}

function rangeOf({ start, end }: Token): SourceRange {
  return { start: start.offset, end: end.offset };
}

/** Where only a part of a tab is indentation, the parser puts blanks for the rest before the code. */
function blanksOfTab(serialized: string, source: string): string {
  const extra = serialized.length - source.length;
  return extra > 0 && serialized.endsWith(source) ? serialized.slice(0, extra) : "";
}
