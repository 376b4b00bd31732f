import { libs } from "../libs.ts";
import { appendBlock, type PlacedAttachment, type Reader } from "../reader.ts";
import type { CharsetRules } from "../text/charset-label.ts";
import { charsetDeclaredIn } from "../text/declared-charset.ts";
import type { Decoded } from "../text/decode.ts";
import { readDecodedText, type TextBlock, type TextBlocks } from "../text/decoded-text.ts";
import { MappedText } from "../text/mapped-text.ts";
import { ATTACHMENT_LIMIT, ATTACHMENT_NESTED, ATTACHMENT_NOT_READ } from "../warnings.ts";
import { type FoundAttachment, isAttachment, isInlineImage, isText, listAttachments } from "./attachments.ts";
import { appendValue, type Header, readHeader, type Span } from "./headers.ts";
import { decodePart, sizeOf } from "./part-text.ts";
import { type Part, partsOfMail, spanOfMail } from "./parts.ts";
import { readMailText } from "./plain-text.ts";

type ReadHtml = (source: string) => TextBlocks;

/** The header fields that a reader of the mail sees, beside its subject. */
const SHOWN_FIELDS = new Set(["from", "sender", "reply-to", "to", "cc", "bcc", "date"]);

/**
 * A mail: its subject is the title, who wrote to whom and when is a block of metadata, its text is read as HTML or plain text, and
 * each attachment is named, with its place in the mail. The text of parts is tied to the bytes of the mail through the encoding of the part.
 * Version 2 of its recipe knew fewer charsets and read HTML as that version did. In version 1 attachments were named in their blocks
 * alone, and pictures of the text were among them.
 */
export const mailReader: Reader = {
  recipe: {
    name: "jejakekal.mail",
    version: "3",
    params: { alternative: "last readable" },
    libs: libs("iconv-lite", "parse5"),
  },
  read: async (input) => {
    const html = await import("../html/walker.ts");
    const charset = input.charset ?? charsetDeclaredIn(input.bytes, input.mediaType);
    const rules = input.earlierVersion === undefined ? 2 : 1;
    const readHtml: ReadHtml = (source) => html.readHtml(source, rules);
    return readDecodedText(
      { ...input, charset },
      (source, decoded) =>
        input.earlierVersion === "1"
          ? readMail1(source, readHtml)
          : readMail(source, readHtml, { mail: input.bytes, decoded, rules }),
      { locateRuns: true },
    );
  },
};

type Mail = Readonly<{ mail: Uint8Array; decoded: Decoded; rules: CharsetRules }>;

function readMail(source: string, readHtml: ReadHtml, { mail, decoded, rules }: Mail): TextBlocks {
  const result: TextBlocks = { blocks: [], warnings: [] };
  addHeader(result, source, readHeader(source, spanOfMail(source), rules));
  const parts = partsOfMail(source, rules);
  const { attachments } = listAttachments(mail, decoded, parts.filter(isAttachment));
  const placed: PlacedAttachment[] = [];
  for (const part of parts) {
    if (isText(part)) addText(result, source, part, readHtml);
    else if (isInlineImage(part)) addNamed(result, source, part, "image", nameInlineImage(source, part));
    else {
      const attachment = attachments[placed.length];
      if (attachment !== undefined) placed.push(addAttachment(result, source, part, attachment));
    }
  }
  return placed.length === 0 ? result : { ...result, attachments: placed };
}

function readMail1(source: string, readHtml: ReadHtml): TextBlocks {
  const result: TextBlocks = { blocks: [], warnings: [] };
  addHeader(result, source, readHeader(source, spanOfMail(source), 1));
  for (const part of partsOfMail(source, 1)) {
    if (isText(part)) addText(result, source, part, readHtml);
    else {
      result.warnings.push({ code: ATTACHMENT_NOT_READ, block: result.blocks.length });
      const size = inBytes(sizeOf(source, part));
      addNamed(result, source, part, "metadata", `Attachment: ${nameOf(part)} (${part.mediaType}, ${size})`);
    }
  }
  return result;
}

