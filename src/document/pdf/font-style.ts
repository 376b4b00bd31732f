import type { FontStyle } from "./page-content.ts";

export const PLAIN: FontStyle = { bold: false, italic: false, mono: false };

/** TeX's bold fonts have no word for it in their names: CMBX10, SFBX1000, ECBX. */
const BOLD = /bold|black|heavy|demi(?!l)|semib|-b$|,b$|\bbd\b|^(?:cm|sf|ec|lm)(?:bx|b\d|ssbx|bsy|mib)|medi$/i;
const ITALIC = /ital|obli|slant|-it?$|-bi$|^(?:cm|sf|ec)(?:ti|sl|bxti|bxsl|itt)/i;
const MONO =
  /mono|courier|consol|typewriter|code(?:pro)?\b|menlo|fixed|^(?:cm|sf|ec)(?:tt|itt|sltt)|^lmtt|^txtt|^nimbusmon|^beramono/i;

/** The style that the name of a font tells, such as "ABCDEF+DejaVuSerif-Bold". */
export function styleOfFont(name: string): FontStyle {
  const plain = name.replace(/^[A-Z]{6}\+/, "");
  return { bold: BOLD.test(plain), italic: ITALIC.test(plain), mono: MONO.test(plain) };
}
