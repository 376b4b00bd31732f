import { READABLE_FORMATS } from "../document/index.ts";
import { formatBytes } from "./format.ts";

/** "Takes .txt, .md (plain text, Markdown), up to 33.5 MB." */
export function acceptedInWords(limitBytes?: number): string {
  const names = READABLE_FORMATS.map(
    ({ label, extensions }) => `${label} (${extensions.map(dotted).join(" ")})`,
  );
  return `Takes ${names.join(", ")}${limitBytes === undefined ? "" : `, up to ${formatBytes(limitBytes)}`}.`;
}

/** The value of `accept` of a file field: the formats that have a reader. */
export const ACCEPTED_FILES = READABLE_FORMATS.flatMap(({ mediaType, extensions }) => [
  mediaType,
  ...extensions.map(dotted),
]).join(",");

function dotted(extension: string): string {
  return `.${extension}`;
}
