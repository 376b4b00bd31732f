import type { Citation, Memo } from "../document/index.ts";

/** Every citation of a memo in the order in which a reader of the memo comes upon them. */
export function citationsOf(memo: Memo): readonly Citation[] {
  const title = memo.title === null ? [] : [memo.title];
  return [...title, ...memo.outline, ...memo.keySentences, ...memo.figures, ...memo.review].map(
    ({ cite }) => cite,
  );
}
