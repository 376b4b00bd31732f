import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import iconv from "iconv-lite";
import { checkProperty } from "../../testing/property.ts";
import { bytesOf } from "../test-kit.ts";
import { decode } from "./decode.ts";

function facts(bytes: Uint8Array, declared?: string) {
  const { text, charset, charsetBy, bom, newline } = decode(bytes, declared);
  return { text, charset, charsetBy, bom, newline };
}

describe("decode", () => {
  it("reads UTF-8 and says how it knew", () => {
    assert.deepEqual(facts(bytesOf("é\n")), {
      text: "é\n",
      charset: "utf-8",
      charsetBy: "utf8",
      bom: false,
      newline: "lf",
    });
    assert.equal(facts(bytesOf("\ufeffé")).charsetBy, "bom");
    assert.equal(facts(bytesOf("\ufeffé")).text, "é");
  });

  it("lets a BOM win over a declared charset", () => {
    const utf16 = iconv.encode("naïve", "utf-16be", { addBOM: true });
    assert.deepEqual(facts(utf16, "utf-8"), {
      text: "naïve",
      charset: "utf-16be",
      charsetBy: "bom",
      bom: true,
      newline: "none",
    });
  });

  it("takes the declared charset only where the bytes are not UTF-8", () => {
    assert.equal(facts(iconv.encode("日本語", "shift_jis"), "Shift_JIS").text, "日本語");
    assert.equal(facts(bytesOf("日本語"), "shift_jis").charset, "utf-8");
  });

  it("falls back to windows-1252, also where the declared charset is none, unknown or a transfer encoding", () => {
    const bytes = Uint8Array.of(0x80, 0xe9);
    for (const declared of [undefined, "", "klingon", "base64", "hex", "utf-7"]) {
      assert.deepEqual(facts(bytes, declared), {
        text: "€é",
        charset: "windows-1252",
        charsetBy: "fallback",
        bom: false,
        newline: "none",
      });
    }
  });

  it("leaves no lone surrogate behind", () => {
    const { text } = decode(Uint8Array.of(0xff, 0xfe, 0x41, 0x00, 0x00, 0xd8, 0x42, 0x00));
    assert.equal(text, "A\ufffdB");
  });

  it("names the newlines it met", () => {
    const cases = {
      "": "none",
      "a\nb": "lf",
      "a\r\nb": "crlf",
      "a\rb": "cr",
      "a\r\nb\n": "mixed",
      "a\r\r\n": "mixed",
    };
    for (const [text, newline] of Object.entries(cases))
      assert.equal(decode(bytesOf(text)).newline, newline, JSON.stringify(text));
  });

  it("maps every offset in the text to its raw byte, whatever the charset", () => {
    const text = "aé日 x";
    for (const charset of ["utf-8", "utf-16le", "shift_jis", "gb18030", "euc-kr"]) {
      const sample = charset === "shift_jis" || charset === "euc-kr" ? "a日 x" : text;
      const isUtf16 = charset === "utf-16le";
      const bytes = iconv.encode(sample, charset, { addBOM: isUtf16 });
      const offsets = Array.from({ length: sample.length + 1 }, (_, index) => index);
      const expected = offsets.map(
        (offset) =>
          (isUtf16 ? 2 : 0) + iconv.encode(sample.slice(0, offset), charset, { addBOM: false }).length,
      );
      assert.deepEqual(decode(bytes, charset).toByteOffsets(offsets), expected, charset);
    }
  });

  it("knows UTF-32 by its mark, and UTF-16 and UTF-32 by what is declared, though their NULs are UTF-8", () => {
    for (const charset of ["utf-32le", "utf-32be"])
      assert.equal(facts(iconv.encode("naïve", charset, { addBOM: true })).text, "naïve", charset);
    for (const charset of ["utf-16le", "utf-16be", "utf-32le", "utf-32be"]) {
      const { text, charsetBy } = facts(iconv.encode("plain", charset, { addBOM: false }), charset);
      assert.deepEqual([text, charsetBy], ["plain", "declared"], charset);
    }
  });

  it("reads ISO-8859-1, and its other names, as windows-1252, as browsers do", () => {
    for (const label of ["ISO-8859-1", "latin1", "ISO_8859-1:1987", "csISOLatin1", " us-ascii ", "cp819"]) {
      const { text, charset, charsetBy } = decode(Uint8Array.of(0x93, 0xe9, 0x94), label);
      assert.deepEqual([text, charset, charsetBy], ["“é”", "windows-1252", "declared"], label);
    }
    assert.equal(decode(Uint8Array.of(0xde), "ISO-8859-9").text, "Ş");
    assert.equal(decode(Uint8Array.of(0xa1, 0x85), "TIS-620").text, "ก…");
  });

  it("keeps UTF-8 that is declared or marked, with U+FFFD for each bad byte, and knows where all else lies", () => {
    const bytes = Uint8Array.of(0xe2, 0x82, 0xac, 0x20, 0xe9, 0x20, 0xe2, 0x82, 0x78, 0xf0, 0x9f, 0x9a, 0xa2);
    const text = "€ \ufffd \ufffdx🚢";
    for (const label of ["utf-8", "UTF8", " Utf-8 ", "unicode-1-1-utf-8"]) {
      const decoded = decode(bytes, label);
      assert.deepEqual(
        [decoded.text, decoded.charset, decoded.charsetBy],
        [text, "utf-8", "declared"],
        label,
      );
      assert.deepEqual(decoded.toByteOffsets([0, 1, 2, 3, 4, 5, 6, 8]), [0, 3, 4, 5, 6, 8, 9, 13]);
    }
    const marked = decode(Uint8Array.of(0xef, 0xbb, 0xbf, ...bytes), "latin1");
    assert.deepEqual([marked.text, marked.charset, marked.charsetBy], [text, "utf-8", "bom"]);
    assert.deepEqual(marked.toByteOffsets([8]), [16]);
  });

  it("finds the byte order of a declared UTF-16 or UTF-32 in the bytes", () => {
    for (const order of ["utf-16le", "utf-16be", "utf-32le", "utf-32be"]) {
      const bytes = iconv.encode("Tide 潮", order, { addBOM: false });
      const { text, charset } = decode(bytes, order.slice(0, -2).toUpperCase());
      assert.deepEqual([text, charset], ["Tide 潮", order]);
    }
    assert.equal(decode(iconv.encode("潮汐", "utf-16le", { addBOM: false }), "UTF-16").text, "潮汐");
    assert.equal(decode(iconv.encode("plain", "utf-16le", { addBOM: false }), "ucs-2").text, "plain");
  });

  it("reads a declared ISO-2022-JP, though its bytes are UTF-8 too, and knows where each character lies", () => {
    const { bytes, text } = ISO_2022_JP;
    const decoded = decode(bytes, "ISO-2022-JP");
    assert.deepEqual([decoded.text, decoded.charset, decoded.charsetBy], [text, "iso-2022-jp", "declared"]);
    assert.deepEqual(decoded.toByteOffsets([0, 1, 2, 3, 4, 5, 6, 7, 8]), [0, 4, 6, 11, 15, 19, 23, 24, 25]);
    assert.equal(new TextDecoder("iso-2022-jp").decode(bytes), text);
    assert.equal(decode(bytes).charset, "utf-8", "not without a declaration");
    assert.equal(decode(bytes, "ISO-2022-JP", 1).charset, "utf-8", "not by the earlier rules");
    assert.equal(
      decode(bytesOf("日本"), "iso-2022-jp").text,
      "日本",
      "bytes of 8 bits are of another charset",
    );
  });

  it("steps through any 7-bit bytes of ISO-2022-JP", async () => {
    const parts = fc.constantFrom(
      "a",
      "\n",
      "\x1b",
      "\x1b(B",
      "\x1b(J",
      "\x1b(I",
      "\x1b$B",
      "F|",
      "K\\",
      "~",
      "!",
    );
    await checkProperty(fc.array(parts, { maxLength: 30 }), { runs: 500, seed: 16 }, (pieces) => {
      const bytes = bytesOf(pieces.join(""));
      const { text, toByteOffsets } = decode(bytes, "iso-2022-jp");
      const offsets = Array.from({ length: text.length + 1 }, (_, index) => index);
      const places = toByteOffsets(offsets);
      for (const [index, place] of places.entries()) {
        assert.ok(place <= bytes.length && place >= (places[index - 1] ?? 0), "in order, in the bytes");
        const before = decode(bytes.subarray(0, place), "iso-2022-jp").text;
        assert.equal(before, text.slice(0, index));
      }
    });
  });

  it("knows the labels of the WHATWG, and tells a charset that nobody knows", () => {
    const cyrillic = { "x-mac-ukrainian": [0x80], "x-cp1251": [0xc0], KOI8_R: [0xe1], "iso-ir-144": [0xb0] };
    for (const [label, bytes] of Object.entries(cyrillic))
      assert.equal(decode(Uint8Array.from(bytes), label).text, "А", label);
    for (const [label, isUnknown] of [
      ["klingon", true],
      ["iso-2022-kr", true],
      ["utf-8", false],
      ["", false],
    ] as const)
      assert.equal(decode(bytesOf("x"), label).isDeclaredUnknown, isUnknown, label);
    assert.equal(decode(bytesOf("\ufeffx"), "klingon").isDeclaredUnknown, false);
  });

  it("steps through any bytes as TextDecoder decodes them", async () => {
    const bytes = fc.uint8Array({ maxLength: 40 });
    const likely = fc.array(
      fc.constantFrom(0x41, 0x80, 0xbf, 0xc2, 0xe0, 0xa0, 0xed, 0xf0, 0x90, 0xf4, 0x8f),
      {
        maxLength: 40,
      },
    );
    await checkProperty(
      fc.oneof(
        bytes,
        likely.map((values) => Uint8Array.from(values)),
      ),
      { runs: 2_000, seed: 15 },
      (input) => {
        const { text, toByteOffsets } = decode(input, "utf-8");
        if (decode(input).bom) return;
        const offsets = Array.from({ length: text.length + 1 }, (_, index) => index);
        const places = toByteOffsets(offsets);
        assert.equal(places.at(-1), input.length);
        for (const [unit, place] of places.entries()) {
          if (isLowSurrogate(text, unit)) continue;
          const rest = new TextDecoder("utf-8", { ignoreBOM: true }).decode(input.subarray(place));
          assert.equal(rest, text.slice(unit));
        }
      },
    );
  });
});

/** "a日本\nｱ¥ b" with a switch of characters before each of its kinds. */
const ISO_2022_JP = {
  text: "a日本\nｱ¥b~",
  bytes: bytesOf("a\x1b$BF|K\\\x1b(B\n\x1b(I1\x1b(J\\\x1b(Bb~"),
};

function isLowSurrogate(text: string, at: number): boolean {
  return (text.charCodeAt(at) & 0xfc00) === 0xdc00;
}
