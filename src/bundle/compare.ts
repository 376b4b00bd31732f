import { findFirstDifference, type JsonDifference } from "./json-difference.ts";
import type { ArtifactEntry, TimelineStep } from "./shapes.ts";

type ComparableStep = Pick<
  TimelineStep,
  "function_id" | "function_name" | "duration_ms" | "attempt" | "error"
> &
  Readonly<{ io_hashes: Readonly<{ in: readonly string[]; out: readonly string[] }> }>;

/** A run to compare, from a bundle or from the database. */
export type ComparableRun = Readonly<{
  runId: string;
  steps: readonly ComparableStep[];
  artifacts: readonly Pick<ArtifactEntry, "id" | "sha256" | "bytes">[];
  /** The bytes of an artifact; null when they are not there, or too large to compare. */
  readArtifact(type: string): Promise<Uint8Array | null>;
}>;

type Side<Fields> = Readonly<{ left: Fields | null; right: Fields | null }>;

/** `only_left`, `only_right`: the other run has no such step or artifact. */
type Result = "equal" | "different" | "only_left" | "only_right";

export type ComparedStep = Side<
  Readonly<{ duration_ms: number | null; attempt: number | null; error: string | null }>
> &
  Readonly<{ function_id: number; function_name: string; result: Result; difference: JsonDifference | null }>;

export type ComparedArtifact = Side<Readonly<{ sha256: string; bytes: number }>> &
  Readonly<{ id: string; result: Result; difference: JsonDifference | null }>;

export type Comparison = Readonly<{
  left: string;
  right: string;
  /** All steps and artifacts are equal. Durations and attempts do not count. */
  equal: boolean;
  steps: readonly ComparedStep[];
  artifacts: readonly ComparedArtifact[];
}>;

/**
 * Compares two runs step by step and artifact by artifact. A step is equal when it read and made artifacts with the same hashes and
 * failed in the same way: its receipt of a side effect names the run, so that is not compared.
 */
export async function compareRuns(left: ComparableRun, right: ComparableRun): Promise<Comparison> {
  const steps = pair(left.steps, right.steps, ({ function_id }) => function_id).map(([a, b]) =>
    compareSteps(stepOf(a, left), stepOf(b, right)),
  );
  const artifacts: ComparedArtifact[] = [];
  for (const [a, b] of pair(left.artifacts, right.artifacts, ({ id }) => id)) {
    artifacts.push(await compareArtifacts(left, right, a, b));
  }
  const equal = [...steps, ...artifacts].every(({ result }) => result === "equal");
  return { left: left.runId, right: right.runId, equal, steps, artifacts };
}

/** The items of both sides with the same key beside each other, in the order of the left one. */
function pair<Item, Key>(
  left: readonly Item[],
  right: readonly Item[],
  keyOf: (item: Item) => Key,
): readonly (readonly [Item | null, Item | null])[] {
  const rest = new Map(right.map((item) => [keyOf(item), item]));
  const pairs = left.map((item) => {
    const other = rest.get(keyOf(item)) ?? null;
    rest.delete(keyOf(item));
    return [item, other] as const;
  });
  return [...pairs, ...[...rest.values()].map((item) => [null, item] as const)];
}

type Step = ComparableStep & Readonly<{ compared: Readonly<Record<string, unknown>> }>;

function stepOf(step: ComparableStep | null, { artifacts }: ComparableRun): Step | null {
  if (step === null) return null;
  const made = new Set(artifacts.map(({ sha256 }) => sha256));
  const { function_name, error, io_hashes } = step;
  const out = io_hashes.out.filter((hash) => made.has(hash));
  return { ...step, compared: { function_name, error: error?.code ?? null, in: io_hashes.in, out } };
}

function compareSteps(left: Step | null, right: Step | null): ComparedStep {
  const either = left ?? right;
  const difference =
    left === null || right === null ? null : findFirstDifference(left.compared, right.compared);
  const shown = (step: Step | null) =>
    step && { duration_ms: step.duration_ms, attempt: step.attempt, error: step.error?.code ?? null };
  return {
    function_id: either?.function_id ?? 0,
    function_name: either?.function_name ?? "",
    result: resultOf(left, right, difference === null),
    left: shown(left),
    right: shown(right),
    difference,
  };
}

type Artifact = ComparableRun["artifacts"][number];

async function compareArtifacts(
  leftRun: ComparableRun,
  rightRun: ComparableRun,
  left: Artifact | null,
  right: Artifact | null,
): Promise<ComparedArtifact> {
  const id = (left ?? right)?.id ?? "";
  const isEqual = left?.sha256 === right?.sha256;
  const shown = (artifact: Artifact | null) => artifact && { sha256: artifact.sha256, bytes: artifact.bytes };
  const difference =
    isEqual || left === null || right === null
      ? null
      : findDifference(id, await leftRun.readArtifact(id), await rightRun.readArtifact(id));
  return { id, result: resultOf(left, right, isEqual), left: shown(left), right: shown(right), difference };
}

function resultOf(left: unknown, right: unknown, isEqual: boolean): Result {
  if (left === null) return "only_right";
  if (right === null) return "only_left";
  return isEqual ? "equal" : "different";
}

/** The first place of a difference: a JSON pointer; for the document, which can be anything, the number of a byte. */
function findDifference(
  id: string,
  left: Uint8Array | null,
  right: Uint8Array | null,
): JsonDifference | null {
  if (left === null || right === null) return null;
  if (id !== "raw") {
    const parse = (bytes: Uint8Array): unknown => JSON.parse(new TextDecoder().decode(bytes));
    return findFirstDifference(parse(left), parse(right));
  }
  let at = 0;
  while (at < left.length && left[at] === right[at]) at += 1;
  return { pointer: `byte ${at}`, left: left[at], right: right[at] };
}
