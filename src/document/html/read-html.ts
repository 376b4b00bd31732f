import { libs } from "../libs.ts";
import type { Reader } from "../reader.ts";
import { charsetDeclaredIn } from "../text/declared-charset.ts";
import { readDecodedText } from "../text/decoded-text.ts";

/**
 * HTML as a browser without scripts shows it. Menus and the like, and what is hidden, are kept as blocks with a role.
 * The parser is imported when the first HTML document comes.
 */
export const htmlReader: Reader = {
  recipe: {
    name: "jejakekal.html",
    version: "2",
    params: { scripting: false },
    libs: libs("iconv-lite", "parse5"),
  },
  read: async (input) => {
    const { readHtml } = await import("./walker.ts");
    const charset = input.charset ?? charsetDeclaredIn(input.bytes, input.mediaType);
    const rules = input.earlierVersion === undefined ? 2 : 1;
    return readDecodedText({ ...input, charset }, (source) => readHtml(source, rules), { locateRuns: true });
  },
};
