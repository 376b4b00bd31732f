import { FAILURES, type FailureCode } from "../failure.ts";
import { acceptedInWords } from "./accepted.ts";
import { formatBytes } from "./format.ts";

type Detail = Readonly<Record<string, unknown>>;

/** What a page says of a failure of the API: for a refused document what is taken, else the message of the failure. */
export function problemInWords(code: string, message: unknown, detail: Detail): string {
  if (isFormatRefusal(code, detail))
    return `This format is not read. ${acceptedInWords()}${noteOnPictures(detail.media_type)}`;
  if (detail.field === "source" && detail.reason === "is empty") return "The document is empty.";
  if (code === "payload_too_large" && typeof detail.limit_bytes === "number")
    return tooLargeInWords(detail.limit_bytes);
  const words =
    typeof message === "string" ? message : isFailureCode(code) ? FAILURES[code] : "Something went wrong.";
  return typeof detail.reason === "string" && typeof message !== "string"
    ? `${words} It ${detail.reason}.`
    : words;
}

export function tooLargeInWords(limitBytes: number): string {
  return `The document is larger than ${formatBytes(limitBytes)}. ${acceptedInWords({ limitBytes })}`;
}

function noteOnPictures(mediaType: unknown): string {
  return String(mediaType).startsWith("image/") ? " PNG and JPEG are read where JEJAKEKAL_OCR is set." : "";
}

/** A document of a format that is not read, as opposed to a request in an unknown content coding. */
function isFormatRefusal(code: string, detail: Detail): boolean {
  return code === "unsupported_media_type" && "media_type" in detail;
}

function isFailureCode(code: string): code is FailureCode {
  return Object.hasOwn(FAILURES, code);
}
