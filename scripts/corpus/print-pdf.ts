/**
 * Prints the pages of `pdf-prints.ts` into `scripts/corpus/pdf/` with Chromium: bun scripts/corpus/print-pdf.ts [NAME…]
 * The files are kept, because another version of Chromium prints other bytes. Needs the DejaVu fonts.
 */
import { execFileSync } from "node:child_process";
import { mkdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { temporaryFolder } from "../../src/testing/paths.ts";
import { bodyOf } from "./html.ts";
import { PRINTS, type Print } from "./pdf-prints.ts";

const CHROMIUM = process.env.CHROMIUM ?? "chromium";
const FOLDER = fileURLToPath(new URL("./pdf/", import.meta.url));

mkdirSync(FOLDER, { recursive: true });
const wanted = process.argv.slice(2);
for (const print of PRINTS) if (wanted.length === 0 || wanted.includes(print.name)) printPage(print);

function printPage(print: Print): void {
  using folder = temporaryFolder();
  const page = join(folder.path, "page.html");
  const file = join(FOLDER, `${print.name}.pdf`);
  writeFileSync(page, pageOf(print));
  const flags = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--no-pdf-header-footer",
    "--disable-pdf-tagging",
  ];
  execFileSync(
    CHROMIUM,
    [...flags, `--user-data-dir=${folder.path}/profile`, `--print-to-pdf=${file}`, page],
    { stdio: "ignore" },
  );
  console.log(`${print.name.padEnd(20)} ${statSync(file).size} bytes`);
}

function pageOf({ css, lang, parts, furniture, layOut }: Print): string {
  const html = parts.map((part) => bodyOf({ title: "", parts: [part] }, {}));
  const boxes = furniture
    ? `@top-center{content:"${furniture.header}"} @bottom-center{content:"${furniture.footer} " counter(page)}`
    : "";
  return `<!doctype html><html lang="${lang}"><meta charset="utf-8"><title></title><style>@page{size:A4;margin:56pt;${boxes}}h1,h2,h3{line-height:1.2}figure{margin:0}${css}</style><body>${layOut ? layOut(html) : html.join("\n")}`;
}
