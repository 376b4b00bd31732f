import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Failure, RunFailure } from "../../failure.ts";
import { noCheckpoint } from "../checkpoint.ts";
import { loadPages, type PdfLimits } from "./load-pages.ts";
import { buildPdf, buildPdfOf, compressed, text } from "./test-pdf.ts";

const HELLO = text(72, 700, "Hello");
const LIMITS: PdfLimits = { bytes: 100_000, pages: 3, itemsPerPage: 40, items: 60 };
const pagesOf = (...pages: string[]) => buildPdf({ pages });
const distinct = (count: number) =>
  Array.from({ length: count }, (_, n) => text(72, n, `word ${n}`)).join("");

const CATALOG = "<< /Type /Catalog /Pages 2 0 R >>";
const FONT = "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>";
const page = (resources: string, contents: string) =>
  `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Resources << /Font << /F1 3 0 R >> ${resources} >> /Contents ${contents} >>`;
const onePage = (resources: string, contents: string, ...more: Parameters<typeof buildPdfOf>[0]) =>
  buildPdfOf([
    CATALOG,
    "<< /Type /Pages /Count 1 /Kids [4 0 R] >>",
    FONT,
    page(resources, contents),
    ...more,
  ]);
const form = (data: string) => ({
  dictionary: "/Type /XObject /Subtype /Form /BBox [0 0 612 792] /Resources << /XObject << /X 6 0 R >> >>",
  data,
});

/** Small files, each with what becomes of it under small limits. */
const FILES: readonly (readonly [name: string, file: Uint8Array, expected: number | string])[] = [
  ["as many pages as are read", pagesOf(HELLO, HELLO, HELLO), 3],
  ["one page more", pagesOf(HELLO, HELLO, HELLO, HELLO), "payload_too_large"],
  ["more bytes", pagesOf(" ".repeat(100_000)), "payload_too_large"],
  ["a page with too much text", pagesOf(distinct(200)), "FAILED_TOO_LARGE"],
  ["the same text in the same place, again and again", pagesOf(HELLO.repeat(200)), "FAILED_TOO_LARGE"],
  [
    "too much text on all pages together",
    pagesOf(distinct(30), distinct(30), distinct(30)),
    "FAILED_TOO_LARGE",
  ],
  [
    "one stream many times as the content of a page",
    onePage("", `[${"5 0 R ".repeat(500)}]`, { dictionary: "", data: HELLO }),
    "FAILED_TOO_LARGE",
  ],
  [
    "a stream that unpacks to much more text",
    onePage("", "5 0 R", compressed("", HELLO.repeat(20_000))),
    "FAILED_TOO_LARGE",
  ],
  ["a stream that unpacks to blanks", onePage("", "5 0 R", compressed("", HELLO + " ".repeat(1_000_000))), 1],
  [
    "a form that draws itself",
    onePage("/XObject << /X 6 0 R >>", "5 0 R", { dictionary: "", data: `/X Do ${HELLO}` }, form("/X Do")),
    1,
  ],
  [
    "a picture of 60,000 by 60,000 dots",
    onePage(
      "/XObject << /X 6 0 R >>",
      "5 0 R",
      { dictionary: "", data: `/X Do ${HELLO}` },
      {
        dictionary:
          "/Type /XObject /Subtype /Image /Width 60000 /Height 60000 /ColorSpace /DeviceGray /BitsPerComponent 1 /Filter /JBIG2Decode",
        data: "no picture",
      },
    ),
    1,
  ],
  ["brackets in brackets", pagesOf("[".repeat(20_000) + HELLO), 1],
  [
    "a stream that is damaged",
    onePage("", "5 0 R", { dictionary: "/Filter /FlateDecode", data: "x\x9c no" }),
    "FAILED_CORRUPT",
  ],
  [
    "pages that hold themselves",
    buildPdfOf([CATALOG, "<< /Type /Pages /Count 2 /Kids [2 0 R 2 0 R] >>"]),
    "FAILED_CORRUPT",
  ],
  [
    "a thousand levels of pages",
    buildPdfOf([
      CATALOG,
      ...Array.from({ length: 1000 }, (_, n) => `<< /Type /Pages /Count 1 /Kids [${n + 3} 0 R] >>`),
      "<< /Type /Page /MediaBox [0 0 612 792] >>",
    ]),
    1,
  ],
  [
    "a table of objects that follows itself",
    buildPdfOf([CATALOG, "<< /Type /Pages /Count 0 /Kids [] >>"], { isLoop: true }),
    0,
  ],
];

describe("the limits of a PDF", () => {
  for (const [name, file, expected] of FILES) {
    test(`${name}: ${typeof expected === "number" ? `${expected} pages` : expected}`, async () => {
      const pages = loadPages(file, noCheckpoint, LIMITS);
      if (typeof expected === "number") assert.equal((await pages).length, expected);
      else
        await assert.rejects(
          pages,
          (error) => (error instanceof Failure || error instanceof RunFailure) && error.code === expected,
        );
    });
  }

  test("a request to stop is followed within a page", async () => {
    let calls = 0;
    const stop = new Error("stop");
    const checkpoint = () => {
      calls += 1;
      if (calls > 2) throw stop;
    };
    await assert.rejects(
      loadPages(pagesOf(distinct(2000)), checkpoint),
      (error) => error === stop || (error instanceof RunFailure && error.cause === stop),
    );
  });
});
