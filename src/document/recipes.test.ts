import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { buildChunkIndex } from "./chunk/chunk.ts";
import { loadTokenizer } from "./chunk/tokens.ts";
import { buildDocIR } from "./docir.ts";
import { mailReader, mailReader1 } from "./mail/read-mail.ts";
import { buildMemo, isMemoMethod } from "./memo/memo.ts";
import { READERS, readersOfRecipe } from "./readers.ts";
import { RECIPES, recipeNameOf } from "./recipes.ts";

describe("the table of recipes", () => {
  test("has the recipe of every reader, and of documents no other that is not still there", () => {
    const ofReaders = [...READERS.values(), mailReader1]
      .flatMap(({ recipe, ocrRecipe = recipe }) => [recipe, ocrRecipe])
      .map(recipeNameOf);
    assert.deepEqual([...new Set(ofReaders)].sort(), RECIPES.docir);
    assert.equal(readersOfRecipe(mailReader1.recipe).get("message/rfc822"), mailReader1);
    assert.equal(readersOfRecipe(mailReader.recipe), READERS);
  });

  test("has the recipes of the chunks and of the memo that are made now, and methods of the memo that are still there", async () => {
    await loadTokenizer();
    const docir = await buildDocIR({ bytes: Buffer.from("# Tides\n"), mediaType: "text/markdown" });
    const chunkIndex = buildChunkIndex({ docir, docirSha: "" });
    const { schema, params } = chunkIndex;
    assert.deepEqual([recipeNameOf({ name: schema, params })], RECIPES["chunk-index"]);
    const { method } = buildMemo({ docir, docirSha: "", chunkIndex, chunkIndexSha: "" });
    assert.equal(RECIPES.memo.at(-1), method);
    for (const name of RECIPES.memo) assert.ok(isMemoMethod(name), name);
    assert.equal(isMemoMethod("extractive/2"), false);
  });
});