function addHeader({ blocks }: TextBlocks, source: string, header: Header): void {
  const subject = header.fields.find(({ name }) => name === "subject");
  if (subject) {
    const content = contentOf(source, subject.value, header.rules);
    if (!content.isBlank) appendBlock(blocks, { type: "title", level: 1, content, reasons: [] });
  }
  const content = new MappedText(source);
  for (const { name, nameStart, value } of header.fields) {
    if (!SHOWN_FIELDS.has(name) || value.start === value.end) continue;
    if (!content.isEmpty) content.appendAs("\n", nameStart, nameStart);
    content.append(nameStart, nameStart + name.length);
    content.appendAs(": ", nameStart + name.length, value.start);
    appendValue(content, source, value, header.rules);
  }
  if (!content.isBlank) appendBlock(blocks, { type: "metadata", content, reasons: [] });
}

function contentOf(source: string, value: Span, rules: CharsetRules): MappedText {
  const content = new MappedText(source);
  appendValue(content, source, value, rules);
  return content.trim();
}

function addText(result: TextBlocks, source: string, part: Part, readHtml: ReadHtml): void {
  const decoded = decodePart(source, part);
  const read =
    part.mediaType === "text/html"
      ? readHtml(decoded.text)
      : { blocks: readMailText(decoded.text), warnings: [] };
  const first = result.blocks.length;
  for (const block of read.blocks) {
    const moved: TextBlock = { ...block, content: moveToSource(block.content, decoded, source) };
    // The subject is the title of the mail; a headline in its text is below that.
    if (moved.type === "title" && result.blocks[0]?.type === "title") moved.type = "heading";
    if (block.parent !== undefined) moved.parent = block.parent + first;
    appendBlock(result.blocks, moved);
  }
  for (const { code, block } of read.warnings)
    result.warnings.push({ code, ...(block === undefined ? {} : { block: block + first }) });
}

/** Ties text that was read from a decoded part to the source of the mail. */
function moveToSource(content: MappedText, decoded: MappedText, source: string): MappedText {
  const moved = new MappedText(source);
  for (const [textStart, textLength, start, length, exact] of content.runs) {
    if (exact) {
      moved.concat(decoded.slice(start, start + length));
      continue;
    }
    const place = decoded.sourceOf(start, start + length);
    moved.appendAs(content.text.slice(textStart, textStart + textLength), place.start, place.end);
  }
  return moved;
}

/** An attachment is a document of its own: it is named here, and a warning says where it gets no run. */
function addAttachment(
  result: TextBlocks,
  source: string,
  part: Part,
  attachment: FoundAttachment,
): PlacedAttachment {
  const block = result.blocks.length;
  const { bytes, leftOut } = attachment;
  if (leftOut !== undefined) result.warnings.push({ code: WARNING_OF[leftOut], block });
  const about = `Attachment: ${nameOf(part)} (${part.mediaType}, ${inBytes(bytes)})`;
  addNamed(result, source, part, "metadata", about);
  return { ...attachment, block };
}

const WARNING_OF = {
  empty: ATTACHMENT_NOT_READ,
  not_readable: ATTACHMENT_NOT_READ,
  nested: ATTACHMENT_NESTED,
  limit: ATTACHMENT_LIMIT,
} as const satisfies Record<NonNullable<FoundAttachment["leftOut"]>, string>;

function nameInlineImage(source: string, part: Part): string {
  return `Image: ${nameOf(part)} (${part.mediaType}, ${inBytes(sizeOf(source, part))})`;
}

/** A block that names a part and stands for its header. */
function addNamed(
  { blocks }: TextBlocks,
  source: string,
  { body, header }: Part,
  type: "image" | "metadata",
  about: string,
): void {
  const content = new MappedText(source);
  content.appendAs(about.toWellFormed(), header.fields[0]?.nameStart ?? body.start, body.start);
  appendBlock(blocks, { type, content, reasons: [] });
}

function nameOf({ filename }: Part): string {
  return filename === "" ? "without a name" : filename;
}

function inBytes(size: number): string {
  return `${size} ${size === 1 ? "byte" : "bytes"}`;
}
