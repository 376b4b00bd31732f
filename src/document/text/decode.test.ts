import assert from "node:assert/strict";
import { describe, it } from "node:test";
import iconv from "iconv-lite";
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
    for (const declared of [undefined, "", "utf-8", "klingon", "base64", "hex", "utf-7"]) {
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

  it("reads a declared ISO-8859-1 as windows-1252, as browsers do", () => {
    assert.deepEqual(facts(Uint8Array.of(0x93, 0xe9, 0x94), "ISO-8859-1").text, "“é”");
  });
});
