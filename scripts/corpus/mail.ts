import iconv from "iconv-lite";
import { bodyOf } from "./html.ts";
import { createModel, type Model, truthOf } from "./model.ts";
import type { CorpusDocument } from "./truth.ts";

type Body = Readonly<{
  type: string;
  text: string;
  charset?: string;
  encoding?: "base64" | "quoted-printable" | "8bit";
}>;

/** A mail of each kind that mail programs write, with what a reader should find in it. */
export function createMailCorpus(): CorpusDocument[] {
  const mail = (
    name: string,
    seed: number,
    write: (model: Model, truth: ReturnType<typeof truthOf>) => Buffer,
  ): CorpusDocument => {
    const model = createModel(seed);
    const truth = truthOf(model);
    const subject = "Report of the week";
    return {
      name,
      bytes: write(model, truth),
      mediaType: "message/rfc822",
      truth: {
        ...truth,
        text: `${subject}\n${truth.text}`,
        headings: [{ level: 1, text: subject }, ...truth.headings],
      },
    };
  };
  const html = (model: Model): Body => ({ type: "text/html", text: bodyOf(model, {}) });
  const plainOnly = (document: CorpusDocument): CorpusDocument => ({
    ...document,
    truth: { text: document.truth.text ?? "", headings: (document.truth.headings ?? []).slice(0, 1) },
  });
  return [
    plainOnly(
      mail("plain.eml", 21, (_model, { text }) =>
        message(entity({ type: "text/plain", text, encoding: "8bit" })),
      ),
    ),
    plainOnly(
      mail("plain-base64.eml", 23, (_model, { text }) =>
        message(entity({ type: "text/plain", text, encoding: "base64" })),
      ),
    ),
    plainOnly(
      mail("plain-latin-1.eml", 22, (_model, { text }) =>
        message(entity({ type: "text/plain", text, charset: "iso-8859-1", encoding: "8bit" })),
      ),
    ),
    mail("html-quoted-printable.eml", 24, (model) =>
      message(entity({ ...html(model), encoding: "quoted-printable" })),
    ),
    mail("html-base64.eml", 25, (model) => message(entity({ ...html(model), encoding: "base64" }))),
    mail("html-shift-jis.eml", 28, (model) =>
      message(entity({ ...html(model), charset: "shift_jis", encoding: "quoted-printable" })),
    ),
    mail("alternative.eml", 26, (model) =>
      message(
        multipart("alternative", [entity({ type: "text/plain", text: "Plain words" }), entity(html(model))]),
      ),
    ),
    mail("related-in-mixed.eml", 27, (model) =>
      message(
        multipart("mixed", [
          multipart("alternative", [
            entity({ type: "text/plain", text: "Plain words" }),
            multipart("related", [
              entity({ ...html(model), encoding: "base64" }),
              attachment("image/png", "logo.png"),
            ]),
          ]),
          attachment("application/pdf", "report.pdf"),
        ]),
      ),
    ),
    mail("windows-1252-quoted.eml", 32, (model) =>
      message(entity({ ...html(model), charset: "windows-1252", encoding: "quoted-printable" })),
    ),
  ];
}

function message(content: Buffer): Buffer {
  const header =
    "Received: from a.example\r\n\tby b.example; Mon, 3 Jun 2024 10:00:00 +0200\r\nFrom: =?utf-8?B?SsO8cmdlbg==?= <j@a.example>\r\n" +
    "To: k@b.example,\r\n l@b.example\r\nSubject: =?utf-8?Q?Report_of?=\r\n =?utf-8?Q?_the?= week\r\nDate: Mon, 3 Jun 2024 10:00:00 +0200\r\nMIME-Version: 1.0\r\n";
  return Buffer.concat([Buffer.from(header), content]);
}

function entity({ type, text, charset = "utf-8", encoding = "8bit" }: Body): Buffer {
  const header = `Content-Type: ${type}; charset=${charset}\r\nContent-Transfer-Encoding: ${encoding}\r\n\r\n`;
  return Buffer.concat([
    Buffer.from(header),
    encode(iconv.encode(text.replaceAll("\n", "\r\n"), charset), encoding),
  ]);
}

function attachment(type: string, name: string): Buffer {
  return Buffer.from(
    `Content-Type: ${type}; name="${name}"\r\nContent-Disposition: attachment; filename="${name}"\r\nContent-Transfer-Encoding: base64\r\n\r\nAAECAw==\r\n`,
  );
}

let boundaries = 0;

function multipart(subtype: string, parts: readonly Buffer[]): Buffer {
  boundaries += 1;
  const boundary = `=_part_${boundaries}`;
  return Buffer.concat([
    Buffer.from(`Content-Type: multipart/${subtype}; boundary="${boundary}"\r\n\r\nFor old readers.\r\n`),
    ...parts.flatMap((part) => [Buffer.from(`--${boundary}\r\n`), part, Buffer.from("\r\n")]),
    Buffer.from(`--${boundary}--\r\n`),
  ]);
}

function encode(bytes: Buffer, encoding: NonNullable<Body["encoding"]>): Buffer {
  if (encoding === "8bit") return bytes;
  if (encoding === "base64") return Buffer.from(bytes.toString("base64").replaceAll(/.{76}/g, "$&\r\n"));
  const units = [...bytes.toString("latin1").matchAll(/\r\n|[\s\S]/g)].map(([unit]) =>
    unit === "\r\n" || /^[!-<>-~ ]$/.test(unit)
      ? unit
      : `=${unit.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`,
  );
  let [quoted, length] = ["", 0];
  for (const unit of units) {
    if (unit !== "\r\n" && length + unit.length > 74) {
      quoted += "=\r\n";
      length = 0;
    }
    quoted += unit;
    length = unit === "\r\n" ? 0 : length + unit.length;
  }
  return Buffer.from(quoted.replaceAll(/ (?=\r\n)/g, "=20"));
}
