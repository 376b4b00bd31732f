/**
 * The libraries whose behaviour shows in a hashed byte, with the versions it was recorded under. Written by hand, because
 * an executable has no package.json to read; a test compares them with what is installed.
 */
export const LIBS = {
  "decode-named-character-reference": "1.3.0",
  fflate: "0.8.3",
  "gpt-tokenizer": "4.0.0",
  "iconv-lite": "0.7.3",
  micromark: "4.0.3",
  "micromark-extension-frontmatter": "2.0.0",
  "micromark-extension-gfm": "3.0.0",
  "micromark-util-decode-string": "2.0.1",
  "micromark-util-subtokenize": "2.1.0",
  parse5: "8.1.1",
  /** Made the version of the OOXML recipes that is still current; `ooxml/xml-scanner.ts` reads as it does, which a test compares. */
  saxes: "6.0.0",
  unpdf: "1.8.1",
} as const;

type LibName = keyof typeof LIBS;

/** The versions of the named libraries, for a recipe. */
export function libs(...names: LibName[]): Record<string, string> {
  return Object.fromEntries(names.map((name) => [name, LIBS[name]]));
}
