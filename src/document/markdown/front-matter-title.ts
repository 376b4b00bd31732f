import { characterOf } from "./inline.ts";

/** An escape in the source, and what it stands for. */
export type Escape = Readonly<{ start: number; end: number; text: string }>;

/** The key, tags and anchors of YAML, and the value in quotes of one line. Three quotes are those of TOML and have several lines. */
const TITLE =
  /^(?:(["']?)title\1[ \t]*[:=][ \t]*(?:[&!]\S*[ \t]+)*)(?:"(?!"")((?:[^"\\\r\n]|\\[^\r\n])*)"|'((?:[^'\r\n]|'')*)')/im;

/** Escapes of YAML and TOML in double quotes; two of JSON together are one character beyond U+FFFF. */
const ESCAPE =
  /\\(?:u([dD][89abAB]\p{AHex}{2})\\u([dD][c-fC-F]\p{AHex}{2})|x(\p{AHex}{2})|u(\p{AHex}{4})|U(\p{AHex}{8})|([0abtnvfre"/\\N_LP \t]))/gu;

/** Escapes of one character. Line breaks and tabs are blanks in a title. */
const CHARACTERS: Readonly<Record<string, string>> = { "0": "\ufffd", a: "\ufffd", b: "\ufffd", e: "\ufffd" };
const BLANKS = "tnvfrNLP \t";

/**
 * The escapes in the title of front matter, which is a name in the words of the document: `It''s here` in the single quotes of YAML,
 * `\"` and the like in double quotes. Other values stay as they are.
 */
export function escapesInTitle(frontMatter: string): Escape[] {
  const found = TITLE.exec(frontMatter);
  const [all = "", , double, single] = found ?? [];
  if (!found) return [];
  const value = double ?? single ?? "";
  const from = found.index + all.length - 1 - value.length;
  // TOML has no escapes in single quotes.
  if (single !== undefined && frontMatter.startsWith("+++")) return [];
  const matches = value.matchAll(double === undefined ? /''/g : ESCAPE);
  return [...matches].map((match) => ({
    start: from + match.index,
    end: from + match.index + match[0].length,
    text: double === undefined ? "'" : decode(match),
  }));
}

function decode([, high, low, ...others]: RegExpExecArray): string {
  if (high !== undefined && low !== undefined)
    return String.fromCharCode(Number.parseInt(high, 16), Number.parseInt(low, 16));
  const sign = others.at(-1);
  if (sign === undefined) {
    const character = characterOf(Number.parseInt(others.find((digits) => digits !== undefined) ?? "", 16));
    return /\s/u.test(character) ? " " : character;
  }
  if (BLANKS.includes(sign)) return " ";
  return sign === "_" ? "\u00a0" : (CHARACTERS[sign] ?? sign);
}
