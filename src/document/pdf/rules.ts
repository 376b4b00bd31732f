/** The version of the recipe whose rules are followed: 4 is the newest. */
export type PdfRules = 2 | 3 | 4;

export const NEWEST_PDF_RULES = 4;
