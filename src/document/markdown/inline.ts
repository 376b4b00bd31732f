import { decodeNamedCharacterReference } from "decode-named-character-reference";
import type { MappedText } from "../text/mapped-text.ts";

/** Offsets into the decoded source. */
export type SourceRange = { start: number; end: number };

/** Tokens whose inside is not text. */
export const TOKENS_WITHOUT_TEXT: ReadonlySet<string> = new Set([
  "codeFencedFence",
  "definition",
  "gfmFootnoteCall",
  "gfmFootnoteDefinitionLabel",
  "htmlText",
  "reference",
  "resource",
  "setextHeadingLine",
  "tableDelimiterRow",
]);

/** Tokens that stand in the text as they stand in the source. */
const VERBATIM: ReadonlySet<string> = new Set([
  "autolinkEmail",
  "autolinkProtocol",
  "codeFlowValue",
  "codeTextData",
  "data",
  "gfmFootnoteCall",
  "htmlFlowData",
  "literalAutolinkHttp",
  "literalAutolinkWww",
  "mathText",
  "plainMark",
  "taskListCheck",
  "thematicBreak",
]);

/** Appends the text of an inline token, if it has any: entities and escapes decoded, each line ending as "\n". */
export function appendInline(target: MappedText, source: string, type: string, range: SourceRange): void {
  const { start, end } = range;
  if (VERBATIM.has(type)) target.append(start, end);
  else if (type === "lineEnding") target.appendAs("\n", start, end);
  else if (type === "characterEscape") target.appendAs(source.slice(start + 1, end), start, end);
  else if (type === "characterReference")
    target.appendAs(decodeReference(source.slice(start + 1, end - 1)), start, end);
}

/** Decodes the character references of HTML in text that is not parsed as Markdown. */
export function decodeReferences(text: string): string {
  return text.replaceAll(
    /&(#\d{1,7}|#[xX][\da-fA-F]{1,6}|[a-zA-Z][a-zA-Z\d]{1,31});/g,
    (whole, reference: string) =>
      reference.startsWith("#")
        ? decodeReference(reference)
        : decodeNamedCharacterReference(reference) || whole,
  );
}

/** Decodes what stands between `&` and `;`. The parser has checked that it is a reference. */
function decodeReference(reference: string): string {
  if (!reference.startsWith("#")) return decodeNamedCharacterReference(reference) || "\ufffd";
  const isHex = reference.charAt(1).toLowerCase() === "x";
  return characterOf(Number.parseInt(reference.slice(isHex ? 2 : 1), isHex ? 16 : 10));
}

/** U+FFFD for what is no character: NUL, surrogates, noncharacters, controls other than tab and newlines. */
export function characterOf(code: number): string {
  const isControl =
    (code < 0x20 && code !== 0x09 && code !== 0x0a && code !== 0x0d) || (code > 0x7e && code < 0xa0);
  const isSurrogate = code >= 0xd800 && code <= 0xdfff;
  const isNoncharacter = (code >= 0xfdd0 && code <= 0xfdef) || (code & 0xfffe) === 0xfffe;
  if (isControl || isSurrogate || isNoncharacter || code > 0x10ffff) return "\ufffd";
  return String.fromCodePoint(code);
}
