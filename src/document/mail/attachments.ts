import { sha256Hex } from "../../sha256.ts";
import { type Identity, identify } from "../detect.ts";
import { findFormat } from "../formats.ts";
import { mediaTypeOf, parseMediaType } from "../media-type.ts";
import type { Attachment } from "../schema.ts";
import type { CharsetRules } from "../text/charset-label.ts";
import { type Decoded, decode } from "../text/decode.ts";
import { decodeTransfer, transferEncodingOf } from "./part-bytes.ts";
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
      const { essence, charset } = parseMediaType(found.mediaType);
      const identity = identify(content, essence, charset);
      const isMail = content.length > 0 && identity.mediaType === MAIL;
      const nested = isMail ? listNested(content, charset, depth, part.header.rules) : NOTHING;
      const leftOut = whyLeftOut(found, identity, nested, list);
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

/** The attachments of an attached mail; `nesting` counts that mail too. */
function listNested(
  content: Uint8Array,
  charset: string | undefined,
  depth: number,
  rules: CharsetRules,
): AttachmentList {
  if (depth >= MAX_NESTED_MAILS) return { ...NOTHING, nesting: 1 };
  const decoded = decode(content, charset, rules);
  const parts = partsOfMail(decoded.text, rules).filter(isAttachment);
  const list = listAttachments(content, decoded, parts, depth + 1);
  return { ...list, nesting: list.nesting + 1 };
}

function whyLeftOut(
  { bytes }: FoundAttachment,
  identity: Identity,
  nested: AttachmentList,
  taken: Pick<AttachmentList, "runs" | "runBytes">,
): NonNullable<Attachment["leftOut"]> | null {
  if (bytes === 0) return "empty";
  if (!isReadable(identity)) return "not_readable";
  if (nested.nesting > MAX_NESTED_MAILS) return "nested";
  const isOver =
    taken.runs + 1 + nested.runs > MAX_ATTACHMENT_RUNS ||
    taken.runBytes + bytes + nested.runBytes > MAX_ATTACHMENT_BYTES;
  return isOver ? "limit" : null;
}

/**
 * Unlike a document that somebody sends, an attachment whose bytes show a format without a reader gets no run. Nor does a picture: what
 * a mail says does not depend on whether its reader has OCR.
 */
function isReadable({ mediaType, isEncrypted }: Identity): boolean {
  const kind = findFormat(mediaType)?.kind;
  return isEncrypted || (kind !== undefined && kind !== "picture");
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
