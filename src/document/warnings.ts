/** The bytes show another format than the declared media type. */
export const MEDIA_TYPE_DIFFERS = "media_type_differs";

/** A charset is declared that nobody knows: the text is read as UTF-8 or windows-1252. */
export const CHARSET_UNKNOWN = "charset_unknown";

/** The document has more marks, such as emphasis, than are kept. */
export const MARKS_LEFT_OUT = "marks_left_out";

/** An attachment of a mail is named, and not read: it is empty, or of a format without a reader. */
export const ATTACHMENT_NOT_READ = "attachment_not_read";

/** An attachment gets no run, because the mail has too many of them, or too large ones. */
export const ATTACHMENT_LIMIT = "attachment_limit";

/** An attached mail gets no run, because too many mails are within each other in it. */
export const ATTACHMENT_NESTED = "attachment_nested";

/** The text of scanned pages or of a picture was read by OCR. */
export const TEXT_FROM_PICTURES = "text_from_pictures";

/** A picture on a scanned page is too large, or in a coding that cannot be read. */
export const PICTURE_NOT_READ = "picture_not_read";

/** Warnings that concern a document as a whole: the memo repeats them. */
export const WHOLE_DOCUMENT_WARNINGS: ReadonlySet<string> = new Set([
  MEDIA_TYPE_DIFFERS,
  CHARSET_UNKNOWN,
  ATTACHMENT_NOT_READ,
  ATTACHMENT_LIMIT,
  ATTACHMENT_NESTED,
  TEXT_FROM_PICTURES,
  PICTURE_NOT_READ,
]);
