/** Browsers look for the declaration in this part of the document. */
const PRESCAN_BYTES = 1024;

const DECLARATIONS = [
  /<meta[^>]{0,200}?\scharset\s*=\s*["']?\s*([\w.:-]{1,40})/i,
  /<meta[^>]{0,200}?\scontent\s*=\s*(?:"[^"]{0,200}?|'[^']{0,200}?)charset\s*=\s*([\w.:-]{1,40})/i,
  /^<\?xml[^>]{0,200}?\sencoding\s*=\s*["']([\w.:-]{1,40})["']/i,
];

/**
 * The charset that an HTML document declares within itself. A declaration that can be read as ASCII is not in UTF-16 or UTF-32,
 * so those are ignored (WHATWG HTML, "prescan a byte stream").
 */
export function charsetDeclaredIn(bytes: Uint8Array): string | undefined {
  const head = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, PRESCAN_BYTES)).toString(
    "latin1",
  );
  const found = DECLARATIONS.map((pattern) => pattern.exec(head)?.[1]).find((label) => label !== undefined);
  return found === undefined || /^utf-?(?:16|32)/i.test(found) ? undefined : found;
}
