import type { DocIR } from "../schema.ts";
import type { Facts } from "./facts.ts";
import type { Sentence } from "./passages.ts";
import { findTitle } from "./title.ts";

export const SENTENCE_END = /[\p{Sentence_Terminal}…]["'”’»)\]」』]*$/u;

/** "Present: A. Ruiz". */
const LABELLED_LINE = /^[ \t]*\p{Lu}[^\s:]*(?:[ \t][^\s:]+){0,2}:[ \t]/u;

/**
 * Tells which sentences a memo may quote. Left out are the title and lines of a name and a value, which the memo gives elsewhere, and
 * what surrounds the main content. `hasEnd` tells whether a sentence of the document's text has an end mark.
 */
export function createIsQuotable(
  docir: DocIR,
  { fields = [] }: Facts,
  hasEnd: (text: string, sentence: Sentence) => boolean = (_, { text }) => SENTENCE_END.test(text),
): (sentence: Sentence) => boolean {
  const title = findTitle(docir);
  const hasContent = docir.blocks.some(({ type, role }) => type === "paragraph" && role === undefined);
  return (sentence) => {
    const {
      block,
      span: [start, end],
    } = sentence;
    const isTitle = title?.block === block && start < title.span[1] && !hasEnd(docir.text, sentence);
    const lines = docir.text.slice(start, end).split("\n");
    const isList = lines.length > 1 && lines.every((line) => LABELLED_LINE.test(line));
    const isField = fields.some(({ cite }) => cite.span[0] < end && cite.span[1] > start);
    return !isTitle && !isList && !isField && !(hasContent && block.role === "boilerplate");
  };
}
