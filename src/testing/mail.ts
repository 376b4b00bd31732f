/** A part of a mail: its bytes and what the mail says of them. */
export type MailPart = Readonly<{
  type: string;
  content: string | Uint8Array;
  /** Declared as an attachment of this name. */
  filename?: string;
  /** Header fields beside those that follow from the rest, each with its line ending. */
  fields?: string;
  /** `none`: the content as it is, as mails in mails are sent. */
  encoding?: "base64" | "none";
}>;

let boundaries = 0;

/** A mail with a text and parts, for tests. */
export function mailOf(
  subject: string,
  parts: readonly MailPart[] = [],
  text = `The text of ${subject}.`,
): Buffer<ArrayBuffer> {
  boundaries += 1;
  const boundary = `=_test_${boundaries}`;
  const header = `From: Ana <ana@a.example>\r\nTo: ben@b.example\r\nSubject: ${subject}\r\nMessage-ID: <${subject.replaceAll(/\W/g, "")}@a.example>\r\nMIME-Version: 1.0\r\n`;
  return Buffer.concat([
    Buffer.from(`${header}Content-Type: multipart/mixed; boundary="${boundary}"\r\n\r\n`),
    ...[{ type: "text/plain; charset=utf-8", content: text, encoding: "none" } as const, ...parts].flatMap(
      (part) => [Buffer.from(`--${boundary}\r\n`), writePart(part), Buffer.from("\r\n")],
    ),
    Buffer.from(`--${boundary}--\r\n`),
  ]);
}

function writePart({
  type,
  content,
  filename,
  fields = "",
  encoding = "base64",
}: MailPart): Buffer<ArrayBuffer> {
  const disposition =
    filename === undefined ? "" : `Content-Disposition: attachment; filename="${filename}"\r\n`;
  const transfer = encoding === "none" ? "" : "Content-Transfer-Encoding: base64\r\n";
  const bytes = Buffer.from(content);
  const body =
    encoding === "none" ? bytes : Buffer.from(bytes.toString("base64").replaceAll(/.{76}/g, "$&\r\n"));
  return Buffer.concat([
    Buffer.from(`Content-Type: ${type}\r\n${fields}${disposition}${transfer}\r\n`),
    body,
  ]);
}

/** A mail that holds a mail that holds a mail, and so on. */
export function nestedMail(depth: number): Buffer<ArrayBuffer> {
  if (depth === 0) return mailOf("Innermost");
  return mailOf(`Level ${depth}`, [
    { type: "message/rfc822", content: nestedMail(depth - 1), encoding: "none" },
  ]);
}
