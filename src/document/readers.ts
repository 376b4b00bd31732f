import { markdownReader } from "./markdown/read-markdown.ts";
import type { Reader } from "./reader.ts";
import { textReader } from "./text/read-text.ts";

/** The reader of each media type. A new format is a folder with its reader, an entry here and one in `media-type.ts`. */
export type Readers = ReadonlyMap<string, Reader>;

export const READERS: Readers = new Map([
  ["text/plain", textReader],
  ["text/markdown", markdownReader],
]);
