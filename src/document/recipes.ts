import { isRecord } from "../domain/serialized.ts";

/**
 * The recipes that this program runs, by the artifact that they make: the name and, where it has one, the version. A released recipe
 * stays here, with its code: without it the bundles that name it can no longer be reproduced. Another result needs another version.
 */
export const RECIPES = {
  docir: [
    "jejakekal.csv 1",
    "jejakekal.csv 2",
    "jejakekal.docx 1",
    "jejakekal.docx 2",
    "jejakekal.docx 3",
    "jejakekal.html 1",
    "jejakekal.html 2",
    "jejakekal.html 3",
    "jejakekal.html 4",
    "jejakekal.image-ocr 1",
    "jejakekal.image-ocr 2",
    "jejakekal.image-ocr 3",
    "jejakekal.mail 1",
    "jejakekal.mail 2",
    "jejakekal.mail 3",
    "jejakekal.markdown 3",
    "jejakekal.markdown 4",
    "jejakekal.markdown 5",
    "jejakekal.pdf 2",
    "jejakekal.pdf 3",
    "jejakekal.pdf 4",
    "jejakekal.pdf-ocr 1",
    "jejakekal.pdf-ocr 2",
    "jejakekal.pdf-ocr 3",
    "jejakekal.pptx 1",
    "jejakekal.pptx 2",
    "jejakekal.text 2",
    "jejakekal.text 3",
    "jejakekal.xlsx 1",
  ],
  "chunk-index": ["jejakekal.chunk-index/1 3"],
  memo: ["extractive/3", "extractive/4", "extractive/5", "extractive/6", "extractive/7"],
} as const;

/** The entry of the table for a recipe of an artifact. A chunk-index has the version among its parameters. */
export function recipeNameOf({ name, version, params }: Readonly<Record<string, unknown>>): string {
  const rules = version ?? (isRecord(params) ? params.version : undefined);
  return rules === undefined ? String(name) : `${String(name)} ${String(rules)}`;
}

export function hasRecipe(
  artifact: keyof typeof RECIPES,
  recipe: Readonly<Record<string, unknown>>,
): boolean {
  const names: readonly string[] = RECIPES[artifact];
  return names.includes(recipeNameOf(recipe));
}
