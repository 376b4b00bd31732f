import { canonicalJson } from "../../src/canonical-json.ts";

/** The derived artifacts of one document, parsed. */
export type DerivedArtifacts = Readonly<Record<"docir" | "chunk-index" | "memo", unknown>>;

/** Each artifact with its inputs among the others. */
const ARTIFACTS = [
  { type: "docir", inputs: [] },
  { type: "chunk-index", inputs: ["docir"] },
  { type: "memo", inputs: ["docir", "chunk-index"] },
] as const;

/**
 * The artifacts that came out differently although their inputs and the version of their recipe are the same. A bundle that was
 * exported before could then not be reproduced.
 */
export function changedWithoutVersion(recorded: DerivedArtifacts, made: DerivedArtifacts): readonly string[] {
  const isSame = (type: keyof DerivedArtifacts) =>
    canonicalJson(recorded[type]) === canonicalJson(made[type]);
  return ARTIFACTS.filter(
    ({ type, inputs }) =>
      !isSame(type) &&
      inputs.every(isSame) &&
      canonicalJson(recipeOf(recorded[type])) === canonicalJson(recipeOf(made[type])),
  ).map(({ type }) => type);
}

/** What names the recipe in an artifact, and for `docir` the document that it was made from. */
function recipeOf(artifact: unknown): unknown {
  const { schema, recipe, params, method, source } = artifact as Readonly<Record<string, unknown>>;
  const { sha256, mediaType } = (source ?? {}) as Readonly<Record<string, unknown>>;
  return { schema, recipe, params, method, sha256, mediaType };
}
