/** What the tests of recipe versions share: one document, read by the newest rules and by those of an earlier version. */
import assert from "node:assert/strict";
import { buildDocIR } from "../index.ts";
import { readersOfRecipe } from "../readers.ts";
import { assertInvariants } from "../test-kit.ts";
import { buildPdf, text } from "./test-pdf.ts";

export const MEDIA_TYPE = "application/pdf";

export type Outline = [type: string, text: string][];

/** The types and texts of the blocks, by the newest rules and by those of the earlier `version`. */
export async function readBoth(
  version: "2" | "3",
  ...pages: string[]
): Promise<{ now: Outline; before: Outline }> {
  const bytes = buildPdf({ pages });
  const { docir } = await assertInvariants(bytes, MEDIA_TYPE);
  const readers = readersOfRecipe({ name: "jejakekal.pdf", version });
  const earlier = await buildDocIR({ bytes, mediaType: MEDIA_TYPE, readers });
  assert.deepEqual([docir.recipe.version, earlier.recipe.version], ["4", version]);
  const [now, before] = [docir, earlier].map((one) =>
    one.blocks.map(({ type, span }): [string, string] => [type, one.text.slice(...span)]),
  );
  return { now: now ?? [], before: before ?? [] };
}

/** Lines of text below each other, from this place on. */
export function lines(x: number, y: number, texts: readonly string[], font?: string, size?: number): string {
  return texts.map((words, index) => text(x, y - index * 12, words, font, size)).join("");
}
