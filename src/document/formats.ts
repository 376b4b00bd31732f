/**
 * The document formats that this program knows by name. Which of them it can read is the table in `readers.ts`. `label` is
 * for people. `text` formats are one stream of characters in some charset; a `package` is a zip archive of XML parts;
 * a `picture` is read with OCR alone.
 */
export const FORMATS = [
  {
    label: "plain text",
    mediaType: "text/plain",
    kind: "text",
    aliases: [],
    extensions: ["txt", "text", "log"],
  },
  {
    label: "Markdown",
    mediaType: "text/markdown",
    kind: "text",
    aliases: ["text/x-markdown", "application/markdown"],
    extensions: ["md", "markdown"],
  },
  {
    label: "HTML",
    mediaType: "text/html",
    kind: "text",
    aliases: ["application/xhtml+xml"],
    extensions: ["html", "htm", "xhtml"],
  },
  {
    label: "CSV",
    mediaType: "text/csv",
    kind: "text",
    aliases: ["application/csv", "text/x-csv", "text/comma-separated-values"],
    extensions: ["csv"],
  },
  {
    label: "TSV",
    mediaType: "text/tab-separated-values",
    kind: "text",
    aliases: ["text/tsv"],
    extensions: ["tsv", "tab"],
  },
  { label: "mail (EML)", mediaType: "message/rfc822", kind: "text", aliases: [], extensions: ["eml"] },
  {
    label: "PDF",
    mediaType: "application/pdf",
    kind: "binary",
    aliases: ["application/x-pdf"],
    extensions: ["pdf"],
  },
  {
    label: "DOCX",
    mediaType: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    kind: "package",
    aliases: [],
    extensions: ["docx"],
  },
  {
    label: "XLSX",
    mediaType: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    kind: "package",
    aliases: [],
    extensions: ["xlsx"],
  },
  {
    label: "PPTX",
    mediaType: "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    kind: "package",
    aliases: [],
    extensions: ["pptx"],
  },
  { label: "PNG", mediaType: "image/png", kind: "picture", aliases: [], extensions: ["png"] },
  {
    label: "JPEG",
    mediaType: "image/jpeg",
    kind: "picture",
    aliases: ["image/jpg"],
    extensions: ["jpg", "jpeg"],
  },
] as const;

export type Format = (typeof FORMATS)[number];

export function findFormat(mediaType: string): Format | null {
  return FORMATS.find((format) => format.mediaType === mediaType) ?? null;
}

/** The format that people call so: by its media type, its label or a file extension, in lower case. */
export function findFormatByName(name: string): Format | null {
  return (
    FORMATS.find(({ mediaType, extensions, aliases, label }) =>
      [mediaType, label.toLowerCase(), ...extensions, ...aliases].some((known) => known === name),
    ) ?? null
  );
}
