import { appendBlock, type ParsedBlock, type ParsedDocument } from "../reader.ts";
import type { Link } from "../schema.ts";

/** A block whose parent is named by reference, because its index is known only when all blocks are in order. */
export type Draft = Omit<ParsedBlock, "parent"> & { parent?: Draft | undefined };

export type DraftWarning = { code: string; draft?: Draft | undefined };

/** Text and the links in it; link spans count from the start of `text`. */
export type LinkedText = Readonly<{ text: string; links: readonly Link[] }>;

export const NO_TEXT: LinkedText = { text: "", links: [] };

/** Joins texts that are not blank. */
export function joinTexts(texts: Iterable<LinkedText>, separator: string): LinkedText {
  const parts: string[] = [];
  const links: Link[] = [];
  let length = 0;
  for (const { text, links: inner } of texts) {
    if (text.trim() === "") continue;
    if (parts.length > 0) length += separator.length;
    for (const link of inner) links.push({ ...link, span: [link.span[0] + length, link.span[1] + length] });
    parts.push(text);
    length += text.length;
  }
  return { text: parts.join(separator), links };
}

/** Without blanks at its ends; links that hold nothing else are left out. */
export function trimText({ text, links }: LinkedText): LinkedText {
  const trimmed = text.trim();
  const start = text.length - text.trimStart().length;
  const within = (offset: number) => Math.min(Math.max(offset - start, 0), trimmed.length);
  return {
    text: trimmed,
    links: links
      .map((link): Link => ({ ...link, span: [within(link.span[0]), within(link.span[1])] }))
      .filter(({ span }) => span[0] < span[1]),
  };
}

/** The one behind the other. */
export function concatTexts(first: LinkedText, second: LinkedText): LinkedText {
  const by = first.text.length;
  const moved = second.links.map((link): Link => ({ ...link, span: [link.span[0] + by, link.span[1] + by] }));
  return { text: first.text + second.text, links: [...first.links, ...moved] };
}

/** The optional field of a block: absent where there are no links. */
export function linksField(links: readonly Link[]): { links?: Link[] } {
  return links.length === 0 ? {} : { links: [...links] };
}

/** Blocks with the indices of their parents. Throws as `appendBlock` does. */
export function placeDrafts(
  drafts: readonly Draft[],
  warnings: readonly DraftWarning[],
): Pick<ParsedDocument, "blocks" | "warnings"> {
  const indexes = new Map<Draft, number>();
  const blocks: ParsedBlock[] = [];
  for (const draft of drafts) {
    const { parent: parentDraft, ...block } = draft;
    const parent = parentDraft && indexes.get(parentDraft);
    indexes.set(draft, blocks.length);
    appendBlock(blocks, parent === undefined ? block : { ...block, parent });
  }
  return {
    blocks,
    warnings: warnings.map(({ code, draft }) => {
      const block = draft && indexes.get(draft);
      return block === undefined ? { code } : { code, block };
    }),
  };
}
