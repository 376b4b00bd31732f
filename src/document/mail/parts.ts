import type { CharsetRules } from "../text/charset-label.ts";
import { type Header, headerValue, parseParameters, readHeader, type Span } from "./headers.ts";

/** A part of a mail that is not multipart. */
export type Part = Readonly<{
  header: Header;
  body: Span;
  mediaType: string;
  charset: string | undefined;
  encoding: string;
  filename: string;
  /** Declared as an attachment. */
  isAttachment: boolean;
  hasContentId: boolean;
}>;

/** More parts, or deeper ones, are not told apart. */
const MAX_PARTS = 10_000;
const MAX_DEPTH = 50;

type Entity = Readonly<{ span: Span; depth: number; defaultType: string }>;

/** The types of the parts that are read as text of the mail. */
export const READABLE_PARTS: ReadonlySet<string> = new Set(["text/plain", "text/html"]);

/** Where a mail begins: after the line that separates it from others in a mailbox file. */
export function spanOfMail(source: string): Span {
  const start = /^From .*\r?\n/.exec(source.slice(0, 1_000))?.[0].length ?? 0;
  return { start, end: source.length };
}

/**
 * The parts of a mail in their order. Of alternatives only the last is taken whose type is readable: senders order them from
 * the plainest to the richest (RFC 2046).
 */
export function partsOfMail(source: string, rules: CharsetRules): Part[] {
  const parts: Part[] = [];
  const waiting: Entity[] = [{ span: spanOfMail(source), depth: 0, defaultType: "text/plain" }];
  for (let entity = waiting.pop(); entity && parts.length < MAX_PARTS; entity = waiting.pop()) {
    const { span, depth, defaultType } = entity;
    const part = readPart(source, span, defaultType, rules);
    const boundary = part.mediaType.startsWith("multipart/") ? boundaryOf(source, part.header) : "";
    const spans = depth < MAX_DEPTH ? splitBody(source, part.body, boundary) : [];
    if (spans.length === 0) {
      parts.push(part);
      continue;
    }
    const chosen = part.mediaType === "multipart/alternative" ? chooseOne(source, spans, rules) : spans;
    const childType = part.mediaType === "multipart/digest" ? "message/rfc822" : "text/plain";
    for (const child of chosen.toReversed())
      waiting.push({ span: child, depth: depth + 1, defaultType: childType });
  }
  return parts;
}

function readPart(source: string, span: Span, defaultType: string, rules: CharsetRules): Part {
  const header = readHeader(source, span, rules);
  const type = parseParameters(headerValue(source, header, "content-type"), rules);
  const disposition = parseParameters(headerValue(source, header, "content-disposition"), rules);
  const filename = disposition.parameters.get("filename") ?? type.parameters.get("name") ?? "";
  return {
    header,
    body: { start: Math.min(header.bodyStart, span.end), end: span.end },
    mediaType: /^[\w.+-]+\/[\w.+-]+$/.test(type.value) ? type.value : defaultType,
    charset: type.parameters.get("charset"),
    encoding: headerValue(source, header, "content-transfer-encoding").trim().toLowerCase(),
    filename: filename.replaceAll(/[\p{Cc}\p{Cf}]/gu, "").slice(0, 200),
    isAttachment: disposition.value === "attachment",
    hasContentId: header.fields.some(({ name }) => name === "content-id"),
  };
}

function boundaryOf(source: string, header: Header): string {
  return (
    parseParameters(headerValue(source, header, "content-type"), header.rules).parameters.get("boundary") ??
    ""
  );
}

/** A multipart counts as readable, because it holds what its sender found better than the alternatives before it. */
function chooseOne(source: string, spans: readonly Span[], rules: CharsetRules): Span[] {
  const isReadable = (span: Span) => {
    const { mediaType } = readPart(source, span, "text/plain", rules);
    return mediaType.startsWith("multipart/") || READABLE_PARTS.has(mediaType);
  };
  return [spans.findLast(isReadable) ?? spans.at(-1)].filter((span) => span !== undefined);
}

/** The entities between the boundary lines of a body. The line ending before a boundary belongs to the boundary. */
function splitBody(source: string, { start, end }: Span, boundary: string): Span[] {
  if (boundary === "") return [];
  const body = source.slice(start, end);
  const delimiter = `--${boundary}`;
  const spans: Span[] = [];
  let open = -1;
  for (let at = body.indexOf(delimiter); at >= 0; at = body.indexOf(delimiter, at + delimiter.length)) {
    if (at > 0 && body.charAt(at - 1) !== "\n") continue;
    const newline = body.indexOf("\n", at);
    const lineEnd = newline < 0 ? body.length : newline;
    const [, closing] = /^(--)?\s*$/.exec(
      body.slice(at + delimiter.length, Math.min(lineEnd, at + delimiter.length + 80)),
    ) ?? [null, null];
    if (closing === null) continue;
    if (open >= 0) spans.push({ start: start + open, end: start + Math.max(open, beforeLineEnd(body, at)) });
    open = closing === undefined ? Math.min(lineEnd + 1, body.length) : -1;
    if (closing !== undefined) break;
  }
  if (open >= 0) spans.push({ start: start + open, end });
  return spans;
}

function beforeLineEnd(body: string, at: number): number {
  const to = at > 0 && body.charAt(at - 1) === "\n" ? at - 1 : at;
  return to > 0 && body.charAt(to - 1) === "\r" ? to - 1 : to;
}
