import type { BlockType } from "../../schema.ts";
import { type Draft, type DraftWarning, inlineFields } from "../drafts.ts";
import type { Changes, Content, ContentTable, Paragraph, Picture } from "./content.ts";
import { layOutTable, paragraphsOf, tablesOf } from "./lay-out-table.ts";
import type { NoteReference } from "./notes.ts";
import type { Numbering } from "./numbering.ts";
import type { StyleFacts, Styles } from "./styles.ts";

const MAX_HEADING_LEVEL = 6;

type Kind = Pick<Draft, "type" | "level" | "marker">;

/** Where something that hangs on a block is to be found: its footnotes and comments. */
export type Reference = { draft: Draft | undefined };

/** Turns the content of one part into blocks, one piece of content at a time and in order, because lists are counted. */
export class DocxBlocks {
  readonly drafts: Draft[] = [];
  readonly warnings: DraftWarning[] = [];
  /** Footnotes and endnotes in the order of their references. */
  readonly notes: (Reference & { note: NoteReference })[] = [];
  /** The block that each comment refers to, by the comment's id. */
  readonly comments = new Map<string, Reference>();
  /** Pictures without a description: nothing that can be read. */
  readonly undescribed: Draft[] = [];
  /** Paragraphs all of whose text is bold, with its size in half points, 0 where nothing gives one. */
  readonly boldLines = new Map<Draft, number>();
  readonly #part: string;
  readonly #styles: Styles;
  readonly #numbering: Numbering;
  #index = 0;
  /** The last item of each list level, as far as items may still be nested in it. */
  #items: (Draft | undefined)[] = [];

  constructor(part: string, styles: Styles, numbering: Numbering) {
    this.#part = part;
    this.#styles = styles;
    this.#numbering = numbering;
  }

  push(content: Content): void {
    const waiting: { content: Content; parent: Draft | undefined }[] = [{ content, parent: undefined }];
    for (let next = waiting.pop(); next; next = waiting.pop()) {
      const inner =
        next.content.kind === "paragraph"
          ? this.#addParagraph(next.content, next.parent)
          : this.#addTable(next.content, next.parent);
      waiting.push(...inner.reverse());
    }
  }

  /** Returns what comes after the paragraph: its text boxes. */
  #addParagraph(paragraph: Paragraph, parent: Draft | undefined) {
    const { shown, span } = paragraph;
    const kind = this.#kindOf(paragraph);
    const index = this.#nextIndex();
    const src: Draft["src"] = [{ k: "ooxml", part: this.#part, index, span }];
    let draft: Draft | undefined;
    if (shown.text !== "") {
      const { links, marks = [] } = shown;
      const inline = inlineFields({ links, marks: kind.type === "code" ? [] : marks });
      draft = { ...kind, text: shown.text, ...inline, src, reasons: [], parent };
      this.#nest(draft);
      this.drafts.push(draft);
      this.#noteBold(paragraph, draft);
    }
    this.#addExtras(paragraph, src, draft ?? parent);
    return paragraph.textBoxes.flat().map((content) => ({ content, parent }));
  }

  #noteBold({ weight, properties }: Paragraph, draft: Draft): void {
    const { isBold, size } = this.#styles.factsOf(properties.styleId);
    const isAllBold = !weight.hasPlain && (weight.hasUnset ? isBold : weight.hasBold);
    if (isAllBold) this.boldLines.set(draft, weight.size ?? size ?? 0);
  }

