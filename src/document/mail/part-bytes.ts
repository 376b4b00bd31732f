import type { Attachment } from "../schema.ts";

type TransferEncoding = Attachment["encoding"];

/** The encodings that change bytes; any other, such as 7bit, leaves them as they are. */
export function transferEncodingOf(declared: string): TransferEncoding {
  return declared === "base64" || declared === "quoted-printable" ? declared : "none";
}

/** The bytes that a part of a mail stands for (RFC 2045, section 6). */
export function decodeTransfer(encoded: Uint8Array, encoding: TransferEncoding): Uint8Array {
  if (encoding === "none") return encoded;
  const text = Buffer.from(encoded.buffer, encoded.byteOffset, encoded.byteLength).toString("latin1");
  return encoding === "base64" ? decodeBase64(text) : decodeQuotedPrintable(text);
}

/** Ends at the padding. Other characters than the 64 do not count. */
function decodeBase64(text: string): Uint8Array {
  const padding = text.indexOf("=");
  const digits = padding < 0 ? text : text.slice(0, padding);
  const isPlain = !/[^A-Za-z0-9+/\r\n]/.test(digits);
  return Buffer.from(isPlain ? digits : digits.replaceAll(/[^A-Za-z0-9+/]/g, ""), "base64");
}

/** Line by line: blanks at the end of a line do not count, and "=" there joins the line with the next. */
function decodeQuotedPrintable(text: string): Uint8Array {
  const lines = text.split("\n");
  const decoded = lines.map((line, index) => {
    const isLast = index === lines.length - 1;
    const newline = isLast ? "" : line.endsWith("\r") ? "\r\n" : "\n";
    const content = withoutBlanksAtEnd(line);
    if (content.endsWith("=")) return decodeHex(content.slice(0, -1));
    return decodeHex(isLast ? line : content) + newline;
  });
  return Buffer.from(decoded.join(""), "latin1");
}

/** Not `trimEnd`, which takes characters for blanks that stand for other bytes here. */
function withoutBlanksAtEnd(line: string): string {
  let end = line.length;
  while (end > 0 && " \t\r".includes(line.charAt(end - 1))) end -= 1;
  return line.slice(0, end);
}

function decodeHex(text: string): string {
  return text.replaceAll(/=([\da-fA-F]{2})/g, (_encoded, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 16)),
  );
}
