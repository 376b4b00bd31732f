import type { LinkedText } from "../drafts.ts";
import type { XmlFrame } from "../xml.ts";
import type { Marking } from "./marking.ts";
import type { NoteReference } from "./notes.ts";
import type { ParagraphProperties } from "./styles.ts";

/** The content of a part of a document, as its frames collect it: paragraphs and tables, in order. */
export type Content = Paragraph | ContentTable;

export type Paragraph = {
  kind: "paragraph";
  /** In the decoded part. */
  span: [number, number];
  properties: ParagraphProperties;
  shown: LinkedText;
  /** Text that is formatted as hidden. */
  hidden: string;
  /** What its runs say about bold type. */
  weight: Weight;
  /** Nothing but an equation. */
  isFormula: boolean;
  pictures: Picture[];
  textBoxes: Content[][];
  notes: NoteReference[];
  /** Ids of the comments that refer to it. */
  comments: string[];
  changes: Changes;
  /** Its end is deleted, so the next paragraph continues it. */
  isJoined: boolean;
};

/** Which runs of a paragraph say that they are bold, that they are not, or nothing; and the largest size, in half points, that one gives. */
export type Weight = { hasBold: boolean; hasPlain: boolean; hasUnset: boolean; size: number | undefined };

export type Picture = Readonly<{ description: string; target: string }>;

/** Tracked changes: insertions are read as text, deletions are left out. */
export type Changes = { inserted: boolean; deleted: boolean };

export type ContentTable = {
  kind: "table";
  span: [number, number];
  rows: ContentRow[];
  /** The first row is formatted as a header. */
  hasFirstRow: boolean;
};

export type ContentRow = {
  /** Columns of the grid that the row leaves free at its start. */
  before: number;
  isHeader: boolean;
  isDeleted: boolean;
  cells: ContentCell[];
};

export type ContentCell = {
  span: [number, number];
  columns: number;
  /** Continues the cell above. */
  isContinued: boolean;
  content: Content[];
};

/** What the readers of one part share. */
export type PartContext = Readonly<{
  part: string;
  /** The address of a hyperlink, or the name of a part such as a picture. */
  targetOf: (relationshipId: string | undefined) => string;
  onSection: (section: Section) => void;
  /** null where the recipe has no marks. */
  marking: Marking | null;
  /** Reads paragraphs and tables inside others, such as those of a cell; `onEnd` gets the offset behind them. */
  readStory: (content: Content[], onEnd?: (end: number) => void) => Required<Omit<XmlFrame, "text">>;
}>;

/** The headers and footers that one section refers to. */
export type Section = {
  references: { kind: "header" | "footer"; type: string; id: string }[];
  hasFirstPage: boolean;
};
