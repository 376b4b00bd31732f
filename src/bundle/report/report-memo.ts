import { isRecord } from "../../domain/serialized.ts";
import { CITING_LISTS } from "../citations.ts";

/** A section shows this many items at most; `memo.json` has all of them. */
export const MAX_LISTED = 300;

/** A claim of a memo, with its citation. */
export type MemoItem = Readonly<Record<string, unknown>>;

/** The first items of a list, and how many it has. */
type ShownList = Readonly<{ items: readonly MemoItem[]; count: number }>;

/** What a report shows of a memo. */
export type ReportMemo = Readonly<{ title: MemoItem | null; lists: ReadonlyMap<string, ShownList> }>;

/** @param memo the parsed memo; null when the run has none */
export function reportMemoOf(memo: unknown): ReportMemo | null {
  if (!isRecord(memo)) return null;
  const lists = CITING_LISTS.map((key): [string, ShownList] => {
    const items = Array.isArray(memo[key]) ? memo[key].filter(isRecord) : [];
    return [key, { items: items.slice(0, MAX_LISTED), count: items.length }];
  });
  return { title: isRecord(memo.title) ? memo.title : null, lists: new Map(lists) };
}

/** The number in `citations.json` of the first citation of a list. The title, and the lists in this order, come before it. */
export function firstNumberOf({ title, lists }: ReportMemo, list: string): number {
  let number = title === null ? 0 : 1;
  for (const key of CITING_LISTS) {
    if (key === list) return number;
    number += lists.get(key)?.count ?? 0;
  }
  return number;
}
