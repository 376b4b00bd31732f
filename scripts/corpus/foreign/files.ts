import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { CorpusDocument } from "../truth.ts";
import { SOURCES } from "./documents.ts";
import { type Program, truthOfSource } from "./source.ts";

export const FILES = fileURLToPath(new URL("./files/", import.meta.url));

/** Of each source the files that the tests read: together they are of each kind, program and format. */
const KEPT: Readonly<Record<string, readonly string[]>> = {
  "paper-1": ["latex.pdf", "office.docx"],
  "paper-2": ["office.pdf"],
  "paper-3": ["browser.pdf", "office.html"],
  "form-1": ["office.pdf"],
  "form-2": ["browser.pdf", "office.docx"],
  "form-3": ["latex.pdf", "office.html"],
  "report-1": ["browser.pdf", "office.docx"],
  "report-2": ["latex.pdf"],
  "report-3": ["office.pdf"],
};

const MEDIA_TYPES: Readonly<Record<string, string>> = {
  pdf: "application/pdf",
  docx: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
  html: "text/html",
};

/** Whether a file, or any file of a program, is kept. */
export function isKept(source: string, fileOrProgram: string): boolean {
  return (KEPT[source] ?? []).some((file) => file === fileOrProgram || file.startsWith(`${fileOrProgram}.`));
}

/** The documents that other programs typeset from our sources, of one format, with what they say. */
export function readForeignCorpus(format: "pdf" | "docx" | "html", folder = FILES): CorpusDocument[] {
  return SOURCES.flatMap((source) =>
    (["latex", "office", "browser"] satisfies Program[]).flatMap((program) => {
      const name = `${source.name}.${program}.${format}`;
      const path = join(folder, name);
      return existsSync(path)
        ? [
            {
              name,
              mediaType: MEDIA_TYPES[format] ?? "",
              bytes: new Uint8Array(readFileSync(path)),
              truth: truthOfSource(source, program),
            },
          ]
        : [];
    }),
  );
}
