/** The version of the recipe whose rules are followed: 3 is the newest, 2 an earlier one. */
export type PdfRules = 2 | 3;
