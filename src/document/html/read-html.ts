import { libs } from "../libs.ts";
import type { Reader } from "../reader.ts";
import { charsetDeclaredIn } from "../text/declared-charset.ts";
import { readDecodedText } from "../text/decoded-text.ts";

/**
 * HTML as a browser without scripts shows it. Menus and the like, and what is hidden, are kept as blocks with a role.
 * Version 2 of its recipe kept no marks; version 1 also knew no names such as "SiteNav" and fewer charsets.
 * The parser is imported when the first HTML document comes.
 */
export const htmlReader: Reader = {
  recipe: {
    name: "jejakekal.html",
    version: "3",
    params: { scripting: false },
    libs: libs("iconv-lite", "parse5"),
  },
  read: async (input) => {
    const { readHtml } = await import("./walker.ts");
    const charset = input.charset ?? charsetDeclaredIn(input.bytes, input.mediaType);
    const { earlierVersion } = input;
    const rules = earlierVersion === undefined ? 3 : earlierVersion === "2" ? 2 : 1;
    return readDecodedText({ ...input, charset }, (source) => readHtml(source, rules), {
      locateRuns: true,
      rules: rules === 1 ? 1 : 2,
    });
  },
};
