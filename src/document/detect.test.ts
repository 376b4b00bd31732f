import assert from "node:assert/strict";
import { describe, it } from "node:test";
import iconv from "iconv-lite";
import { Failure, RunFailure } from "../failure.ts";
import { createSeededRandom } from "../testing/seeded-random.ts";
import { detectMediaType } from "./detect.ts";
import { buildDocIR } from "./index.ts";
import { NO_CHARSET, type Reader } from "./reader.ts";
import { bytesOf } from "./test-kit.ts";

const DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";

/** A zip archive of empty stored entries; `isWhole`: with its central directory. */
function zipOf(names: readonly string[], isWhole = true): Uint8Array {
  const locals = names.map((name) => {
    const header = Buffer.alloc(30);
    header.writeUInt32LE(0x04034b50);
    header.writeUInt16LE(name.length, 26);
    return Buffer.concat([header, Buffer.from(name)]);
  });
  if (!isWhole) return Buffer.concat(locals);
  const directory = names.map((name) => {
    const header = Buffer.alloc(46);
    header.writeUInt32LE(0x02014b50);
    header.writeUInt16LE(name.length, 28);
    return Buffer.concat([header, Buffer.from(name)]);
  });
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50);
  end.writeUInt32LE(Buffer.concat(locals).length, 16);
  return Buffer.concat([...locals, ...directory, end]);
}

function oleOf(stream: string): Uint8Array {
  const start = Buffer.from([0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1]);
  return Buffer.concat([start, Buffer.alloc(500), Buffer.from(stream, "utf16le")]);
}

describe("the media type that bytes show", () => {
  it("is that of their signature", () => {
    const cases: readonly (readonly [Uint8Array, string | null])[] = [
      [bytesOf("%PDF-1.7\nx"), "application/pdf"],
      [bytesOf("%PDF is a format"), null],
      [Buffer.from("\x89PNG\r\n\x1a\n", "latin1"), "image/png"],
      [bytesOf("GIF89a\x01\0"), "image/gif"],
      [bytesOf("GIF8 begins an image"), null],
      [bytesOf("MZ is a signature"), null],
      [oleOf("Workbook"), "application/x-ole-storage"],
      [new Uint8Array(), null],
      [bytesOf("a,b\n1,2"), null],
    ];
    for (const [bytes, mediaType] of cases) assert.equal(detectMediaType(bytes), mediaType);
  });

  it("tells packages apart by the names of their parts, also where the archive is cut off", () => {
    for (const isWhole of [true, false]) {
      const typeOf = (...names: string[]) => detectMediaType(zipOf(names, isWhole));
      assert.equal(typeOf("[Content_Types].xml", "_rels/.rels", "word/document.xml"), DOCX);
      assert.match(typeOf("[Content_Types].xml", "xl/workbook.xml") ?? "", /spreadsheetml/);
      assert.match(typeOf("_rels/.rels", "ppt/presentation.xml") ?? "", /presentationml/);
      assert.equal(typeOf("word/document.xml", "a.txt"), "application/zip");
      assert.equal(typeOf("a.txt"), "application/zip");
    }
    assert.equal(detectMediaType(zipOf([])), "application/zip");
  });

  it("finds HTML behind comments, declarations, blanks and byte order marks, in any charset with one", () => {
    for (const html of [
      "<!doctype html>",
      "\ufeff \n<!-- a --><!-- b -->\n<HTML lang=en>",
      '<?xml version="1.0"?>\n<!DOCTYPE html PUBLIC "x">',
    ]) {
      assert.equal(detectMediaType(bytesOf(html)), "text/html", html);
      assert.equal(detectMediaType(iconv.encode(html, "utf-16le", { addBOM: true })), "text/html", html);
      assert.equal(detectMediaType(iconv.encode(html, "utf-16be"), "utf-16be"), "text/html", html);
    }
    for (const text of ["<div>x</div>", "# a <html>", "<!-- <html>", "<htmlx>", "<!-- -->".repeat(4_000)])
      assert.equal(detectMediaType(bytesOf(text)), null, text.slice(0, 40));
  });

  it("finds a mail by headers that mail programs add, and not by those that a writer types", () => {
    const mail = "Received: from a\r\n\tby b\r\nFrom: a@b.c\r\nSubject: x\r\n\r\nbody";
    assert.equal(detectMediaType(bytesOf(mail)), "message/rfc822");
    assert.equal(detectMediaType(bytesOf(`From a@b.c Mon Jan 1\n${mail}`)), "message/rfc822");
    for (const text of [
      "From: Ann\nSubject: x\n\nDear",
      "MIME-Version: 1.0\n\nFrom: a",
      "From: a\nsome words\nMIME-Version: 1.0",
    ])
      assert.equal(detectMediaType(bytesOf(text)), null, text);
  });
});

