import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { sha256Hex } from "../../sha256.ts";
import { type MailPart, mailOf, nestedMail } from "../../testing/mail.ts";
import type { Attachment } from "../schema.ts";
import { assertInvariants } from "../test-kit.ts";
import { extractAttachment, MAX_ATTACHMENT_RUNS, MAX_NESTED_MAILS } from "./attachments.ts";
import { decodeTransfer } from "./part-bytes.ts";

const PNG = Buffer.from("\x89PNG\r\n\x1a\n\0\0", "latin1");
const note = (n: number): MailPart => ({ type: "text/plain", content: `Note ${n}`, filename: `${n}.txt` });

async function read(mail: Uint8Array) {
  const { docir } = await assertInvariants(mail, "message/rfc822");
  return { docir, attachments: docir.attachments ?? [] };
}

/** What an attachment came to: `run`, or why it has none. */
const outcomeOf = ({ leftOut, sameAs }: Attachment) =>
  leftOut ?? (sameAs === undefined ? "run" : `as ${sameAs}`);

describe("the attachments of a mail", () => {
  it("have a name, a type, a size, a hash and the place of their bytes, in every encoding", async () => {
    const text = "Größe: 5\r\nlast line";
    const quoted = "Gr=C3=B6=C3=9Fe: =\r\n5  \r\nlast line";
    const mail = mailOf(
      "Ä — all encodings",
      [
        { type: "text/plain; charset=utf-8", content: text, filename: "base64.txt" },
        { type: "text/csv", content: text, filename: "plain.csv", encoding: "none" },
        {
          type: 'application/octet-stream; name="table.csv"',
          content: quoted,
          fields: "Content-Transfer-Encoding: Quoted-Printable\r\n",
          encoding: "none",
        },
      ],
      "Text — with – dashes.",
    );
    const { docir, attachments } = await read(mail);
    assert.deepEqual(
      attachments.map(({ n, name, mediaType, encoding, blockId }) => [n, name, mediaType, encoding, blockId]),
      [
        [1, "base64.txt", "text/plain; charset=utf-8", "base64", docir.blocks[3]?.id],
        [2, "plain.csv", "text/csv", "none", docir.blocks[4]?.id],
        [3, "table.csv", "text/csv", "quoted-printable", docir.blocks[5]?.id],
      ],
    );
    for (const attachment of attachments) {
      assert.equal(attachment.bytes, Buffer.byteLength(text), attachment.name);
      assert.equal(attachment.sha256, sha256Hex(text), attachment.name);
      assert.equal(Buffer.from(extractAttachment(mail, attachment)).toString(), text);
    }
    assert.deepEqual(attachments.map(outcomeOf), ["run", "as 1", "as 1"]);
    const [first] = attachments;
    assert.ok(first);
    const moved = { ...first, span: [first.span[0] + 4, first.span[1]] as [number, number] };
    assert.throws(() => extractAttachment(mail, moved), /no attachment/);
  });

  it("get a run when their bytes or their type is of a format that is read", async () => {
    const { docir, attachments } = await read(
      mailOf("Formats", [
        { type: "image/png", content: PNG, filename: "photo.png" },
        { type: "application/pdf", content: PNG, filename: "no.pdf" },
        { type: "image/jpeg", content: "<!doctype html><p>x", filename: "page.jpg" },
        { type: "text/plain", content: "", filename: "empty.txt" },
        { type: "application/octet-stream", content: "\0\x01\x02", filename: "data.bin" },
        { type: "application/octet-stream", content: "a,b\n1,2\n", filename: "a.csv" },
        { type: "text/calendar", content: "BEGIN:VCALENDAR" },
        { type: "text/plain", content: "BEGIN:VCALENDAR", filename: "the same bytes.txt" },
      ]),
    );
    assert.deepEqual(attachments.map(outcomeOf), [
      "not_readable",
      "not_readable",
      "run",
      "empty",
      "not_readable",
      "run",
      "not_readable",
      "run",
    ]);
    assert.deepEqual(new Set(docir.warnings.map(({ code }) => code)), new Set(["attachment_not_read"]));
    assert.deepEqual(
      docir.warnings.map(({ blockId }) => blockId),
      attachments.filter(({ leftOut }) => leftOut !== undefined).map(({ blockId }) => blockId),
    );
  });

  it("are not the pictures that its text shows", async () => {
    const { docir, attachments } = await read(
      mailOf("Pictures", [
        { type: "image/png; name=logo.png", content: PNG, fields: "Content-ID: <logo>\r\n" },
        { type: "image/png", content: PNG, filename: "photo.png", fields: "Content-ID: <photo>\r\n" },
      ]),
    );
    assert.deepEqual(
      attachments.map(({ name }) => name),
      ["photo.png"],
    );
    assert.deepEqual(
      docir.blocks.slice(3).map(({ type }) => type),
      ["image", "metadata"],
    );
    assert.match(docir.text, /Image: logo\.png \(image\/png, 10 bytes\)/);
    assert.equal(docir.warnings.length, 1);
  });

  it(`get at most ${MAX_ATTACHMENT_RUNS} runs, those in attached mails included, and a warning names each that is left out`, async () => {
    const three = mailOf("Three", [note(1), note(2), note(3)]);
    const parts = Array.from({ length: MAX_ATTACHMENT_RUNS - 2 }, (_, n) => note(n));
    const { docir, attachments } = await read(
      mailOf("Many", [
        ...parts,
        { type: "message/rfc822", content: three, encoding: "none" },
        note(1_001),
        note(1_002),
        note(1_003),
      ]),
    );
    const outcomes = attachments.map(outcomeOf);
    assert.deepEqual(outcomes.slice(-4), ["limit", "run", "run", "limit"]);
    assert.equal(outcomes.filter((outcome) => outcome === "run").length, MAX_ATTACHMENT_RUNS);
    const warned = docir.warnings.filter(({ code }) => code === "attachment_limit");
    assert.deepEqual(
      warned.map(({ blockId }) => blockId),
      attachments.filter(({ leftOut }) => leftOut === "limit").map(({ blockId }) => blockId),
    );
  });

  it("start together no more runs than the limit, however mails are in mails", async () => {
    const countRuns = async (mail: Uint8Array): Promise<number> => {
      const { attachments } = await read(mail);
      let runs = 0;
      for (const attachment of attachments) {
        if (outcomeOf(attachment) !== "run") continue;
        runs += 1;
        if (attachment.mediaType === "message/rfc822")
          runs += await countRuns(extractAttachment(mail, attachment));
      }
      return runs;
    };
    const inner = (m: number) => mailOf(`Inner ${m}`, [note(m), note(m + 100), note(m + 200)]);
    const middle = (m: number) =>
      mailOf(
        `Middle ${m}`,
        [1, 2, 3, 4].map((n) => ({ type: "message/rfc822", content: inner(10 * m + n), encoding: "none" })),
      );
    const bomb = mailOf(
      "Bomb",
      Array.from(
        { length: 9 },
        (_, m) => ({ type: "message/rfc822", content: middle(m), encoding: "none" }) as const,
      ),
    );
    assert.equal(await countRuns(bomb), 5 * 17);
  });

  it(`get no run where more than ${MAX_NESTED_MAILS} mails are within each other`, async () => {
    const fits = await read(nestedMail(MAX_NESTED_MAILS));
    assert.deepEqual(fits.attachments.map(outcomeOf), ["run"]);
    for (const depth of [MAX_NESTED_MAILS + 1, MAX_NESTED_MAILS + 30]) {
      const { docir, attachments } = await read(nestedMail(depth));
      assert.deepEqual(attachments.map(outcomeOf), ["nested"]);
      assert.deepEqual(
        docir.warnings.map(({ code }) => code),
        ["attachment_nested"],
      );
    }
  });
});

describe("a transfer encoding", () => {
  const decoded = (text: string, encoding: Attachment["encoding"]) =>
    Buffer.from(decodeTransfer(Buffer.from(text, "latin1"), encoding)).toString("latin1");

  it("gives the same bytes on every runtime, whatever its text is", () => {
    assert.equal(decoded("SGVs\r\nbG8=\r\nSGVsbG8=", "base64"), "Hello");
    assert.equal(decoded("SG Vs!bG\t8", "base64"), "Hello");
    assert.equal(decoded("-_-_", "base64"), "");
    assert.equal(decoded("", "base64"), "");
    assert.equal(decoded("a=3D=\r\nb=\nc =20\t\r\n=xx \xa0", "quoted-printable"), "a=bc  \r\n=xx \xa0");
    assert.equal(decoded("=", "quoted-printable"), "");
    assert.equal(decoded(" a \r\n", "quoted-printable"), " a\r\n");
    assert.equal(decoded("=3D", "none"), "=3D");
  });
});
