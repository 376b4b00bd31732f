import { createCsvCorpus } from "./csv.ts";
import { DOCX_CORPUS } from "./docx.ts";
import { createHtmlCorpus } from "./html.ts";
import { createMailCorpus } from "./mail.ts";
import { createPdfCorpus } from "./pdf.ts";
import { PPTX_CORPUS } from "./pptx.ts";
import type { CorpusDocument } from "./truth.ts";
import { XLSX_CORPUS } from "./xlsx.ts";

/** The documents of each format. */
export function createCorpora(): Readonly<Record<string, readonly CorpusDocument[]>> {
  return {
    HTML: createHtmlCorpus(),
    CSV: createCsvCorpus(),
    mail: createMailCorpus(),
    PDF: createPdfCorpus(),
    DOCX: DOCX_CORPUS,
    XLSX: XLSX_CORPUS,
    PPTX: PPTX_CORPUS,
  };
}
