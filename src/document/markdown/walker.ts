import type { postprocess } from "micromark";
import { appendBlock } from "../reader.ts";
import type { TextBlock, TextBlocks } from "../text/decoded-text.ts";
import { splitMarkedLines } from "../text/low-marker.ts";
import { MappedText } from "../text/mapped-text.ts";
import { SILENT, type SourceRange, writeInline } from "./inline.ts";
import { MarkdownTable, writeCellCode } from "./table.ts";

type Event = ReturnType<typeof postprocess>[number];
type Token = Event[1];

/** What is open around the current token. `block` is the index of an item's own block, once it has one. */
type Container =
  | { kind: "quote" | "list" }
  | { kind: "item"; block: number | undefined }
  | { kind: "footnote"; label: SourceRange | undefined };

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
  /** Line endings of code and HTML wait here for more text, so that none is left at the end. */
  heldBack: SourceRange[];
  /** The next line ending only ends an opening fence. */
  afterFence: boolean;
  hasImage: boolean;
  hasTextBesideImages: boolean;
};

/**
 * Builds blocks from micromark's tokens, in one pass and without recursion. Containers (quotes, lists, footnotes) make no
 * blocks of their own; they give the blocks inside their type, level and parent, so that blocks stay disjoint.
 */
export class MarkdownWalker {
  readonly #source: string;
  #base = 0;
  readonly #result: TextBlocks;
  readonly #containers: Container[] = [];
  readonly #depth = { quote: 0, list: 0, image: 0, silent: 0 };
  #leaf: Leaf | undefined;
  #table: { table: MarkdownTable; cell: MappedText | undefined } | undefined;
  #sawHeading = false;

  /** Blocks and warnings are appended to `result`. */
  constructor(source: string, result: TextBlocks) {
    this.#source = source;
    this.#result = result;
  }

  /** Takes in all tokens of a part of the source that starts at `base`. */
  walk(events: readonly Event[], base: number): void {
    this.#base = base;
    for (const [phase, token] of events) {
      if (phase === "enter") this.#enter(token);
      else this.#exit(token);
    }
  }

