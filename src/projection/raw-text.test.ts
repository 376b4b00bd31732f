import assert from "node:assert/strict";
import { describe, test } from "node:test";
import iconv from "iconv-lite";
import { rawTextOf } from "./raw-text.ts";

describe("the text of a received file", () => {
  test("is decoded by the charset that the document declares within itself, and its bytes are found in it", () => {
    const html = "<meta charset=shift_jis><p>日本語 です";
    const bytes = iconv.encode(html, "shift_jis");
    const from = iconv.encode("<meta charset=shift_jis><p>", "shift_jis").length;
    const shown = rawTextOf(bytes, "text/html", [from, from + 6]);
    assert.equal(shown?.text, html);
    assert.equal(shown?.text.slice(...(shown?.span ?? [])), "日本語");
  });

  test("is decoded from a charset of 7 bits, whose bytes are UTF-8 too", () => {
    const header = "From: a\nContent-Type: text/plain; charset=iso-2022-jp\n\n";
    const bytes = Buffer.from(`${header}\x1b$BF|K\\\x1b(B`);
    const shown = rawTextOf(bytes, "message/rfc822", [header.length, header.length + 7]);
    assert.equal(shown?.text, `${header}日本`);
    assert.equal(shown?.text.slice(...(shown?.span ?? [])), "日本");
  });

  test("is shown for a mail in 8 bits, and not for what is no text", () => {
    const mail = "From: a\r\nContent-Type: text/plain; charset=iso-8859-1\r\n\r\nGr\u00fc\u00dfe";
    assert.equal(rawTextOf(iconv.encode(mail, "latin1"), "message/rfc822", null)?.text, mail);
    assert.equal(rawTextOf(Uint8Array.of(0xff, 0xfe), "application/pdf", null), null);
  });
});
