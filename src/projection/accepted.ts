import { READABLE_FORMATS, READABLE_FORMATS_WITH_OCR } from "../document/index.ts";
import { formatBytes } from "./format.ts";

/** "Takes .txt, .md (plain text, Markdown), up to 33.5 MB." */
export function acceptedInWords({
  limitBytes,
  hasOcr = false,
}: Readonly<{ limitBytes?: number; hasOcr?: boolean }> = {}): string {
  const names = formatsWith(hasOcr).map(
    ({ label, extensions }) => `${label} (${extensions.map(dotted).join(" ")})`,
  );
  return `Takes ${names.join(", ")}${limitBytes === undefined ? "" : `, up to ${formatBytes(limitBytes)}`}.`;
}

/** The value of `accept` of a file field: the formats that have a reader. */
export function acceptedFiles(hasOcr: boolean): string {
  return formatsWith(hasOcr)
    .flatMap(({ mediaType, extensions }) => [mediaType, ...extensions.map(dotted)])
    .join(",");
}

function formatsWith(hasOcr: boolean): typeof READABLE_FORMATS {
  return hasOcr ? READABLE_FORMATS_WITH_OCR : READABLE_FORMATS;
}

function dotted(extension: string): string {
  return `.${extension}`;
}
