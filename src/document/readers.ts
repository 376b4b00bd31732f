import { csvReader } from "./csv/read-csv.ts";
import { FORMATS, type Format } from "./formats.ts";
import { htmlReader } from "./html/read-html.ts";
import { imageReader } from "./image/read-image.ts";
import { mailReader } from "./mail/read-mail.ts";
import { markdownReader } from "./markdown/read-markdown.ts";
import { docxReader } from "./ooxml/docx/read-docx.ts";
import { pptxReader } from "./ooxml/pptx/read-pptx.ts";
import { xlsxReader } from "./ooxml/xlsx/read-xlsx.ts";
import { earlierPdfReaders, pdfReader } from "./pdf/read-pdf.ts";
import { earlierReader, type Reader } from "./reader.ts";
import { textReader } from "./text/read-text.ts";

/**
 * The reader of each media type. A new format is a folder with its reader and a line here; its names are in `formats.ts`.
 * What the API accepts, what the file box offers and what refusals list follows from this table.
 */
export type Readers = ReadonlyMap<string, Reader>;

export const READERS: Readers = new Map([
  ["text/plain", textReader],
  ["text/markdown", markdownReader],
  ["text/html", htmlReader],
  ["text/csv", csvReader],
  ["text/tab-separated-values", csvReader],
  ["message/rfc822", mailReader],
  ["application/pdf", pdfReader],
  ["application/vnd.openxmlformats-officedocument.wordprocessingml.document", docxReader],
  ["application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", xlsxReader],
  ["application/vnd.openxmlformats-officedocument.presentationml.presentation", pptxReader],
  ["image/png", imageReader],
  ["image/jpeg", imageReader],
]);

/** The readers of earlier versions of recipes, which this program still runs. */
export const EARLIER_READERS: readonly Reader[] = [
  earlierReader(textReader, "2"),
  earlierReader(markdownReader, "3"),
  earlierReader(markdownReader, "4"),
  earlierReader(htmlReader, "1"),
  earlierReader(htmlReader, "2"),
  earlierReader(htmlReader, "3"),
  earlierReader(csvReader, "1"),
  earlierReader(docxReader, "1"),
  earlierReader(docxReader, "2"),
  earlierReader(pptxReader, "1"),
  earlierReader(mailReader, "1"),
  earlierReader(mailReader, "2"),
  ...earlierPdfReaders,
  earlierReader(imageReader, "1"),
  earlierReader(imageReader, "2"),
];

/** The readers for a recipe of an earlier version, which is that of one reader; READERS where it is not given or is no earlier one. */
export function readersOfRecipe(recipe: Readonly<Record<string, unknown>> | undefined): Readers {
  const earlier = EARLIER_READERS.find(
    ({ recipe: own, ocrRecipe = own }) =>
      (own.name === recipe?.name && own.version === recipe.version) ||
      (ocrRecipe.name === recipe?.name && ocrRecipe.version === recipe.version),
  );
  if (earlier === undefined) return READERS;
  return new Map(
    [...READERS].map(([mediaType, reader]) => [
      mediaType,
      reader.recipe.name === earlier.recipe.name ? earlier : reader,
    ]),
  );
}

/** The formats that have a reader, in the order in which people are told of them: without and with OCR. */
export const READABLE_FORMATS: readonly Format[] = FORMATS.filter(
  ({ mediaType }) => READERS.get(mediaType)?.needsOcr === undefined,
);
export const READABLE_FORMATS_WITH_OCR: readonly Format[] = FORMATS;

/** Their names as a list for people: "plain text, Markdown". */
export function readableFormatNames(): string {
  return READABLE_FORMATS.map(({ label }) => label).join(", ");
}
