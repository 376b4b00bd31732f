import type { ParsedBlock, ParsedPage } from "../reader.ts";
import type { OcrWord } from "./engine.ts";
import type { ReadPage } from "./page-of-words.ts";

/** Gives each block of a page that was read from a picture the confidence that the engine has in its words, by their letters. */
export function addOcrConfidence(
  { blocks, pages }: Readonly<{ blocks: ParsedBlock[]; pages: ParsedPage[] }>,
  readPages: readonly ReadPage[],
): { blocks: ParsedBlock[]; pages: ParsedPage[] } {
  const words = new Map(readPages.map(({ n, lines }) => [n, lines.flatMap((line) => line.words)]));
  return {
    blocks: blocks.map((block) => withConfidence(block, words)),
    pages: pages.map((page) => {
      const mean = meanConfidence(words.get(page.n) ?? []);
      return mean === null ? page : { ...page, confidence: Math.min(page.confidence, mean) };
    }),
  };
}

function withConfidence(block: ParsedBlock, words: ReadonlyMap<number, readonly OcrWord[]>): ParsedBlock {
  if (block.type === "image") return block;
  const own = (block.boxes ?? []).flatMap(([, , page, [left, top, right, bottom]]) =>
    (words.get(page) ?? []).filter(({ box }) => {
      const [x, y] = [(box[0] + box[2]) >> 1, (box[1] + box[3]) >> 1];
      return x >= left && x <= right && y >= top && y <= bottom;
    }),
  );
  const confidence = meanConfidence(own);
  if (confidence === null) return block;
  return { ...block, confidence, reasons: [...block.reasons, "read_from_picture"] };
}

/** Two decimals, rounded down; null without words. */
function meanConfidence(words: readonly OcrWord[]): number | null {
  const letters = words.reduce((sum, { text }) => sum + text.length, 0);
  if (letters === 0) return null;
  const sum = words.reduce((total, { text, confidence }) => total + confidence * text.length, 0);
  return Math.floor(sum / letters) / 100;
}
