import { hasRecipe, recipeNameOf } from "../document/recipes.ts";
import { ARTIFACTS, type ArtifactType, isArtifactType } from "../domain/artifact.ts";
import type { DocArgs } from "../domain/command.ts";
import { findFirstDifference, type JsonDifference } from "./json-difference.ts";
import type { ArtifactEntry } from "./shapes.ts";
import { type BundleContents, parseJson } from "./verify/contents.ts";

/** Derives an artifact from its inputs: `derive` of `src/flow/derivation`. */
export type Derive = (
  derivation: Readonly<{ artifact: DerivedType; from: readonly string[]; args: DocArgs; recipe: Recipe }>,
  contents: readonly Uint8Array[],
) => Promise<Readonly<{ bytes: Uint8Array; sha256: string; facts: Readonly<{ recipe: Recipe }> }>>;

type DerivedType = Exclude<ArtifactType, "raw">;
type Recipe = Readonly<Record<string, unknown>>;

/** What a recomputation of one artifact came to. */
export type Reproduced = Readonly<{ artifact: string }> &
  (
    | Readonly<{ result: "same"; sha256: string }>
    | Readonly<{ result: "differs"; difference: JsonDifference }>
    /**
     * This program does not run the recipe of this name and version. A `difference` is one between the recipe of the bundle and that
     * of this program, such as the version of a library, where the result is another one too.
     */
    | Readonly<{ result: "recipe_unknown"; recipe: string; difference: JsonDifference | null }>
  );

/**
 * Runs the recipes that a bundle names on its `raw`, in the order of the steps, and compares the bytes. Each artifact is derived from
 * the inputs that the bundle has, so one that differs does not make the next one differ.
 */
export async function reproduceBundle(
  contents: BundleContents,
  derive: Derive,
): Promise<readonly Reproduced[]> {
  const results: Reproduced[] = [];
  for (const artifact of contents.values.artifacts) {
    if (artifact.id !== "raw") results.push(await reproduceArtifact(contents, artifact, derive));
  }
  return results;
}

async function reproduceArtifact(
  contents: BundleContents,
  { id, sha256, prov }: ArtifactEntry,
  derive: Derive,
): Promise<Reproduced> {
  const recipe = recipeNameOf(prov.recipe);
  const unknown = { artifact: id, result: "recipe_unknown", recipe, difference: null } as const;
  const { args } = contents.values.manifest.request;
  if (!isDerivedType(id) || !hasRecipe(id, prov.recipe)) return unknown;
  const inputs = ARTIFACTS[id].inputs.map((type) => contents.artifactBytes(type));
  const isWhole = inputs.every((bytes) => bytes !== null);
  if (!isWhole) return unknown;
  const derivation = { artifact: id, from: prov.inputs, args: args as DocArgs, recipe: prov.recipe };
  const derived = await derive(derivation, inputs).catch(() => null);
  if (derived === null) return unknown;
  if (derived.sha256 === sha256) return { artifact: id, result: "same", sha256 };
  const ofRecipe = findFirstDifference(prov.recipe, derived.facts.recipe);
  if (ofRecipe !== null) return { ...unknown, difference: ofRecipe };
  const difference = findFirstDifference(contents.artifact(id), parseJson(derived.bytes));
  return {
    artifact: id,
    result: "differs",
    difference: difference ?? { pointer: "", left: sha256, right: derived.sha256 },
  };
}

function isDerivedType(type: string): type is DerivedType {
  return isArtifactType(type) && type !== "raw";
}