  #enter({ type, start, end }: Token): void {
    const range = { start: this.#base + start.offset, end: this.#base + end.offset };
    if (this.#depth.silent === 0) this.#enterAudible(type, range);
    if (SILENT.has(type)) this.#depth.silent += 1;
    const innermost = this.#containers.at(-1);
    if (type === "gfmFootnoteDefinitionLabel" && innermost?.kind === "footnote") innermost.label = range;
  }

  #exit({ type: tokenType, start, end }: Token): void {
    // A plain string, because the tokens of extensions are not in micromark's own list.
    const type: string = tokenType;
    if (SILENT.has(type)) this.#depth.silent -= 1;
    if (type === "blockQuote") this.#closeContainer("quote");
    else if (type === "listOrdered" || type === "listUnordered") this.#closeList();
    else if (type === "gfmFootnoteDefinition") this.#containers.pop();
    else if (type === "image") this.#depth.image -= 1;
    else if (type === "atxHeadingSequence") this.#setLevel(end.offset - start.offset);
    else if (type === "setextHeadingLineSequence") {
      this.#setLevel(this.#source.charAt(this.#base + start.offset) === "=" ? 1 : 2);
    } else if (type === "codeFencedFence" && this.#leaf) this.#leaf.afterFence = true;
    else if (type === "table") this.#finishTable();
    else if (LEAVES[type]) this.#finishLeaf();
  }

  #enterAudible(type: string, range: SourceRange): void {
    const kind = LEAVES[type];
    if (kind) this.#startLeaf(kind);
    if (this.#table) this.#enterInTable(type, range);
    else if (this.#leaf) this.#enterInLeaf(this.#leaf, type, range);
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
      this.#containers.push({ kind: "item", block: undefined });
    } else if (type === "gfmFootnoteDefinition") {
      this.#containers.push({ kind: "footnote", label: undefined });
    } else if (type === "table") {
      this.#table = { table: new MarkdownTable(this.#source), cell: undefined };
    }
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

  #startLeaf(kind: LeafKind): void {
    this.#leaf = {
      kind,
      level: 0,
      content: new MappedText(this.#source),
      heldBack: [],
      afterFence: false,
      hasImage: false,
      hasTextBesideImages: false,
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
    else if (current.cell && type === "codeTextData") writeCellCode(current.cell, this.#source, range);
    else if (current.cell && type !== "lineEnding") writeInline(current.cell, this.#source, type, range);
  }

  #enterInLeaf(leaf: Leaf, type: string, range: SourceRange): void {
    if (type === "image") {
      leaf.hasImage = true;
      this.#depth.image += 1;
    }
    if (leaf.kind === "code" || leaf.kind === "html") {
      this.#enterInVerbatim(leaf, type, range);
      return;
    }
    if (leaf.content.isEmpty) this.#labelFootnote(leaf, range);
    const before = leaf.content.text.length;
    writeInline(leaf.content, this.#source, type, range);
    if (this.#depth.image === 0 && leaf.content.text.slice(before).trim() !== "")
      leaf.hasTextBesideImages = true;
  }

  #enterInVerbatim(leaf: Leaf, type: string, range: SourceRange): void {
    if (type === "lineEnding") {
      if (!leaf.afterFence) leaf.heldBack.push(range);
      leaf.afterFence = false;
    } else if (type === "codeFlowValue" || type === "htmlFlowData") {
      for (const lineEnding of leaf.heldBack)
        writeInline(leaf.content, this.#source, "lineEnding", lineEnding);
      leaf.heldBack = [];
      writeInline(leaf.content, this.#source, type, range);
    }
  }

  /** The first text of a footnote starts with the label that calls for it. */
  #labelFootnote(leaf: Leaf, range: SourceRange): void {
    const innermost = this.#containers.at(-1);
    if (innermost?.kind !== "footnote" || !innermost.label) return;
    const afterColon = innermost.label.end + 1;
    leaf.content.append(innermost.label.start, afterColon);
    leaf.content.appendAs(" ", afterColon, Math.max(afterColon, range.start));
    innermost.label = undefined;
  }

  #finishLeaf(): void {
    const leaf = this.#leaf;
    this.#leaf = undefined;
    if (!leaf) return;
    if (leaf.kind === "code") this.#add({ type: "code", content: leaf.content, reasons: [] });
    else if (leaf.kind === "html")
      this.#add({ type: "code", content: leaf.content, reasons: ["raw_markup"] });
    else if (leaf.kind === "separator")
      this.#add({ type: "separator", content: leaf.content.trim(), reasons: [] });
    else this.#finishText(leaf);
  }

  #finishText(leaf: Leaf): void {
    const content = leaf.content.trim();
    if (content.isEmpty && leaf.hasImage) this.#result.warnings.push({ code: "image_without_text" });
    for (const { content: piece, low } of splitMarkedLines(content)) {
      this.#add({ ...this.#placeText(leaf), content: piece, reasons: low ? ["low_marker"] : [] });
    }
  }

  /** Type and level of text where it stands. A heading inside a container is part of that, not of the outline. */
  #placeText(leaf: Leaf): Pick<TextBlock, "type" | "level"> {
    const innermost = this.#containers.at(-1);
    if (leaf.kind === "heading" && !innermost) {
      const type = leaf.level === 1 && !this.#sawHeading ? "title" : "heading";
      this.#sawHeading = true;
      return { type, level: leaf.level };
    }
    if (innermost?.kind === "item" && innermost.block === undefined) {
      innermost.block = this.#result.blocks.length;
      return { type: "list_item", level: this.#depth.list };
    }
    if (innermost?.kind === "quote") return { type: "quote", level: this.#depth.quote };
    if (innermost?.kind === "footnote") return { type: "footnote" };
    return { type: leaf.hasImage && !leaf.hasTextBesideImages ? "image" : "paragraph" };
  }

  #finishTable(): void {
    const block = this.#table?.table.toBlock();
    this.#table = undefined;
    if (!block) return;
    if (!block.table)
      this.#result.warnings.push({ code: "table_too_sparse", block: this.#result.blocks.length });
    this.#add(block);
  }

  #add(block: TextBlock): void {
    if (block.content.isBlank) return;
    const index = this.#result.blocks.length;
    const parent = this.#containers.findLast(
      (container) => container.kind === "item" && container.block !== undefined && container.block !== index,
    );
    if (parent?.kind === "item" && parent.block !== undefined) block.parent = parent.block;
    appendBlock(this.#result.blocks, block);
  }
}
