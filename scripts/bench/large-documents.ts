/** The documents of `bench/bounds.ts`: large, deep, or made to expand. The same name gives the same bytes. */
import { buildDocx, paragraph } from "../../src/document/ooxml/docx/test-docx.ts";
import { buildPptx, shape, slideText } from "../../src/document/ooxml/pptx/test-pptx.ts";
import { buildXlsx } from "../../src/document/ooxml/xlsx/test-xlsx.ts";
import { buildPdf, text } from "../../src/document/pdf/test-pdf.ts";

const OFFICE = "application/vnd.openxmlformats-officedocument";
const DOCX = `${OFFICE}.wordprocessingml.document`;
const XLSX = `${OFFICE}.spreadsheetml.sheet`;
const PPTX = `${OFFICE}.presentationml.presentation`;

const MIB = 2 ** 20;
const LARGE_BYTES = 32 * MIB;
const COLUMNS = 10;

type LargeDocument = Readonly<{ mediaType: string; create(): Uint8Array }>;

const ofText = (mediaType: string, create: () => string): LargeDocument => ({
  mediaType,
  create: () => Buffer.from(create()),
});

const HTML_START = "<!doctype html><body>";

export type SizedText = Readonly<{ mediaType: string; create(bytes: number): string }>;

/** Ordinary documents of a given size. */
export const SIZED_TEXTS: Readonly<Record<"text" | "markdown" | "html" | "csv", SizedText>> = {
  text: { mediaType: "text/plain", create: (bytes) => fill((n) => `${sentence(n).repeat(8)}\n\n`, bytes) },
  markdown: {
    mediaType: "text/markdown",
    create: (bytes) => fill((n) => `## Watch ${n}\n\n${sentence(n).repeat(16)}\n\n`, bytes),
  },
  html: {
    mediaType: "text/html",
    create: (bytes) =>
      HTML_START +
      fill((n) => `<h2>Watch ${n}</h2>\n<p>${sentence(n).repeat(16)}</p>\n`, bytes - HTML_START.length),
  },
  csv: {
    mediaType: "text/csv",
    create: (bytes) => fill((n) => `${n},Watch ${n},${n * 7},${sentence(n)}\n`, bytes),
  },
};

export const LARGE_DOCUMENTS: Readonly<Record<string, LargeDocument>> = {
  ...Object.fromEntries(
    Object.entries(SIZED_TEXTS).map(([format, { mediaType, create }]) => [
      `${format}-32mib`,
      ofText(mediaType, () => create(LARGE_BYTES)),
    ]),
  ),
  "eml-32mib": ofText("message/rfc822", () => MAIL + fill((n) => `${sentence(n).repeat(8)}\r\n\r\n`)),
  "docx-32mib": {
    mediaType: DOCX,
    create: () =>
      buildDocx({
        body: fill((n) => paragraph(`${sentence(n)} ${noise(n, 900)}`), 44 * MIB),
      }),
  },
  "xlsx-32mib": { mediaType: XLSX, create: () => createSheet(700_000, (n) => `<v>${noiseNumber(n)}</v>`) },
  "pptx-32mib": {
    mediaType: PPTX,
    create: () =>
      buildPptx({
        slides: Array.from({ length: 4_000 }, (_, n) => ({
          shapes:
            shape('type="title"', slideText(`Slide ${n}`)) + shape('idx="1"', slideText(noise(n, 9_500))),
        })),
      }),
  },
  "pdf-32mib": {
    mediaType: "application/pdf",
    create: () => buildPdf({ pages: createPages(980, 420) }),
  },
  "xlsx-200k-cells": { mediaType: XLSX, create: () => createSheet(200_000, mixedCell) },
  "xlsx-1m-cells": { mediaType: XLSX, create: () => createSheet(1_000_000, mixedCell) },
  "xlsx-1m-cells-and-one": { mediaType: XLSX, create: () => createSheet(1_000_010, mixedCell) },
  "csv-1m-cells": ofText("text/csv", () => createRows(1_000_000)),
  "csv-2m-cells": ofText("text/csv", () => createRows(2_000_000)),
  "pdf-1000-pages": {
    mediaType: "application/pdf",
    create: () => buildPdf({ pages: createPages(1_000, 45) }),
  },
  "pdf-1m-operators": {
    mediaType: "application/pdf",
    create: () => buildPdf({ pages: [text(72, 700, "Hello") + createPaths(1_000_000)] }),
  },
  "markdown-10mb": ofText("text/markdown", () => SIZED_TEXTS.markdown.create(10_000_000)),
  "markdown-30mb": ofText("text/markdown", () => SIZED_TEXTS.markdown.create(30_000_000)),
  "line-10mb": ofText("text/plain", () => fill(sentence, 10_000_000)),
  "letters-10mb": ofText("text/plain", () => "a".repeat(10_000_000)),
  "headings-100k": ofText("text/markdown", () => repeat(100_000, (n) => `# Heading ${n}\n\n`)),
  "quotes-deep": ofText("text/markdown", () => `${">".repeat(1_000_000)} x`),
  "html-deep": ofText("text/html", () => `<!doctype html>${"<div>".repeat(200_000)}x`),
  "carriage-returns-2mb": ofText("text/plain", () => "a\r".repeat(1_000_000)),
  "carriage-returns-2mb-markdown": ofText("text/markdown", () => "a\r".repeat(1_000_000)),
};

