import type { FontStyle } from "./page-content.ts";

export const PLAIN: FontStyle = { bold: false, italic: false, mono: false };

/** TeX's bold fonts have no word for it in their names: CMBX10, SFBX1000, ECBX. */
const BOLD = /bold|black|heavy|demi(?!l)|semib|-b$|,b$|\bbd\b|^(?:cm|sf|ec|lm)(?:bx|b\d|ssbx|bsy|mib)|medi$/i;
const ITALIC = /ital|obli|slant|-it?$|-bi$|^(?:cm|sf|ec)(?:ti|sl|bxti|bxsl|itt)/i;
const MONO =
  /mono|courier|consol|typewriter|code(?:pro)?\b|menlo|fixed|^(?:cm|sf|ec)(?:tt|itt|sltt)|^lmtt|^txtt|^nimbusmon|^beramono/i;

/** The fonts of TeX that have the lines and arcs of its pictures as characters. */
const DRAWING = /^l(?:ine|circle)w?10$/i;

/** The style that the name of a font tells, such as "ABCDEF+DejaVuSerif-Bold"; null for a font that draws. */
export function styleOfFont(name: string): FontStyle | null {
  const plain = name.replace(/^[A-Z]{6}\+/, "");
  if (DRAWING.test(plain)) return null;
  return { bold: BOLD.test(plain), italic: ITALIC.test(plain), mono: MONO.test(plain) };
}
