import { Command } from "commander";
import { shownValue } from "../bundle/json-difference.ts";
import { type Reproduced, reproduceBundle } from "../bundle/reproduce.ts";
import { verifyBundle } from "../bundle/verify/verify.ts";
import { readOcrConfig } from "../config.ts";
import { loadTokenizer, RECIPES } from "../document/index.ts";
import { withBundle } from "../files/bundle-reader.ts";
import { derive } from "../flow/derivation/derive.ts";
import { createOcrSource } from "../ocr/ocr-source.ts";
import { BUNDLE_EXIT, type Exit, print, tell } from "./terminal.ts";
import { tellUnsound } from "./verify.ts";

export function reproduceCommand(exit: Exit): Command {
  return new Command("reproduce")
    .description("compute the artifacts of a bundle again from its document, and compare them")
    .argument("<bundle>", "a folder or zip file")
    .option("--json", "print the result as JSON")
    .addHelpText(
      "after",
      "\nExit codes: 0 the same, 1 the bundle is altered, 2 unreadable, 5 an artifact differs, 6 this program does not know the recipe, 7 the document was erased.",
    )
    .action(async (path: string, { json }: { json?: true }) => {
      exit(await reproduce(path, json === true));
    });
}

async function reproduce(path: string, isJson: boolean): Promise<number> {
  return withBundle(path, async (reader) => {
    const { verification, contents } = verifyBundle(reader);
    if (verification.outcome !== "sound" || contents === null) {
      if (isJson) print({ ok: false, outcome: "altered", path, run_id: verification.runId, artifacts: [] });
      tellUnsound(path, verification);
      return BUNDLE_EXIT.altered;
    }
    if (verification.erasure !== null) {
      if (isJson) print({ ok: false, outcome: "erased", path, run_id: verification.runId, artifacts: [] });
      else tell("The document of this run was erased, so nothing can be computed again.");
      return BUNDLE_EXIT.erased;
    }
    await loadTokenizer();
    const ocr = createOcrSource(readOcrConfig());
    const results = await reproduceBundle(contents, (derivation, inputs) =>
      derive(derivation, inputs, { ocr }),
    );
    const outcome = outcomeOf(results);
    if (isJson)
      print({ ok: outcome === "same", outcome, path, run_id: verification.runId, artifacts: results });
    else for (const result of results) process.stdout.write(`${lineOf(result)}\n`);
    return EXIT_CODES[outcome];
  });
}

const EXIT_CODES = {
  same: BUNDLE_EXIT.sound,
  differs: BUNDLE_EXIT.differs,
  recipe_unknown: BUNDLE_EXIT.recipeUnknown,
} as const;

function outcomeOf(results: readonly Reproduced[]): Reproduced["result"] {
  const has = (result: Reproduced["result"]) => results.some((one) => one.result === result);
  return has("differs") ? "differs" : has("recipe_unknown") ? "recipe_unknown" : "same";
}

function lineOf(reproduced: Reproduced): string {
  const { artifact, result } = reproduced;
  if (result === "same") return `✓ ${artifact.padEnd(12)} the same bytes, sha256 ${reproduced.sha256}`;
  const { difference } = reproduced;
  const values =
    difference === null
      ? ""
      : ` ${difference.pointer}: the bundle has ${shownValue(difference.left)}, this program ${shownValue(difference.right)}`;
  if (result === "differs") return `✗ ${artifact.padEnd(12)} differs at${values}`;
  const known = isArtifactWithRecipe(artifact) ? `; it has ${RECIPES[artifact].join(", ")}` : "";
  return `- ${artifact.padEnd(12)} this program does not have the recipe ${reproduced.recipe}${values === "" ? known : values}`;
}

function isArtifactWithRecipe(artifact: string): artifact is keyof typeof RECIPES {
  return Object.hasOwn(RECIPES, artifact);
}
