import type { Checkpoint } from "../checkpoint.ts";
import type { Block, DocIR, Span } from "../schema.ts";
import { splitBlock } from "./split-block.ts";
import { headerOf } from "./table-header.ts";
import { countTokens } from "./tokens.ts";

/**
 * A part of a block by its span in the document; `tokens` is an upper estimate. `header` is what the parts of a cut table
 * repeat, else empty.
 */
export type Part = { block: Block; span: Span; tokens: number; header: string };

/** The parts of one chunk, its text and its tokens. */
export type Group = { parts: Part[]; text: string; tokens: number };

/** Less room than this behind headings is not filled: they are long enough to be a chunk of their own. */
const MIN_BODY_TOKENS = 16;

/**
 * Cuts the blocks of a document into groups of at most `maxTokens`: a new one at each heading that follows text. Headings
 * stay with what follows them, or at the end of a document with what stands before them.
 */
export function groupParts(docir: DocIR, maxTokens: number, checkpoint: Checkpoint): Group[] {
  const groups = packBlocks(docir, maxTokens, checkpoint);
  attachLastHeadings(docir, groups, maxTokens, checkpoint);
  return groups.flatMap((parts) => fitGroup(docir, parts, maxTokens, checkpoint));
}

export function isHeading(block: Block): boolean {
  return block.type === "title" || block.type === "heading";
}

/** Packs parts by their estimated tokens, one more for the newline between two. */
function packBlocks(docir: DocIR, maxTokens: number, checkpoint: Checkpoint): Part[][] {
  const groups: Part[][] = [];
  let tokens = 0;
  let hasBody = true;
  for (const block of docir.blocks) {
    if (block.type === "separator" || block.role === "hidden") continue;
    checkpoint();
    // Headings leave less room to the first part of what follows them.
    const room = maxTokens - tokens - 1;
    const firstMaxTokens = hasBody || isHeading(block) || room < MIN_BODY_TOKENS ? maxTokens : room;
    for (const part of partsOf(docir, block, { maxTokens, firstMaxTokens, checkpoint })) {
      const group = groups.at(-1);
      const fits = group !== undefined && tokens + 1 + part.tokens <= maxTokens;
      if (group && fits && !(isHeading(block) && hasBody)) {
        group.push(part);
        tokens += 1 + part.tokens;
        hasBody ||= !isHeading(block);
      } else {
        groups.push([part]);
        tokens = part.tokens;
        hasBody = !isHeading(block);
      }
    }
  }
  return groups;
}

/** The parts of a block. Those of a cut table leave room for its header, which each chunk of it repeats. */
function partsOf(
  docir: DocIR,
  block: Block,
  limits: Readonly<{ maxTokens: number; firstMaxTokens: number; checkpoint: Checkpoint }>,
): Part[] {
  const [start, end] = block.span;
  const header = headerOf(docir, block, limits.maxTokens);
  const maxTokens = limits.maxTokens - header.tokens;
  const firstMaxTokens = limits.firstMaxTokens;
  return splitBlock(docir.text.slice(start, end), {
    ...limits,
    maxTokens,
    firstMaxTokens,
    by: cutBy(block),
  }).map(({ span, tokens }) => ({
    block,
    span: [start + span[0], start + span[1]],
    tokens,
    header: header.text,
  }));
}

/** Code and tables are read by the line. */
function cutBy({ type }: Block): "sentence" | "line" {
  return type === "code" || type === "table" || type === "metadata" ? "line" : "sentence";
}

/** Moves the end of the text before headings at the end of a document into their group. */
function attachLastHeadings(docir: DocIR, groups: Part[][], maxTokens: number, checkpoint: Checkpoint): void {
  const [before, last] = groups.slice(-2);
  if (!before || !last?.every(({ block }) => isHeading(block))) return;
  const room = maxTokens - sumOf(last);
  if (sumOf(before) <= room) {
    groups.splice(-2, 2, [...before, ...last]);
    return;
  }
  const moved = before.pop();
  if (!moved) return;
  const halves = isHeading(moved.block) ? [moved] : halve(docir, moved, checkpoint);
  const end = halves.at(-1);
  if (end && !isHeading(end.block) && 1 + end.tokens <= room && before.length + halves.length > 1) {
    before.push(...halves.slice(0, -1));
    last.unshift(end);
  } else {
    before.push(moved);
  }
}

function sumOf(parts: readonly Part[]): number {
  return parts.reduce((sum, { tokens }) => sum + 1 + tokens, 0);
}

/** Two or three parts of about half the tokens. */
function halve(docir: DocIR, part: Part, checkpoint: Checkpoint): Part[] {
  const { block, span } = part;
  const [start, end] = span;
  const half = Math.max(1, Math.ceil(part.tokens / 2));
  const options = { maxTokens: half, firstMaxTokens: half, by: cutBy(block), checkpoint };
  return splitBlock(docir.text.slice(start, end), options).map(({ span, tokens }) => ({
    ...part,
    span: [start + span[0], start + span[1]],
    tokens,
  }));
}

/** Counts a group as it will stand; should tokens join up to more than their sum, the group is parted until they fit. */
function fitGroup(docir: DocIR, parts: Part[], maxTokens: number, checkpoint: Checkpoint): Group[] {
  checkpoint();
  const text = parts.map(({ span }) => docir.text.slice(...span)).join("\n");
  const only = parts.length === 1 ? parts[0] : undefined;
  const tokens = only && only.tokens > maxTokens ? only.tokens : countTokens(text);
  if (tokens <= maxTokens || only) return [{ parts, text, tokens }];
  const firstBody = parts.findIndex(({ block }) => !isHeading(block));
  const cut = Math.max(parts.length >> 1, firstBody + 1);
  const [first, second] = [parts.slice(0, cut), parts.slice(cut)];
  const last = parts.at(-1);
  if (second.length === 0 && last) {
    const [start, ...rest] = halve(docir, last, checkpoint);
    if (!start || rest.length === 0) return [{ parts, text, tokens }];
    first.splice(-1, 1, start);
    second.push(...rest);
  }
  return [first, second].flatMap((half) => fitGroup(docir, half, maxTokens, checkpoint));
}
