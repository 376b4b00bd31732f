import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import iconv from "iconv-lite";
import { measureSlowness } from "../../testing/machine-speed.ts";
import { mailOf } from "../../testing/mail.ts";
import { checkProperty } from "../../testing/property.ts";
import { buildDocIR } from "../docir.ts";
import { readersOfRecipe } from "../readers.ts";
import { assertInvariants, derive, textOf } from "../test-kit.ts";

/** Per input. */
const TIME_LIMIT_MS = 30_000 * measureSlowness();

const MAIL = "message/rfc822";

async function read(mail: string | Uint8Array) {
  const source = typeof mail === "string" ? mail.replaceAll("\n", "\r\n") : mail;
  const { docir, memo } = await assertInvariants(source, MAIL);
  const bytes = Buffer.from(source);
  return {
    docir,
    memo,
    blocks: docir.blocks.map((block) => [block.type, textOf(docir, block)]),
    /** The bytes that each block is anchored in. */
    anchored: docir.blocks.map(({ src: [anchor] }) =>
      anchor?.k === "bytes" ? bytes.subarray(...anchor.span).toString("latin1") : "",
    ),
  };
}

describe("a mail", () => {
  it("has its subject as title, its people and date as metadata, and its text with quotes and signature", async () => {
    const { docir, blocks } = await read(
      "Received: from x\n\tby y\nFrom: =?utf-8?Q?J=C3=BCrgen?= <j@x.org>\nTo: a@x.org,\n b@x.org\nSubject: The =?iso-8859-1?B?S+RzZQ==?=\n =?utf-8?q?_report?=\nDate: Mon, 3 Jun 2024 10:00:00 +0200\n\n" +
        "Hello,\nsee below.\n\n> Is it done?\n>> Not yet.\n\n-- \nJ.\n",
    );
    assert.deepEqual(blocks, [
      ["title", "The Käse report"],
      ["metadata", "From: Jürgen <j@x.org>\nTo: a@x.org, b@x.org\nDate: Mon, 3 Jun 2024 10:00:00 +0200"],
      ["paragraph", "Hello,\nsee below."],
      ["quote", "Is it done?"],
      ["quote", "Not yet."],
      ["paragraph", "J."],
    ]);
    assert.deepEqual(
      docir.blocks.map(({ level, role }) => level ?? role ?? null),
      [1, null, null, 1, 2, "boilerplate"],
    );
  });

  it("is read in its richest readable form, and its attachments are named", async () => {
    const { blocks, docir, memo } = await read(
      'From: a\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary="o"\n\npreamble\n--o\nContent-Type: multipart/alternative; boundary=i\n\n' +
        "--i\n\nplain\n--i\nContent-Type: text/html\n\n<h1>Rich</h1><ul><li>one</ul>\n--i\nContent-Type: text/calendar\n\nBEGIN\n--i--\n" +
        "--o\nContent-Type: application/pdf\nContent-Disposition: attachment; filename*=utf-8''caf%C3%A9.pdf\nContent-Transfer-Encoding: base64\n\nJVBERi0=\n" +
        '--o\nContent-Type: text/plain; name="notes.txt"\nContent-Disposition: attachment\n\nx\n--o--\nepilogue\n',
    );
    assert.deepEqual(blocks, [
      ["metadata", "from: a".replace("from", "From")],
      ["title", "Rich"],
      ["list_item", "one"],
      ["metadata", "Attachment: café.pdf (application/pdf, 5 bytes)"],
      ["metadata", "Attachment: notes.txt (text/plain, 1 byte)"],
    ]);
    assert.deepEqual(docir.warnings, []);
    assert.equal(memo.warnings, undefined);
  });

  it("is read as earlier versions did, where their recipe is asked for", async () => {
    const mail = mailOf("Old", [
      { type: "text/plain", content: "x", filename: "a.txt" },
      { type: "image/png; name=p.png", content: "x", fields: "Content-ID: <p>\r\n" },
    ]);
    const docir = await buildDocIR({
      bytes: mail,
      mediaType: MAIL,
      readers: readersOfRecipe({ name: "jejakekal.mail", version: "1" }),
    });
    assert.equal(docir.recipe.version, "1");
    assert.equal(docir.attachments, undefined);
    assert.deepEqual(
      docir.blocks.slice(3).map((block) => [block.type, textOf(docir, block)]),
      [
        ["metadata", "Attachment: a.txt (text/plain, 1 byte)"],
        ["metadata", "Attachment: p.png (image/png, 1 byte)"],
      ],
    );
    assert.deepEqual(
      docir.warnings.map(({ code }) => code),
      ["attachment_not_read", "attachment_not_read"],
    );
  });

  it("is read in ISO-2022-JP, in its header and its text; an unknown charset is a warning", async () => {
    const japanese = mailIn("ISO-2022-JP", "\x1b$BF|K\\\x1b(B");
    const { docir } = await derive(japanese, MAIL);
    const [title, , text] = docir.blocks.map((block) => textOf(docir, block));
    assert.deepEqual([title, text, docir.source.charset], ["日本", "日本", "iso-2022-jp"]);
    assert.deepEqual(docir.warnings, []);
    const unknown = await derive(mailIn("x-klingon", "text"), MAIL);
    assert.deepEqual(unknown.docir.warnings, [{ code: "charset_unknown" }]);
    assert.deepEqual(unknown.memo.warnings, [{ code: "charset_unknown" }]);
  });

  it("is tied to its bytes through quoted-printable, base64 and 8-bit text", async () => {
    const quoted = await read(
      "From: a\nContent-Type: text/html; charset=utf-8\nContent-Transfer-Encoding: quoted-printable\n\n<p>caf=C3=A9 is a long=\ner &amp; word</p>=20\n<p>next",
    );
    assert.deepEqual(quoted.blocks.slice(1), [
      ["paragraph", "café is a longer & word"],
      ["paragraph", "next"],
    ]);
    assert.deepEqual(quoted.anchored.slice(1), ["caf=C3=A9 is a long=\r\ner &amp; word", "next"]);
    const data = Buffer.from("Grüße.\r\n\r\nZweiter Absatz.").toString("base64");
    const encoded = await read(
      `From: a\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: base64\n\n${data.slice(0, 20)}\n${data.slice(20)}\n`,
    );
    assert.deepEqual(encoded.blocks.slice(1), [
      ["paragraph", "Grüße."],
      ["paragraph", "Zweiter Absatz."],
    ]);
    assert.match(Buffer.from(encoded.anchored[2] ?? "", "base64").toString(), /Absatz/);
    const latin = await read(
      iconv.encode(
        "From: a\r\nContent-Type: text/plain; charset=iso-8859-15\r\n\r\nPreis 5 €\r\n",
        "iso-8859-15",
      ),
    );
    assert.deepEqual(latin.blocks[1], ["paragraph", "Preis 5 €"]);
    const sjis = iconv.encode("日本語です", "shift_jis");
    const soft = [...sjis].map((byte) =>
      byte > 0x7e || byte < 0x21 ? `=${byte.toString(16).toUpperCase()}` : String.fromCharCode(byte),
    );
    const japanese = await read(
      `From: a\nContent-Type: text/plain; charset=shift_jis\nContent-Transfer-Encoding: quoted-printable\n\n${soft.join("")}\n`,
    );
    assert.deepEqual(japanese.blocks[1], ["paragraph", "日本語です"]);
  });
});

