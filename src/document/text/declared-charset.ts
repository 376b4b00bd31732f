/** Browsers look for the declaration in this part of a document. */
const HTML_PRESCAN_BYTES = 1024;

/** Long enough for the headers of all parts of most mails. */
const MAIL_PRESCAN_BYTES = 256 * 1024;

const HTML_DECLARATIONS = [
  /<meta[^>]{0,200}?\scharset\s*=\s*["']?\s*([\w.:-]{1,40})/i,
  /<meta[^>]{0,200}?\scontent\s*=\s*(?:"[^"]{0,200}?|'[^']{0,200}?)charset\s*=\s*([\w.:-]{1,40})/i,
  /^<\?xml[^>]{0,200}?\sencoding\s*=\s*["']([\w.:-]{1,40})["']/i,
];

const MAIL_DECLARATION = /^content-type:[^\n]{0,500}(?:\n[ \t][^\n]{0,500})*?charset="?([\w.:-]{1,40})/gim;

/** The charset that a document declares within itself, in HTML or in the header of a mail's part. */
export function charsetDeclaredIn(bytes: Uint8Array, mediaType: string): string | undefined {
  if (mediaType === "text/html") return charsetOfHtml(bytes);
  return mediaType === "message/rfc822" ? charsetOfMail(bytes) : undefined;
}

/**
 * A declaration that can be read as ASCII is not in UTF-16 or UTF-32, so those are ignored (WHATWG HTML, "prescan a byte stream").
 */
function charsetOfHtml(bytes: Uint8Array): string | undefined {
  const head = latin1(bytes, HTML_PRESCAN_BYTES);
  const found = HTML_DECLARATIONS.map((pattern) => pattern.exec(head)?.[1]).find(
    (label) => label !== undefined,
  );
  return found === undefined || /^utf-?(?:16|32)/i.test(found) ? undefined : found;
}

/** The first charset beyond UTF-8 that a part declares: that of 8-bit text, if the mail has any. */
function charsetOfMail(bytes: Uint8Array): string | undefined {
  const labels = [...latin1(bytes, MAIL_PRESCAN_BYTES).matchAll(MAIL_DECLARATION)].map(([, label]) => label);
  return labels.find((label) => label !== undefined && !/^(?:utf-?(?:8|16|32)|us-ascii)/i.test(label));
}

function latin1(bytes: Uint8Array, length: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, length)).toString("latin1");
}
