import { libs } from "../libs.ts";
import type { Reader } from "../reader.ts";
import { charsetDeclaredIn } from "../text/declared-charset.ts";
import { readDecodedText } from "../text/decoded-text.ts";
import type { HtmlRules } from "./page-facts.ts";

const EARLIER_RULES: Readonly<Record<string, HtmlRules>> = { "2": 2, "3": 3 };

/**
 * HTML as a browser without scripts shows it. Menus and the like, and what is hidden, are kept as blocks with a role.
 * Version 3 of its recipe lost marks and links around tables; version 2 kept no marks; version 1 also knew no names such as "SiteNav" and fewer charsets.
 * The parser is imported when the first HTML document comes.
 */
export const htmlReader: Reader = {
  recipe: {
    name: "jejakekal.html",
    version: "4",
    params: { scripting: false },
    libs: libs("iconv-lite", "parse5"),
  },
  read: async (input) => {
    const { readHtml } = await import("./walker.ts");
    const charset = input.charset ?? charsetDeclaredIn(input.bytes, input.mediaType);
    const { earlierVersion } = input;
    const rules = earlierVersion === undefined ? 4 : (EARLIER_RULES[earlierVersion] ?? 1);
    return readDecodedText({ ...input, charset }, (source) => readHtml(source, rules), {
      locateRuns: true,
      rules: rules === 1 ? 1 : 2,
    });
  },
};
