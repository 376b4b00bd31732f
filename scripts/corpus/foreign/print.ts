/**
 * Typesets the sources with LaTeX, LibreOffice and Chromium. Needs pdflatex, soffice, chromium and the DejaVu fonts.
 *
 *   bun scripts/corpus/foreign/print.ts           the files that the tests read, into files/
 *   bun scripts/corpus/foreign/print.ts FOLDER    every source by every program
 *
 * The files are kept, because other versions of the programs write other bytes.
 */
import { execFileSync } from "node:child_process";
import { copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolder } from "../../../src/testing/paths.ts";
import { SOURCES } from "./documents.ts";
import { FILES, isKept } from "./files.ts";
import type { Program, Source } from "./source.ts";
import { toFodt } from "./to-fodt.ts";
import { toHtml } from "./to-html.ts";
import { toLatex } from "./to-latex.ts";

const [target] = process.argv.slice(2);

const PROGRAMS: Readonly<Record<Program, (source: Source, folder: string) => readonly string[]>> = {
  latex: (source, folder) => {
    writeFileSync(join(folder, "latex.tex"), toLatex(source));
    // The second time it knows the pages of the contents.
    for (let round = 0; round < 2; round += 1)
      run(folder, "pdflatex", "-interaction=nonstopmode", "latex.tex");
    return ["latex.pdf"];
  },
  office: (source, folder) => {
    writeFileSync(join(folder, "office.fodt"), toFodt(source));
    const profile = `-env:UserInstallation=file://${join(folder, "profile")}`;
    for (const format of ["pdf", "docx", "html"])
      run(folder, "soffice", profile, "--headless", "--convert-to", format, "office.fodt");
    return ["office.pdf", "office.docx", "office.html"];
  },
  browser: (source, folder) => {
    writeFileSync(join(folder, "browser.html"), toHtml(source));
    const flags = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-pdf-tagging"];
    const output = ["--no-pdf-header-footer", "--print-to-pdf=browser.pdf"];
    run(
      folder,
      "chromium",
      ...flags,
      ...output,
      `--user-data-dir=${join(folder, "browser")}`,
      "browser.html",
    );
    return ["browser.pdf"];
  },
};

mkdirSync(target ?? FILES, { recursive: true });
for (const source of SOURCES) {
  for (const [program, typeset] of Object.entries(PROGRAMS)) {
    if (target === undefined && !isKept(source.name, program)) continue;
    using folder = temporaryFolder();
    for (const file of typeset(source, folder.path)) {
      const name = `${source.name}.${file}`;
      if (target !== undefined || isKept(source.name, file))
        copyFileSync(join(folder.path, file), join(target ?? FILES, name));
    }
  }
  console.log(source.name);
}

function run(folder: string, program: string, ...args: string[]): void {
  execFileSync(program, args, { cwd: folder, stdio: "ignore" });
}
