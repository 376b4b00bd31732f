import { isRecord } from "../domain/serialized.ts";

/** Where a memo keeps what it cites, in the order in which a reader of the memo meets it. */
export const CITING_LISTS = [
  "outline",
  "keySentences",
  "figures",
  "review",
  "message",
  "columns",
  "totals",
  "fields",
];

/**
 * `citations.json`, shape 1: every citation of a memo, in reading order. Takes the parsed memo of any run, earlier ones
 * included, so it relies on no more than where the citations stand.
 */
export function citationsOf(memo: unknown): readonly unknown[] {
  if (!isRecord(memo)) return [];
  const lists = CITING_LISTS.map((key) => memo[key]).filter((list) => Array.isArray(list));
  return [memo.title, ...lists.flat()].filter(isRecord).map(({ cite }) => cite);
}
