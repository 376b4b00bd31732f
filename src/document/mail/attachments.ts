import { sha256Hex } from "../../sha256.ts";
import { identify } from "../detect.ts";
import { findFormat } from "../formats.ts";
import { mediaTypeOf, parseMediaType } from "../media-type.ts";
import type { Attachment } from "../schema.ts";
import type { CharsetRules } from "../text/charset-label.ts";
import { type Decoded, decode } from "../text/decode.ts";
import { decodeTransfer, transferEncodingOf } from "./decode-transfer.ts";
import { type Part, partsOfMail, READABLE_PARTS } from "./parts.ts";

const MAIL = "message/rfc822";

/** Runs that one mail may start, together with the mails that are attached to it. */
export const MAX_ATTACHMENT_RUNS = 100;

/** The bytes of these runs together. */
export const MAX_ATTACHMENT_BYTES = 64 * 1024 * 1024;

/** Mails within each other in one mail. An attached mail in which there are more, itself included, gets no run. */
export const MAX_NESTED_MAILS = 5;

/** What is read of an attachment, before its place among the blocks of the document is known. */
export type FoundAttachment = Omit<Attachment, "blockId">;

/** `runs` and `runBytes`: the runs that the attachments start, those of attached mails included. */
export type AttachmentList = Readonly<{
  attachments: readonly FoundAttachment[];
  runs: number;
  runBytes: number;
  /** How many mails are within each other in this one: 0 without an attached mail. */
  nesting: number;
}>;

const NOTHING: AttachmentList = { attachments: [], runs: 0, runBytes: 0, nesting: 0 };

/**
 * The attachments among the parts of a mail. Which of them get a run depends on the bytes of the mail alone: every reader of the same
 * bytes decides the same, however deep in other mails it found them.
 * @param parts in their order
 * @param depth how many mails this one is in; deeper ones are not opened
 */
export function listAttachments(
  mail: Uint8Array,
  { toByteOffsets }: Pick<Decoded, "toByteOffsets">,
  parts: readonly Part[],
  depth = 0,
): AttachmentList {
  const offsets = toByteOffsets(parts.flatMap(({ body }) => [body.start, body.end]));
  /** The numbers of those that get a run, by the hash of their bytes. */
  const numbers = new Map<string, number>();
  const list = { attachments: [] as FoundAttachment[], runs: 0, runBytes: 0, nesting: 0 };
  for (const [index, part] of parts.entries()) {
    const span: [number, number] = [offsets[2 * index] ?? 0, offsets[2 * index + 1] ?? 0];
    const encoding = transferEncodingOf(part.encoding);
    const content = decodeTransfer(mail.subarray(...span), encoding);
    const found: FoundAttachment = {
      n: index + 1,
      ...(part.filename === "" ? {} : { name: part.filename.toWellFormed() }),
      mediaType: declaredTypeOf(part, content),
      bytes: content.length,
      sha256: sha256Hex(content),
      span,
      encoding,
    };
    const first = numbers.get(found.sha256);
    if (first !== undefined) found.sameAs = first;
    else {
      const nested = listNested(content, found.mediaType, depth, part.header.rules);
      const leftOut = whyLeftOut(found, content, nested, list);
      if (leftOut === null) {
        numbers.set(found.sha256, found.n);
        list.runs += 1 + nested.runs;
        list.runBytes += found.bytes + nested.runBytes;
      } else found.leftOut = leftOut;
      list.nesting = Math.max(list.nesting, nested.nesting);
    }
    list.attachments.push(found);
  }
  return list;
}

/** The attachments of an attached mail; `nesting` counts that mail too. Nothing for another document. */
function listNested(
  content: Uint8Array,
  mediaType: string,
  depth: number,
  rules: CharsetRules,
): AttachmentList {
  const { essence, charset } = parseMediaType(mediaType);
  if (content.length === 0 || identify(content, essence, charset).mediaType !== MAIL) return NOTHING;
  if (depth >= MAX_NESTED_MAILS) return { ...NOTHING, nesting: 1 };
  const decoded = decode(content, charset, rules);
  const parts = partsOfMail(decoded.text, rules).filter(isAttachment);
  const list = listAttachments(content, decoded, parts, depth + 1);
  return { ...list, nesting: list.nesting + 1 };
}

function whyLeftOut(
  { mediaType, bytes }: FoundAttachment,
  content: Uint8Array,
  nested: AttachmentList,
  taken: Pick<AttachmentList, "runs" | "runBytes">,
): NonNullable<Attachment["leftOut"]> | null {
  if (bytes === 0) return "empty";
  if (!isReadable(content, mediaType)) return "not_readable";
  if (nested.nesting > MAX_NESTED_MAILS) return "nested";
  const isOver =
    taken.runs + 1 + nested.runs > MAX_ATTACHMENT_RUNS ||
    taken.runBytes + bytes + nested.runBytes > MAX_ATTACHMENT_BYTES;
  return isOver ? "limit" : null;
}

/** Unlike a document that somebody sends, an attachment whose bytes show a format without a reader gets no run: a picture, whatever its type says. */
function isReadable(content: Uint8Array, mediaType: string): boolean {
  const { essence, charset } = parseMediaType(mediaType);
  const identity = identify(content, essence, charset);
  const kind = findFormat(identity.mediaType)?.kind;
  // A picture is not: what a mail says does not depend on whether its reader has OCR.
  return identity.isEncrypted || (kind !== undefined && kind !== "picture");
}

/** The media type as a start of a run decides it: the declared type, then the bytes, then the name. */
function declaredTypeOf({ mediaType, charset, filename }: Part, bytes: Uint8Array): string {
  const isPrintable = charset !== undefined && /^[\x20-\x7e]{1,80}$/.test(charset);
  const declared = isPrintable ? `${mediaType}; charset="${charset.replaceAll(/["\\]/g, "")}"` : mediaType;
  return mediaTypeOf({ declared, filename, bytes });
}

/** A part that is read as the text of the mail. */
export function isText({ isAttachment, mediaType }: Part): boolean {
  return !isAttachment && READABLE_PARTS.has(mediaType);
}

/** A picture that the text of the mail shows. Some mail programs give attachments a content id too, so a declared attachment is one. */
export function isInlineImage({ isAttachment, hasContentId, mediaType }: Part): boolean {
  return !isAttachment && hasContentId && mediaType.startsWith("image/");
}

export function isAttachment(part: Part): boolean {
  return !isText(part) && !isInlineImage(part);
}

/**
 * The bytes of an attachment, from those of its mail.
 * @throws Error when they are not those that were read
 */
export function extractAttachment(
  mail: Uint8Array,
  { span, encoding, sha256 }: Pick<Attachment, "span" | "encoding" | "sha256">,
): Uint8Array {
  const content = decodeTransfer(mail.subarray(...span), encoding);
  if (sha256Hex(content) !== sha256) throw new Error(`no attachment with sha256 ${sha256} is at ${span}`);
  return content;
}
