import { libs } from "../libs.ts";
import { appendBlock, type Reader } from "../reader.ts";
import { charsetDeclaredIn } from "../text/declared-charset.ts";
import { readDecodedText, type TextBlock, type TextBlocks } from "../text/decoded-text.ts";
import { MappedText } from "../text/mapped-text.ts";
import { ATTACHMENT_NOT_READ } from "../warnings.ts";
import { appendValue, type Header, readHeader, type Span } from "./headers.ts";
import { type Part, partsOf } from "./parts.ts";
import { readMailText } from "./plain-text.ts";
import { decodePart, sizeOf } from "./transfer-decoding.ts";

type ReadHtml = (source: string) => TextBlocks;

/** The header fields that a reader of the mail sees, beside its subject. */
const SHOWN_FIELDS = new Set(["from", "sender", "reply-to", "to", "cc", "bcc", "date"]);

const READABLE_PARTS = new Set(["text/plain", "text/html"]);

/**
 * A mail: its subject is the title, who wrote to whom and when is a block of metadata, its text is read as HTML or plain text, and
 * each attachment is named. The text of parts is tied to the bytes of the mail through the encoding of the part.
 */
export const mailReader: Reader = {
  recipe: {
    name: "jejakekal.mail",
    version: "1",
    params: { alternative: "last readable" },
    libs: libs("iconv-lite", "parse5"),
  },
  read: async (input) => {
    const { readHtml } = await import("../html/walker.ts");
    const charset = input.charset ?? charsetDeclaredIn(input.bytes, input.mediaType);
    return readDecodedText({ ...input, charset }, (source) => readMail(source, readHtml), {
      locateRuns: true,
    });
  },
};

function readMail(source: string, readHtml: ReadHtml): TextBlocks {
  const result: TextBlocks = { blocks: [], warnings: [] };
  const start = /^From .*\r?\n/.exec(source.slice(0, 1_000))?.[0].length ?? 0;
  const whole = { start, end: source.length };
  addHeader(result, source, readHeader(source, whole));
  for (const part of partsOf(source, whole, READABLE_PARTS)) {
    if (part.isAttachment || !READABLE_PARTS.has(part.mediaType)) addAttachment(result, source, part);
    else addText(result, source, part, readHtml);
  }
  return result;
}

function addHeader({ blocks }: TextBlocks, source: string, header: Header): void {
  const subject = header.fields.find(({ name }) => name === "subject");
  if (subject) {
    const content = contentOf(source, subject.value);
    if (!content.isBlank) appendBlock(blocks, { type: "title", level: 1, content, reasons: [] });
  }
  const content = new MappedText(source);
  for (const { name, nameStart, value } of header.fields) {
    if (!SHOWN_FIELDS.has(name) || value.start === value.end) continue;
    if (!content.isEmpty) content.appendAs("\n", nameStart, nameStart);
    content.append(nameStart, nameStart + name.length);
    content.appendAs(": ", nameStart + name.length, value.start);
    appendValue(content, source, value);
  }
  if (!content.isBlank) appendBlock(blocks, { type: "metadata", content, reasons: [] });
}

function contentOf(source: string, value: Span): MappedText {
  const content = new MappedText(source);
  appendValue(content, source, value);
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

/** An attachment is a document of its own: it is named here, and a warning says that it was not read. */
function addAttachment({ blocks, warnings }: TextBlocks, source: string, part: Part): void {
  const { body, mediaType, filename } = part;
  const size = sizeOf(source, part);
  const start = part.header.fields[0]?.nameStart ?? body.start;
  const content = new MappedText(source);
  const name = filename === "" ? "without a name" : filename;
  content.appendAs(
    `Attachment: ${name} (${mediaType}, ${size} ${size === 1 ? "byte" : "bytes"})`.toWellFormed(),
    start,
    body.start,
  );
  warnings.push({ code: ATTACHMENT_NOT_READ, block: blocks.length });
  appendBlock(blocks, { type: "metadata", content, reasons: [] });
}
