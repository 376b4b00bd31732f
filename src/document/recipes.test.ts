import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { buildChunkIndex } from "./chunk/chunk.ts";
import { loadTokenizer } from "./chunk/tokens.ts";
import { buildDocIR } from "./docir.ts";
import { buildMemo, isMemoMethod } from "./memo/memo.ts";
import { EARLIER_READERS, READERS, readersOfRecipe } from "./readers.ts";
import { RECIPES, recipeNameOf } from "./recipes.ts";

describe("the table of recipes", () => {
  test("has the recipe of every reader, and of documents no other that is not still there", () => {
    const ofReaders = [...READERS.values(), ...EARLIER_READERS]
      .flatMap(({ recipe, ocrRecipe = recipe }) => [recipe, ocrRecipe])
      .map(recipeNameOf);
    assert.deepEqual([...new Set(ofReaders)].sort(), RECIPES.docir);
    for (const earlier of EARLIER_READERS) {
      const readers = [...readersOfRecipe(earlier.recipe).values()];
      assert.ok(readers.includes(earlier), recipeNameOf(earlier.recipe));
      assert.equal(readers.length, READERS.size);
    }
    for (const { recipe } of READERS.values()) assert.equal(readersOfRecipe(recipe), READERS);
  });

  test("reads as earlier versions of a recipe did, where one is asked for", async () => {
    const cases = [
      ["text/html", "<a href=1>a</a><a href=2>b</a>", "html", "1", ["ab"], ["a b"]],
      ["text/csv", 'Report\na,b\n1, "2"\n', "csv", "1", ['Report\na,b\n1, "2"'], ["Report", 'a,b\n1, "2"']],
      ["text/plain; charset=iso-2022-jp", "\x1b$BF|", "text", "2", ["\x1b$BF|"], ["日"]],
    ] as const;
    for (const [mediaType, source, name, version, earlier, now] of cases) {
      const readers = readersOfRecipe({ name: `jejakekal.${name}`, version });
      const given = { bytes: Buffer.from(source), mediaType };
      const before = await buildDocIR({ ...given, readers });
      const after = await buildDocIR(given);
      assert.equal(before.recipe.version, version);
      assert.deepEqual(
        before.blocks.map(({ span }) => before.text.slice(...span)),
        earlier,
      );
      assert.deepEqual(
        after.blocks.map(({ span }) => after.text.slice(...span)),
        now,
      );
    }
  });

  test("of HTML finds headings, lists and menus by roles and names only since its second version", async () => {
    const html =
      "<div class=SiteNav_a1>Menu</div><div role=heading aria-level=3>A</div><div role=list><div role=listitem>B</div></div><p>Text that is long enough.<div class=SiteFooter_x>C</div>";
    const outlineBy = async (version: string) => {
      const readers = readersOfRecipe({ name: "jejakekal.html", version });
      const { blocks } = await buildDocIR({ bytes: Buffer.from(html), mediaType: "text/html", readers });
      return blocks.map(({ type, level, role }) => [type, level ?? 0, role ?? ""].join(" "));
    };
    const now = [
      "paragraph 0 boilerplate",
      "heading 3 ",
      "list_item 1 ",
      "paragraph 0 ",
      "paragraph 0 boilerplate",
    ];
    assert.deepEqual(await outlineBy("2"), now);
    assert.deepEqual(await outlineBy("1"), Array(5).fill("paragraph 0 "));
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
