import { existsSync } from "node:fs";
import { Command } from "commander";
import { comparableOf } from "../bundle/comparable.ts";
import { type ComparableRun, type Comparison, compareRuns } from "../bundle/compare.ts";
import { type JsonDifference, shownValue } from "../bundle/json-difference.ts";
import { verifyBundle } from "../bundle/verify/verify.ts";
import { withBundle } from "../files/bundle-reader.ts";
import { UnreadableBundle } from "../files/unreadable-bundle.ts";
import { BUNDLE_EXIT, type Exit, print, tell } from "./terminal.ts";

/** Reads the run with this id from the database. */
export type ReadRuns = (ids: readonly string[]) => Promise<ReadonlyMap<string, ComparableRun>>;

/** @param readRuns null where there is no database: then both sides are bundles */
export function diffCommand(exit: Exit, readRuns: ReadRuns | null): Command {
  return new Command("diff")
    .description("compare two runs, each a bundle or the id of a run")
    .argument("<left>", "a folder, a zip file, or the id of a run")
    .argument("<right>", "likewise")
    .option("--json", "print the result as JSON")
    .addHelpText("after", "\nExit codes: 0 equal, 5 different, 2 a bundle is unreadable.")
    .action(async (left: string, right: string, { json }: { json?: true }) => {
      const comparison = await compare(left, right, readRuns);
      if (json) print(comparison);
      else for (const line of linesOf(comparison)) process.stdout.write(`${line}\n`);
      exit(comparison.equal ? BUNDLE_EXIT.sound : BUNDLE_EXIT.differs);
    });
}

async function compare(left: string, right: string, readRuns: ReadRuns | null): Promise<Comparison> {
  const ids = [left, right].filter((name) => !existsSync(name));
  const runs = readRuns === null || ids.length === 0 ? null : await readRuns(ids);
  const withRun = <Result>(name: string, work: (run: ComparableRun) => Promise<Result>): Promise<Result> => {
    const run = runs?.get(name);
    return run === undefined ? withComparableBundle(name, work) : work(run);
  };
  return withRun(left, (leftRun) => withRun(right, (rightRun) => compareRuns(leftRun, rightRun)));
}

/** A bundle that does not verify is compared all the same, with a word about it. */
function withComparableBundle<Result>(
  path: string,
  work: (run: ComparableRun) => Promise<Result>,
): Promise<Result> {
  return withBundle(path, async (reader) => {
    const { verification, contents } = verifyBundle(reader);
    if (contents === null) throw new UnreadableBundle(`${path} has no files of a bundle that can be read.`);
    if (verification.outcome !== "sound") tell(`${path} does not verify: run jejakekal verify ${path}`);
    return work(comparableOf(contents));
  });
}

const MARKS = { equal: "=", different: "≠", only_left: "<", only_right: ">" } as const;

function linesOf({ left, right, equal, steps, artifacts }: Comparison): readonly string[] {
  const duration = (side: Readonly<{ duration_ms: number | null }> | null) =>
    side === null || side.duration_ms === null ? "–" : `${side.duration_ms} ms`;
  return [
    `${left} | ${right}`,
    ...steps.map(
      (step) =>
        `${MARKS[step.result]} step ${step.function_id} ${step.function_name.padEnd(12)} ${duration(step.left)} | ${duration(step.right)}${placeOf(step.difference)}`,
    ),
    ...artifacts.map(
      ({ id, result, difference }) => `${MARKS[result]} ${id.padEnd(12)}${placeOf(difference)}`,
    ),
    equal ? "equal" : "different",
  ];
}

function placeOf(difference: JsonDifference | null): string {
  if (difference === null) return "";
  return ` ${difference.pointer}: ${shownValue(difference.left)} | ${shownValue(difference.right)}`;
}
