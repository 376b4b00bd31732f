/** The bytes show another format than the declared media type. */
export const MEDIA_TYPE_DIFFERS = "media_type_differs";

/** An attachment of a mail is named, and not read. */
export const ATTACHMENT_NOT_READ = "attachment_not_read";

/** Warnings that concern a document as a whole: the memo repeats them. */
export const WHOLE_DOCUMENT_WARNINGS: ReadonlySet<string> = new Set([
  MEDIA_TYPE_DIFFERS,
  ATTACHMENT_NOT_READ,
]);