  /** Returns the tables inside the cells. Lists go on counting inside of them. */
  #addTable(table: ContentTable, parent: Draft | undefined) {
    const index = this.#nextIndex();
    const { text, table: grid, ...inline } = layOutTable(table, { part: this.#part, index });
    const src: Draft["src"] = [{ k: "ooxml", part: this.#part, index, span: table.span }];
    let draft: Draft | undefined;
    if (text.trim() !== "") {
      draft = { type: "table", text, ...inlineFields(inline), src, reasons: [], parent };
      if (grid) draft.table = grid;
      this.drafts.push(draft);
    }
    this.#items = [];
    const cells = table.rows.filter(({ isDeleted }) => !isDeleted).flatMap((row) => row.cells);
    for (const cell of cells) {
      for (const paragraph of paragraphsOf(cell.content)) {
        this.#kindOf(paragraph);
        const place: Draft["src"] = [{ k: "ooxml", part: this.#part, index, span: paragraph.span }];
        this.#addExtras(paragraph, place, draft ?? parent);
      }
    }
    if (table.rows.some(({ isDeleted }) => isDeleted)) this.#warn({ inserted: false, deleted: true }, draft);
    return cells
      .flatMap((cell) => tablesOf(cell.content))
      .map((content) => ({ content, parent: draft ?? parent }));
  }

  /** What hangs on a paragraph and is not its text. */
  #addExtras(paragraph: Paragraph, src: Draft["src"], draft: Draft | undefined): void {
    for (const picture of paragraph.pictures) this.#addPicture(picture, src, draft);
    if (paragraph.hidden !== "") {
      this.drafts.push({
        type: "paragraph",
        role: "hidden",
        text: paragraph.hidden,
        src,
        reasons: [],
        parent: draft,
      });
    }
    for (const note of paragraph.notes) this.notes.push({ note, draft });
    for (const id of paragraph.comments) this.comments.set(id, { draft });
    this.#warn(paragraph.changes, draft);
  }

  #addPicture({ description, target }: Picture, src: Draft["src"], parent: Draft | undefined): void {
    const text = description || target;
    const draft: Draft = { type: "image", text, src, reasons: [], parent };
    if (target !== "") draft.links = [{ kind: "image", span: [0, text.length], target }];
    if (description === "") this.undescribed.push(draft);
    else this.drafts.push(draft);
  }

  #warn({ inserted, deleted }: Changes, draft: Draft | undefined): void {
    if (inserted) this.warnings.push({ code: "tracked_insertion", draft });
    if (deleted) this.warnings.push({ code: "tracked_deletion_left_out", draft });
  }

  #nextIndex(): number {
    this.#index += 1;
    return this.#index - 1;
  }

  /** What a paragraph is, by its style and its list. Counts it, if it is an item of a list. */
  #kindOf({ properties, isFormula, shown }: Paragraph): Kind {
    const facts = this.#styles.factsOf(properties.styleId);
    const heading = headingLevelOf(properties.outlineLevel, facts);
    const item = this.#countItem(properties, facts);
    if (heading === 0) return { type: "title" };
    if (heading !== null) {
      const level = Math.min(heading, MAX_HEADING_LEVEL);
      return { type: "heading", level, ...(item?.marker ? { marker: item.marker } : {}) };
    }
    if (item && item.marker !== "") return { type: "list_item", ...item };
    if (isFormula) return { type: "formula" };
    const leftList = properties.numId === NO_LIST;
    return kindByRole(leftList && isListRole(facts.role) ? null : facts.role, shown.text);
  }

  #countItem(
    properties: Paragraph["properties"],
    facts: StyleFacts,
  ): { level: number; marker: string } | null {
    const numId = properties.numId ?? facts.numId;
    if (numId === undefined || numId === NO_LIST) return null;
    const listLevel =
      properties.listLevel ?? facts.listLevel ?? this.#numbering.levelOfStyle(numId, properties.styleId);
    const marker = this.#numbering.next(numId, listLevel);
    return marker === null ? null : { level: listLevel + 1, marker };
  }

  /** An item deeper than one before it, with no heading or table in between, is inside of that one. */
  #nest(draft: Draft): void {
    if (draft.type === "heading" || draft.type === "title") this.#items = [];
    if (draft.type !== "list_item") return;
    const level = draft.level ?? 1;
    draft.parent ??= this.#items.slice(0, level).findLast((item) => item !== undefined);
    this.#items.length = level;
    this.#items[level] = draft;
  }
}

/** The list id with which a paragraph leaves the list of its style. */
const NO_LIST = "0";

/** 0 is a title. What the paragraph itself says comes before its style. */
function headingLevelOf(outlineLevel: number | undefined, { headingLevel }: StyleFacts): number | null {
  if (outlineLevel === undefined || headingLevel === 0) return headingLevel;
  return outlineLevel < 9 ? outlineLevel + 1 : null;
}

function isListRole(role: StyleFacts["role"]): boolean {
  return role === "bullet" || role === "number";
}

function kindByRole(role: StyleFacts["role"], text: string): Kind {
  const types: Record<NonNullable<typeof role>, BlockType> = {
    caption: "caption",
    quote: "quote",
    code: "code",
    bullet: "list_item",
    number: "list_item",
  };
  if (role === null || text === "") return { type: "paragraph" };
  const type = types[role];
  if (type === "quote") return { type, level: 1 };
  return type === "list_item" ? { type, level: 1, ...(role === "bullet" ? { marker: "•" } : {}) } : { type };
}
