import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { canonicalJsonBytes } from "../canonical-json.ts";
import { derive } from "../flow/derivation/derive.ts";
import { sha256Hex } from "../sha256.ts";
import { bundleFilesOf, memoryReader } from "../testing/bundles.ts";
import { type Derive, reproduceBundle } from "./reproduce.ts";
import { verifyBundle } from "./verify/verify.ts";

const { contents } = verifyBundle(memoryReader(await bundleFilesOf()));
assert.ok(contents);

/** A program that derives one artifact in another way. */
function deriverOf(
  changed: string,
  change: (value: Record<string, unknown>) => void,
  recipe?: object,
): Derive {
  return async (derivation, inputs) => {
    const derived = await derive(derivation, inputs);
    if (derivation.artifact !== changed) return derived;
    const value = JSON.parse(Buffer.from(derived.bytes).toString());
    change(value);
    const bytes = canonicalJsonBytes(value);
    const facts =
      recipe === undefined
        ? derived.facts
        : { ...derived.facts, recipe: { ...derived.facts.recipe, ...recipe } };
    return { bytes, sha256: sha256Hex(bytes), facts };
  };
}

describe("reproducing a bundle", () => {
  test("gives the same bytes for every derived artifact", async () => {
    const results = await reproduceBundle(contents, derive);
    assert.deepEqual(
      results.map(({ artifact, result }) => `${artifact} ${result}`),
      ["docir same", "chunk-index same", "memo same"],
    );
  });

  test("runs the recipe that the bundle names, not the newest", async () => {
    const recipe = { name: "extractive/3" };
    const earlier = verifyBundle(memoryReader(await bundleFilesOf({ memoRecipe: recipe })));
    assert.ok(earlier.contents);
    assert.equal(earlier.contents.values.artifacts.at(-1)?.prov.recipe.name, "extractive/3");
    const [, , memo] = await reproduceBundle(earlier.contents, derive);
    assert.equal(memo?.result, "same");
    const [, , newest] = await reproduceBundle(contents, derive);
    assert.ok(newest?.result === "same" && memo.result === "same" && newest.sha256 !== memo.sha256);
  });

  test("names the first place at which an artifact differs, and goes on with the inputs of the bundle", async () => {
    const [docir, chunkIndex, memo] = await reproduceBundle(
      contents,
      deriverOf("docir", (value) => {
        value.text = "another";
      }),
    );
    assert.equal(docir?.result, "differs");
    assert.deepEqual(docir.difference.pointer, "/text");
    assert.deepEqual(docir.difference.right, "another");
    assert.deepEqual([chunkIndex?.result, memo?.result], ["same", "same"]);
  });

  test("tells another recipe from another result", async () => {
    const [docir] = await reproduceBundle(
      contents,
      deriverOf("docir", () => undefined, { version: "999" }),
    );
    assert.equal(docir?.result, "same", "the bytes are what counts");
    const rewrite = (value: Record<string, unknown>) => {
      value.text = "another";
    };
    const changed = deriverOf("docir", rewrite, { version: "999" });
    const [unknown] = await reproduceBundle(contents, changed);
    assert.equal(unknown?.result, "recipe_unknown");
    assert.deepEqual([unknown.difference?.pointer, unknown.difference?.right], ["/version", "999"]);
  });

  test("says that a recipe is unknown that is not in the table, and does not run another one", async () => {
    const { artifacts } = contents.values;
    for (const [index, recipe, name] of [
      [1, { name: "jejakekal.markdown", version: "999" }, "jejakekal.markdown 999"],
      [2, { name: "jejakekal.chunk-index/1", params: { version: "999" } }, "jejakekal.chunk-index/1 999"],
      [3, { name: "extractive/2" }, "extractive/2"],
    ] as const) {
      const changed = artifacts.map((artifact, at) =>
        at === index ? { ...artifact, prov: { ...artifact.prov, recipe } } : artifact,
      );
      const results = await reproduceBundle(
        { ...contents, values: { ...contents.values, artifacts: changed } },
        derive,
      );
      const unknown = results.filter(({ result }) => result === "recipe_unknown");
      assert.deepEqual(unknown, [
        { artifact: artifacts[index]?.id, result: "recipe_unknown", recipe: name, difference: null },
      ]);
    }
  });
});
