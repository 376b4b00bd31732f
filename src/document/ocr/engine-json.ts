import { z } from "zod";
import type { OcrLine, OcrWord } from "./engine.ts";

/** Most are whole already; the height of a row may be a mean. */
const whole = z.number().transform(Math.round);
const box = z.object({ x0: whole, y0: whole, x1: whole, y1: whole });

/** What `GetJSONText` of tesseract returns, as far as it is used. */
const pageSchema = z.object({
  blocks: z.array(
    z.object({
      paragraphs: z.array(
        z.object({
          lines: z.array(
            z.object({
              bbox: box,
              rowAttributes: z.object({ rowHeight: whole }),
              baseline: box,
              words: z.array(z.object({ bbox: box, text: z.string(), confidence: whole })),
            }),
          ),
        }),
      ),
    }),
  ),
});

type Row = z.infer<typeof pageSchema>["blocks"][number]["paragraphs"][number]["lines"][number];

/** A mark that is lower than this part of the row and about as wide is the bullet of a list: the engine takes it for a letter. */
const MAX_BULLET_PART = 0.4;
const BULLET = "•";

/** What the edges of a table look like to the engine. */
const EDGE_OF_TABLE = /^[|[\]{}]+|[|[\]{}]+$/g;

/** The lines in the order in which the engine reads the page. */
export function readEngineJson(json: string): OcrLine[] {
  const { blocks } = pageSchema.parse(JSON.parse(json));
  return blocks.flatMap(({ paragraphs }) =>
    paragraphs.flatMap(({ lines }) =>
      lines.map(readRow).filter((line) => line.words.length > 0 && line.size > 0),
    ),
  );
}

function readRow({ bbox, rowAttributes, baseline, words }: Row): OcrLine {
  const size = rowAttributes.rowHeight > 0 ? rowAttributes.rowHeight : bbox.y1 - bbox.y0;
  return {
    words: words.flatMap((word, index) => readWord(word, size, index === 0)),
    baseline: (baseline.y0 + baseline.y1) >> 1,
    size,
  };
}

function readWord(
  { bbox: { x0, y0, x1, y1 }, text, confidence }: Row["words"][number],
  size: number,
  isFirst: boolean,
): OcrWord[] {
  const [width, height] = [x1 - x0, y1 - y0];
  const isDot =
    Math.max(width, height) <= MAX_BULLET_PART * size &&
    2 * Math.min(width, height) > Math.max(width, height);
  const read = isFirst && isDot ? BULLET : withoutEdges(text.trim());
  return read === "" ? [] : [{ text: read.toWellFormed(), box: [x0, y0, x1, y1], confidence }];
}

/** Brackets of both kinds belong to the text; one alone, or an upright line, is the edge of a table. */
function withoutEdges(text: string): string {
  const isBalanced = /^\[.*\]$|^\{.*\}$/.test(text);
  return isBalanced ? text : text.replace(EDGE_OF_TABLE, "");
}