const SCRAPS = (
  'From: a@b\n|Subject: x\n|Subject: =?utf-8?q?=C3?=\n|Content-Type: multipart/mixed; boundary=b\n|Content-Type: multipart/alternative; boundary="c"\n|' +
  "Content-Type: text/html; charset=utf-8\n|Content-Type: text/plain; charset=shift_jis\n|Content-Transfer-Encoding: base64\n|" +
  "Content-Transfer-Encoding: quoted-printable\n|Content-Disposition: attachment; filename*0*=''a%2; filename*1=\"b\"\n|\n|\r\n|\n\n|--b\n|--b--\n|--c\n|--c--|" +
  "<p>a</p>|<ul><li>x|=C3=A9|=\n|=|=3D|=0D=0A|SGVsbG8=|4pyT|> q\n|>> r\n|-- \n|text |é|\0|  \n| folded\n|:|\r"
).split("|");

describe("hostile mail", () => {
  it("holds every invariant, whatever its parts are", { timeout: 120_000 }, async () => {
    const inputs = fc.array(fc.constantFrom(...SCRAPS), { maxLength: 40 }).map((scraps) => scraps.join(""));
    await checkProperty(inputs, { runs: 400, seed: 9 }, async (mail) => {
      await assertInvariants(mail, MAIL);
    });
  });

  const nest = (depth: number) =>
    Array.from(
      { length: depth },
      (_, n) => `Content-Type: multipart/mixed; boundary=b${n}\n\n--b${n}\n`,
    ).join("");
  const LARGE: Record<string, () => string> = {
    "nested parts": () => `From: a\n${nest(2_000)}\nx`,
    "many parts": () =>
      `From: a\nContent-Type: multipart/mixed; boundary=b\n\n${"--b\n\nx\n".repeat(20_000)}`,
    "a long header": () => `From: a\nSubject: ${"=?utf-8?q?a?= ".repeat(20_000)}\n\nx`,
    "folded lines": () => `From: a\n${" b\n".repeat(50_000)}\nx`,
    "a megabyte of base64": () =>
      `From: a\nContent-Transfer-Encoding: base64\n\n${`${"QUJD".repeat(19)}\n`.repeat(13_000)}`,
    "a megabyte quoted": () =>
      `From: a\nContent-Transfer-Encoding: quoted-printable\n\n${"=C3=A9 word=\n".repeat(80_000)}`,
    "quote marks": () => `From: a\n\n${">".repeat(100_000)} x`,
  };
  for (const [name, make] of Object.entries(LARGE)) {
    it(`gives a sound result in bounded time for ${name}`, { timeout: TIME_LIMIT_MS }, async () => {
      await assertInvariants(make(), MAIL);
    });
  }
});

/** A mail with a subject and a text in Japanese. */
function mailIn(charset: string, text: string): Uint8Array {
  const subject = "=?ISO-2022-JP?B?GyRCRnxLXBsoQg==?=";
  return Buffer.from(
    `From: a\nTo: b\nSubject: ${subject}\nContent-Type: text/plain; charset=${charset}\n\n${text}\n`,
  );
}
