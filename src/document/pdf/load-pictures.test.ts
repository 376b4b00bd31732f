import assert from "node:assert/strict";
import { test } from "node:test";
import { type PagePictures, withPictures } from "./load-pictures.ts";
import { buildPdfOf } from "./test-pdf.ts";

/** A file with one page, which an image of grey pixels covers. */
function pdfWithImage(width: number, height: number, data: string): Uint8Array {
  const colours = "/ColorSpace /DeviceGray /BitsPerComponent 8";
  return buildPdfOf([
    "<< /Type /Catalog /Pages 2 0 R >>",
    "<< /Type /Pages /Count 1 /Kids [3 0 R] >>",
    "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Resources << /XObject << /Im0 4 0 R >> >> /Contents 5 0 R >>",
    { dictionary: `/Type /XObject /Subtype /Image /Width ${width} /Height ${height} ${colours}`, data },
    { dictionary: "", data: "q 600 0 0 800 0 0 cm /Im0 Do Q" },
  ]);
}

async function picturesOf(bytes: Uint8Array): Promise<PagePictures | undefined> {
  const pages: PagePictures[] = [];
  await withPictures(bytes, [1], { use: (page) => pages.push(page), checkpoint: () => undefined });
  return pages[0];
}

test("a page is whole when its pictures were decoded, and not when one is too large", async () => {
  const whole = await picturesOf(pdfWithImage(2, 1, "\x00\x80"));
  assert.deepEqual([whole?.isWhole, whole?.pictures.map(({ grey }) => [...grey])], [true, [[0, 128]]]);
  const tooLarge = await picturesOf(pdfWithImage(10_000, 6_000, "\x00"));
  assert.deepEqual([tooLarge?.isWhole, tooLarge?.pictures], [false, []]);
});