const isUnsupported = (error: unknown) => error instanceof Failure && error.code === "unsupported_media_type";

describe("a document whose declared type is wrong", () => {
  const readAs: Reader = {
    recipe: { name: "test", version: "1", params: {}, libs: {} },
    read: ({ mediaType }) => ({
      source: NO_CHARSET,
      blocks: [{ type: "paragraph", text: mediaType, src: [{ k: "bytes", span: [0, 1] }], reasons: [] }],
      warnings: [],
    }),
  };
  const readers = new Map(["text/plain", "text/html", DOCX].map((type) => [type, readAs] as const));
  const build = (bytes: Uint8Array, mediaType: string) => buildDocIR({ bytes, mediaType, readers });

  it("is not read where a text was declared and the bytes are none, whatever the charset", async () => {
    const random = createSeededRandom(11);
    const noise = Uint8Array.from({ length: 20_000 }, () => random.below(256));
    const noBom = iconv.encode("Neither a mark nor a declaration tells the charset.\n".repeat(9), "utf-16le");
    for (const bytes of [noise, noBom, new Uint8Array(500), bytesOf("\x01\x02log".repeat(40))]) {
      for (const type of ["text/plain", "text/html; charset=utf-8", "text/plain; charset=latin1"]) {
        await assert.rejects(build(bytes, type), isUnsupported, type);
      }
    }
    assert.equal((await build(noBom, "text/plain; charset=utf-16le")).text, "text/plain");
    for (const text of [
      `${"\0".repeat(64)}x`,
      `${"A line of a log.\n".repeat(2_000)}${"\0".repeat(4_096)}`,
      "\x1b[1mbold\x1b[0m\b".repeat(99),
    ])
      assert.equal((await build(bytesOf(text), "text/plain")).text, "text/plain");
  });

  it("is read as what its bytes show, with a warning", async () => {
    const docir = await build(bytesOf("<!doctype html>x"), "text/plain; charset=utf-8");
    assert.equal(docir.text, "text/html");
    assert.equal(docir.source.mediaType, "text/html");
    assert.deepEqual(docir.warnings, [{ code: "media_type_differs" }]);
    assert.deepEqual((await build(bytesOf("<!doctype html>x"), "text/html")).warnings, []);
  });

  it("is read as declared where its bytes show an archive of no known kind, or nothing", async () => {
    assert.equal((await build(zipOf(["[Content_Types].xml", "main.xml"]), DOCX)).text, DOCX);
    assert.equal((await build(bytesOf("PK"), DOCX)).text, DOCX);
  });

  it("is refused with a code that says why where its bytes show what is not read", async () => {
    await assert.rejects(build(bytesOf("\x89PNG"), "image/png"), isUnsupported);
    for (const [bytes, code] of [
      [oleOf("EncryptedPackage"), "FAILED_ENCRYPTED"],
      [oleOf("WordDocument"), "unsupported_media_type"],
    ] as const)
      await assert.rejects(
        build(bytes, DOCX),
        (error) => (error instanceof RunFailure || error instanceof Failure) && error.code === code,
      );
  });
});
