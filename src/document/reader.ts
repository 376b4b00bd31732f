import { Failure } from "../failure.ts";
import type { RuleName } from "./confidence.ts";
import type { RunText } from "./run-text.ts";
import type { BlockType, Recipe, Table } from "./schema.ts";

/** A block as a reader hands it over: offsets count from the start of its own text. */
export type Draft = {
  type: BlockType;
  level?: number;
  /** Index of an earlier draft that holds this one; without it, the nearest heading above does. */
  parent?: number;
  content: RunText;
  table?: Table;
  /** What the reader knows to doubt; the rules that read the text itself are applied to every draft. */
  doubts: RuleName[];
};

export type Reading = { drafts: Draft[]; warnings: { code: string; draft?: number }[] };

/** Ten megabytes of one-letter paragraphs would make artifacts beyond the longest string that V8 can hold. */
export const MAX_BLOCKS = 250_000;

/** Appends a draft. Throws Failure("payload_too_large", { limit_blocks }) when there are too many. */
export function addDraft(drafts: Draft[], draft: Draft): void {
  if (drafts.length >= MAX_BLOCKS) throw new Failure("payload_too_large", { limit_blocks: MAX_BLOCKS });
  drafts.push(draft);
}

/** Turns decoded text into drafts in reading order: disjoint, none of them blank. Pure; throws only as `addDraft` does. */
export type Reader = { recipe: Recipe; read: (source: string) => Reading };
