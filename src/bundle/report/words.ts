/**
 * The words of `report.html` for names of this program. They are part of the layout of the report, so they belong to it: other pages can
 * change theirs without a change of the report.
 */

const STEPS: Readonly<Record<string, string>> = {
  prepare: "stores the document as it was received",
  "DBOS.sleep": "waits for the time that the request gave",
  docir: "reads the document into blocks of text",
  "chunk-index": "cuts the text into chunks",
  memo: "quotes sentences and figures",
  "side-effect": "announces the run once",
  finalize: "checks that all artifacts are stored",
};

const ARTIFACTS: Readonly<Record<string, string>> = {
  raw: "the document as it was received, byte for byte",
  docir: "the text of the document in blocks, each with its place in the document",
  "chunk-index": "the same text in chunks for search",
  memo: "the quoted sentences and figures, with their citations",
};

const EVENTS: Readonly<Record<string, string>> = {
  accepted: "The request was accepted",
  deduplicated: "The same request came again",
  started: "A node began to execute the run",
  attempt_failed: "An attempt at a step failed",
  recovered: "A node went on with the interrupted run",
  cancelled: "The run was cancelled",
  resumed: "The run was resumed",
  forked: "Another run was forked from this one",
  finished: "The run ended",
  exported: "A bundle was exported",
  reviewed: "A person decided about a passage",
  erased: "The document was erased",
};

const DETAILS: Readonly<Record<string, string>> = {
  artifact_set_digest: "digest of the artifacts",
  bytes: "bytes",
  payload_sha256: "sha256 of the request",
  sleep_ms: "waits ms",
  via: "by way of",
};

const EFFECTS: Readonly<Record<string, string>> = {
  receipt: "a record in the database",
  webhook: "a message to another system",
};

const REASONS: Readonly<Record<string, string>> = {
  low_marker: "marked [low] by the author",
  replacement_character: "characters were lost in decoding",
  private_use_glyph: "private-use characters",
  charset_fallback: "the charset is a guess",
  control_character: "control characters",
  image_without_text: "a picture without a description",
  ambiguous_columns: "the columns of the table are a guess",
  raw_markup: "markup is shown as text",
};

export const stepInWords = (name: string): string => STEPS[name] ?? "";
export const artifactInWords = (id: string): string => ARTIFACTS[id] ?? "";
export const eventInWords = (kind: string): string => EVENTS[kind] ?? kind.replaceAll("_", " ");
export const detailInWords = (key: string): string => DETAILS[key] ?? key.replaceAll("_", " ");
export const effectInWords = (kind: string): string => EFFECTS[kind] ?? kind;
export const reasonInWords = (code: string): string => REASONS[code] ?? code.replaceAll("_", " ");
