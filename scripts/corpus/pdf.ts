import { readFileSync } from "node:fs";
import { truthOf } from "./model.ts";
import { PRINTS, type Print } from "./pdf-prints.ts";
import type { CorpusDocument, Truth } from "./truth.ts";

const MEDIA_TYPE = "application/pdf";

/** Pages that Chromium printed from HTML of ours (`print-pdf.ts`), each with what it says. */
export function createPdfCorpus(): CorpusDocument[] {
  return PRINTS.map((print) => ({
    name: `${print.name}.pdf`,
    mediaType: MEDIA_TYPE,
    bytes: readFileSync(new URL(`./pdf/${print.name}.pdf`, import.meta.url)),
    truth: truthOfPrint(print),
  }));
}

/** Of what a page says only what occurs in it: a page without tables must not have one. */
function truthOfPrint({ parts, furniture }: Print): Truth {
  const { text, headings, listItems, tables } = truthOf({ title: "", parts });
  const shown = [furniture?.header ?? "", furniture?.footer ?? ""].filter((line) => line !== "");
  return { text, headings, listItems, tables, ...(shown.length > 0 && { headersAndFooters: shown }) };
}
