import { buildPdfOf, text } from "../../src/document/pdf/test-pdf.ts";
import { readScan, SCAN_SIZE } from "./scan.ts";

const { width, height, dpi } = SCAN_SIZE;
const [pageWidth, pageHeight] = [(width * 72) / dpi, (height * 72) / dpi];
const IMAGE = `/Type /XObject /Subtype /Image /Width ${width} /Height ${height} /ColorSpace /DeviceRGB /BitsPerComponent 8`;

/** Three pages: the scan in a JPEG, the scan packed by Flate and drawn in two halves lower on its page, and a page of text. */
export function buildScanPdf(): Uint8Array {
  const whole = `q ${pageWidth} 0 0 ${pageHeight} 0 0 cm /Im0 Do Q`;
  const half = (y: number) =>
    `q 0 ${y} ${pageWidth} ${pageHeight / 2} re W n ${pageWidth} 0 0 ${pageHeight} 0 0 cm /Im1 Do Q`;
  const contents = [whole, `${half(0)}\n${half(pageHeight / 2)}`, text(72, 200, "A page that has text.")];
  return buildPdfOf([
    "<< /Type /Catalog /Pages 2 0 R >>",
    "<< /Type /Pages /Count 3 /Kids [6 0 R 8 0 R 10 0 R] >>",
    "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    { dictionary: `${IMAGE} /Filter /DCTDecode`, data: latin1(readScan("jpg")) },
    {
      dictionary: `${IMAGE} /Filter /FlateDecode /DecodeParms << /Predictor 15 /Colors 3 /Columns ${width} >>`,
      data: latin1(pixelsOfPng(readScan("png"))),
    },
    ...contents.flatMap((data, index) => [
      `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 ${pageWidth} ${pageHeight + 150 * index}] /Resources << /Font << /F1 3 0 R >> /XObject << /Im0 4 0 R /Im1 5 0 R >> >> /Contents ${7 + 2 * index} 0 R >>`,
      { dictionary: "", data },
    ]),
  ]);
}

/** A PNG and a PDF pack pixels in the same way: what its IDAT chunks hold is the data of an image. */
function pixelsOfPng(png: Uint8Array): Uint8Array {
  const view = new DataView(png.buffer, png.byteOffset, png.byteLength);
  const parts: Uint8Array[] = [];
  for (let at = 8; at + 8 <= png.length; ) {
    const length = view.getUint32(at);
    if (latin1(png.subarray(at + 4, at + 8)) === "IDAT") parts.push(png.subarray(at + 8, at + 8 + length));
    at += 12 + length;
  }
  return Buffer.concat(parts);
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("latin1");
}