const MAIL =
  "From: Ann <ann@example.org>\r\nTo: Ben <ben@example.org>\r\nSubject: Log\r\nMIME-Version: 1.0\r\nContent-Type: text/plain\r\n\r\n";

function sentence(n: number): string {
  return `Entry ${n}. The harbour saw ${n * 7} ships on ${1 + (n % 28)} May 2024 and took $${n * 125} in dues. `;
}

function fill(part: (n: number) => string, bytes = LARGE_BYTES): string {
  const parts: string[] = [];
  for (let n = 1, length = 0; length < bytes; n += 1) {
    const next = part(n).slice(0, bytes - length);
    parts.push(next);
    length += next.length;
  }
  return parts.join("");
}

function repeat(count: number, part: (n: number) => string): string {
  return Array.from({ length: count }, (_, n) => part(n)).join("");
}

/** Words that hardly compress, always the same for the same number. */
function noise(n: number, length: number): string {
  let state = (n * 2_654_435_761) >>> 0 || 1;
  const parts: string[] = [];
  for (let at = 0; at < length; at += 7) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    parts.push((state >>> 0).toString(36).padStart(7, "a").slice(-6));
  }
  return parts.join(" ");
}

function noiseNumber(n: number): string {
  return `0.${noise(n, 14).replaceAll(/\D/g, "")}${(n * 2_654_435_761) >>> 0}${(n * 40_503) >>> 0}`;
}

/** Words, amounts, and numbers with a format: what most sheets hold. */
function mixedCell(n: number): string {
  const column = n % COLUMNS;
  if (column < 4) return `t="s"><v>${n % 5_000}</v>`;
  return column < 7 ? `s="1"><v>${n}.25</v>` : `><v>${n}</v>`;
}

function createSheet(cells: number, inside: (n: number) => string): Uint8Array {
  const rows = repeat(cells / COLUMNS, (row) => {
    const ofRow = repeat(COLUMNS, (column) => {
      const content = inside(row * COLUMNS + column);
      const attributes = content.startsWith("<") ? ">" : "";
      return `<c r="${String.fromCharCode(65 + column)}${row + 1}" ${attributes}${content}</c>`;
    });
    return `<row r="${row + 1}">${ofRow}</row>`;
  });
  return buildXlsx({
    sheets: [{ name: "Data", rows }],
    strings: Array.from({ length: 5_000 }, (_, n) => `<t>Text number ${n}</t>`),
    formats: ["0.00"],
  });
}

function createRows(cells: number): string {
  return repeat(cells / COLUMNS, (row) =>
    Array.from({ length: COLUMNS }, (_, column) =>
      column < 4 ? `Text number ${(row + column) % 5_000}` : `${row * column}.25`,
    )
      .join(",")
      .concat("\n"),
  );
}

function createPages(count: number, lines: number): string[] {
  return Array.from({ length: count }, (_, page) =>
    repeat(lines, (n) => text(72, 750 - (n % 45) * 15, sentence(page * lines + n).trim())),
  );
}

function createPaths(count: number): string {
  return repeat(count / 4, (n) => {
    const [x, y] = [n % 500, Math.floor(n / 500) % 700];
    return `${x} ${y} m ${x + 3} ${y} l ${x + 3} ${y + 2} l S\n`;
  });
}
