/** What a document of the corpus says, as its maker knows it. A field that is left out is not scored. */
export type Truth = Readonly<{
  /** The text of the body in reading order, without headers, footers, notes and comments. */
  text?: string;
  /** The main content of a page that also has other text. */
  main?: string;
  headings?: readonly Readonly<{ level: number; text: string }>[];
  listItems?: readonly string[];
  tables?: readonly TruthTable[];
  footnotes?: readonly string[];
  textBoxes?: readonly string[];
  comments?: readonly string[];
  /** Of pages: each must be found, and must not be found in the body. */
  headersAndFooters?: readonly string[];
  /** For sheets: what each cell shows, by its reference. */
  sheets?: readonly Readonly<{ name: string; cells: Readonly<Record<string, string>> }>[];
}>;

/** Rows of cells as they stand in the grid; a place that a merged cell covers is null. */
export type TruthTable = readonly (readonly (string | null)[])[];

export type CorpusDocument = Readonly<{ name: string; mediaType: string; bytes: Uint8Array; truth: Truth }>;
