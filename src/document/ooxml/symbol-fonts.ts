/** The Symbol font from 0x20 on, in Unicode (Adobe Symbol encoding). "\0" stands where there is no character. */
const SYMBOL_FROM_20 =
  " !∀#∃%&∋()∗+,−./0123456789:;<=>?≅ΑΒΧΔΕΦΓΗΙϑΚΛΜΝΟΠΘΡΣΤΥςΩΞΨΖ[∴]⊥_‾αβχδεφγηιϕκλμνοπθρστυϖωξψζ{|}∼\0";
const SYMBOL_FROM_A0 =
  "€ϒ′≤⁄∞ƒ♣♦♥♠↔←↑→↓°±″≥×∝∂•÷≠≡≈…⏐⎯↵ℵℑℜ℘⊗⊕∅∩∪⊃⊇⊄⊂⊆∈∉∠∇®©™∏√⋅¬∧∨⇔⇐⇑⇒⇓◊〈®©™∑⎛⎜⎝⎡⎢⎣⎧⎨⎩⎪\0〉∫⌠⎮⌡⎞⎟⎠⎤⎥⎦⎫⎬⎭\0";

/** What documents use of the Wingdings font: bullets, boxes, marks and arrows. */
const WINGDINGS: Readonly<Record<number, string>> = {
  34: "✂",
  40: "☎",
  42: "✉",
  70: "☞",
  74: "☺",
  76: "☹",
  108: "●",
  110: "■",
  111: "□",
  113: "❑",
  114: "❒",
  115: "⬧",
  117: "◆",
  118: "❖",
  119: "⬥",
  158: "·",
  159: "•",
  161: "○",
  164: "◉",
  167: "▪",
  168: "◻",
  170: "✦",
  171: "★",
  216: "➢",
  223: "←",
  224: "→",
  225: "↑",
  226: "↓",
  232: "➔",
  240: "⇨",
  251: "✗",
  252: "✓",
  253: "☒",
  254: "☑",
};

const PRIVATE_USE = /[\uf020-\uf0ff]/g;

/**
 * A character of a symbol font in Unicode. `code` may be the font's own, 0x20 to 0xFF, or the same in the private use area
 * from U+F000 on. A character that is not known stays as it is.
 */
export function decodeSymbol(font: string, code: number): string {
  const own = code >= 0xf000 && code <= 0xf0ff ? code - 0xf000 : code;
  return findSymbol(font, own) ?? String.fromCodePoint(code);
}

/** Text in which a symbol font's characters, written in the private use area, are replaced by Unicode. */
export function decodeSymbols(font: string, text: string): string {
  return text.replace(PRIVATE_USE, (character) => decodeSymbol(font, character.charCodeAt(0)));
}

function findSymbol(font: string, code: number): string | undefined {
  if (/^wingdings$/i.test(font)) return WINGDINGS[code];
  if (!/^symbol/i.test(font)) return undefined;
  const found = code >= 0xa0 ? SYMBOL_FROM_A0[code - 0xa0] : SYMBOL_FROM_20[code - 0x20];
  return found === "\0" ? undefined : found;
}
