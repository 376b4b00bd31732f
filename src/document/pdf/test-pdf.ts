/** PDF files written by hand, for tests. */
import { zlibSync } from "fflate";

export type TestPdf = Readonly<{
  /** The content stream of each page. The fonts F1 (Helvetica), F2 (Helvetica-Bold) and F3 (Courier) are there, and the picture Im0. */
  pages: readonly string[];
  /** Further fonts by name, as the text of their dictionary. */
  fonts?: Readonly<Record<string, string>>;
  /** The objects lie in compressed streams, and there is no table of them (PDF 1.5). */
  hasObjectStreams?: boolean;
  isEncrypted?: boolean;
  /** Further entries of each page, such as `/Rotate 90`. */
  pageEntries?: string;
}>;

const WIDTH = 612;
const HEIGHT = 792;

/** A file of letter pages. */
export function buildPdf({
  pages,
  fonts = {},
  hasObjectStreams = false,
  isEncrypted = false,
  pageEntries = "",
}: TestPdf): Uint8Array {
  const base = (name: string) =>
    `<< /Type /Font /Subtype /Type1 /BaseFont /${name} /Encoding /WinAnsiEncoding >>`;
  const all: Record<string, string> = {
    F1: base("Helvetica"),
    F2: base("Helvetica-Bold"),
    F3: base("Courier"),
    ...fonts,
  };
  const first = 4 + Object.keys(all).length;
  const pageNumbers = pages.map((_, index) => first + 2 * index);
  const resources = `<< /Font << ${Object.keys(all)
    .map((name, index) => `/${name} ${4 + index} 0 R`)
    .join(" ")} >> /XObject << /Im0 3 0 R >> >>`;
  const objects: (string | { dictionary: string; data: string })[] = [
    "<< /Type /Catalog /Pages 2 0 R >>",
    `<< /Type /Pages /Count ${pages.length} /Kids [${pageNumbers.map((n) => `${n} 0 R`).join(" ")}] >>`,
    {
      dictionary:
        "/Type /XObject /Subtype /Image /Width 1 /Height 1 /ColorSpace /DeviceGray /BitsPerComponent 8",
      data: "\x80",
    },
    ...Object.values(all),
    ...pages.flatMap((content, index) => [
      `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 ${WIDTH} ${HEIGHT}] ${pageEntries} /Resources ${resources} /Contents ${(pageNumbers[index] ?? 0) + 1} 0 R >>`,
      { dictionary: "", data: content },
    ]),
  ];
  return hasObjectStreams ? withObjectStreams(objects) : withTable(objects, { isEncrypted });
}

/** A file of these objects, numbered from 1, of which the first one is the catalog. */
export function buildPdfOf(objects: readonly TestObject[], { isLoop = false } = {}): Uint8Array {
  return withTable(objects, { isLoop });
}

/** Places a text: `text(72, 700, "Hello")`; the font is F1 in 10 points. */
export function text(x: number, y: number, words: string, font = "F1", size = 10): string {
  return `BT /${font} ${size} Tf 1 0 0 1 ${x} ${y} Tm (${words.replace(/[()\\]/g, "\\$&")}) Tj ET\n`;
}

/** A thin line. */
export function line(x: number, y: number, x2: number, y2: number): string {
  return `${x} ${y} m ${x2} ${y2} l S\n`;
}

type TestObject = string | Readonly<{ dictionary: string; data: string }>;

function written(object: TestObject): string {
  if (typeof object === "string") return object;
  return `<< ${object.dictionary} /Length ${object.data.length} >>\nstream\n${object.data}\nendstream`;
}

function withTable(objects: readonly TestObject[], { isEncrypted = false, isLoop = false }): Uint8Array {
  let file = "%PDF-1.7\n";
  const offsets = objects.map((object, index) => {
    const offset = file.length;
    file += `${index + 1} 0 obj\n${written(object)}\nendobj\n`;
    return offset;
  });
  const start = file.length;
  const entries = offsets.map((offset) => `${String(offset).padStart(10, "0")} 00000 n \n`).join("");
  // No password has these hashes, so every one is wrong.
  const zeros = "00".repeat(32);
  const encryption = isEncrypted
    ? `/Encrypt << /Filter /Standard /V 1 /R 2 /O <${zeros}> /U <${zeros}> /P -4 >> /ID [<00> <00>]`
    : "";
  file += `xref\n0 ${objects.length + 1}\n0000000000 65535 f \n${entries}trailer\n<< /Size ${objects.length + 1} /Root 1 0 R ${encryption} ${isLoop ? `/Prev ${start}` : ""} >>\nstartxref\n${start}\n%%EOF\n`;
  return latin1(file);
}

function withObjectStreams(objects: readonly TestObject[]): Uint8Array {
  let file = "%PDF-1.5\n";
  const places = new Map<number, readonly [type: number, second: number, third: number]>();
  const inStream: { number: number; text: string }[] = [];
  for (const [index, object] of objects.entries()) {
    if (typeof object === "string") {
      inStream.push({ number: index + 1, text: object });
      continue;
    }
    places.set(index + 1, [1, file.length, 0]);
    file += `${index + 1} 0 obj\n${written(object)}\nendobj\n`;
  }
  const container = objects.length + 1;
  for (const [index, { number }] of inStream.entries()) places.set(number, [2, container, index]);
  let body = "";
  const head = inStream.map(({ number, text: content }) => {
    const entry = `${number} ${body.length}`;
    body += `${content} `;
    return entry;
  });
  const header = `${head.join(" ")} `;
  places.set(container, [1, file.length, 0]);
  file += `${container} 0 obj\n${written(compressed(`/Type /ObjStm /N ${inStream.length} /First ${header.length}`, header + body))}\nendobj\n`;
  const table = container + 1;
  places.set(table, [1, file.length, 0]);
  let rows = "\0\0\0\0\0\0\0";
  for (let number = 1; number <= table; number += 1) {
    const [type, second, third] = places.get(number) ?? [0, 0, 0];
    rows += String.fromCharCode(
      type,
      (second >> 24) & 255,
      (second >> 16) & 255,
      (second >> 8) & 255,
      second & 255,
      third >> 8,
      third & 255,
    );
  }
  const start = file.length;
  file += `${table} 0 obj\n${written(compressed(`/Type /XRef /Size ${table + 1} /W [1 4 2] /Root 1 0 R`, rows))}\nendobj\nstartxref\n${start}\n%%EOF\n`;
  return latin1(file);
}

/** A stream that is packed by Flate. */
export function compressed(dictionary: string, data: string): TestObject {
  return {
    dictionary: `${dictionary} /Filter /FlateDecode`,
    data: Buffer.from(zlibSync(latin1(data))).toString("latin1"),
  };
}

function latin1(file: string): Uint8Array {
  return new Uint8Array(Buffer.from(file, "latin1"));
}
