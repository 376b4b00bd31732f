import { ARTIFACT_TYPES, ARTIFACTS, type ArtifactType } from "../domain/artifact.ts";
import { functionIdOf } from "../domain/run.ts";
import { forksOf } from "./forks.ts";
import { formatCount, shortHash, shortRunId } from "./format.ts";
import type { JournalView } from "./journal-view.ts";
import type { EffectView, RunView } from "./run-view.ts";

/** The artifacts of a run and its effects in the order in which they are made, and the runs that it branched from or into. */
export type LineagePicture = Readonly<{
  /** In columns from 0. */
  places: readonly LineagePlace[];
  /** The columns that each line connects. */
  lines: readonly Readonly<{ from: number; to: number }>[];
  parent: LineageBranch | null;
  /** The newest forks; `moreForks` older ones are left out. */
  forks: readonly LineageBranch[];
  moreForks: number;
}>;

export type LineagePlace = Readonly<{
  label: string;
  /** Below the label: a short hash, a state, or nothing. */
  note: string;
  /** What it is, in words. */
  about: string;
  /** Address of the artifact; null where there is none to open. */
  address: string | null;
  state: "made" | "of-parent" | "missing" | "uncertain";
}>;

/** `column`: that of the first artifact or effect that the fork makes for itself. */
export type LineageBranch = Readonly<{ runId: string; column: number }>;

const MAX_FORKS = 3;

export function lineagePictureOf(run: RunView, journal: JournalView | null): LineagePicture {
  const { forked_from, from_step } = run.header;
  const forks = forksOf(journal).map(({ runId, fromStep }) => ({ runId, column: columnOf(fromStep) }));
  return {
    places: [...ARTIFACT_TYPES.map((type) => placeOf(type, run)), effectPlaceOf(run.header.effects)],
    lines: LINES,
    parent: forked_from === null ? null : { runId: forked_from, column: columnOf(from_step ?? 0) },
    forks: forks.slice(-MAX_FORKS),
    moreForks: Math.max(0, forks.length - MAX_FORKS),
  };
}

const EFFECT_COLUMN = ARTIFACT_TYPES.length;

/** Each artifact with what it is made from; the effect tells others about the last one. */
const LINES = [
  ...ARTIFACT_TYPES.flatMap((type, to) =>
    ARTIFACTS[type].inputs.map((input) => ({ from: ARTIFACT_TYPES.indexOf(input), to })),
  ),
  { from: EFFECT_COLUMN - 1, to: EFFECT_COLUMN },
];

function columnOf(fromStep: number): number {
  const first = ARTIFACT_TYPES.findIndex((type) => functionIdOf(ARTIFACTS[type].producerStep) >= fromStep);
  return first === -1 ? EFFECT_COLUMN : first;
}

const LABELS: Readonly<Record<ArtifactType, string>> = {
  raw: "raw",
  docir: "docir",
  "chunk-index": "chunks",
  memo: "memo",
};

function placeOf(type: ArtifactType, run: RunView): LineagePlace {
  const artifact = run.artifacts.find((candidate) => candidate.type === type);
  const label = LABELS[type];
  if (artifact === undefined) {
    return { label, note: "", about: `${label}: not made`, address: null, state: "missing" };
  }
  const isOfParent = functionIdOf(ARTIFACTS[type].producerStep) < (run.header.from_step ?? 0);
  return {
    label,
    note: shortHash(artifact.sha256).slice(0, 8),
    about: `${label}${isOfParent ? " of the parent run" : ""}, sha256 ${artifact.sha256}`,
    address: `/artifacts/${artifact.id}`,
    state: isOfParent ? "of-parent" : "made",
  };
}

function effectPlaceOf(effects: readonly EffectView[]): LineagePlace {
  const label = effects.length > 1 ? formatCount(effects.length, "effect") : "effect";
  if (effects.length === 0) {
    return { label, note: "", about: "effect: not performed", address: null, state: "missing" };
  }
  const isDone = effects.every(({ state }) => state === "done");
  const note = isDone ? "receipt" : "uncertain";
  return {
    label,
    note,
    about: isDone ? `${label} with a receipt` : `${label} without a receipt`,
    address: null,
    state: isDone ? "made" : "uncertain",
  };
}

/** The picture as sentences. */
export function lineageInWords({ places, parent, forks, moreForks }: LineagePicture): string {
  const labelAt = (column: number) => places[column]?.label ?? "";
  const chain = places.map(({ about }) => about).join("; then ");
  const origin = parent === null ? [] : [`Forked from run ${parent.runId} at ${labelAt(parent.column)}.`];
  const branches = forks.map(({ runId, column }) => `Run ${runId} is a fork from ${labelAt(column)} on.`);
  const more = moreForks === 0 ? [] : [`The journal names ${formatCount(moreForks, "older fork")}.`];
  return [`${chain}.`, ...origin, ...branches, ...more].join(" ");
}

/** The id of a run as it fits into a place. */
export function branchNote(runId: string): string {
  return shortRunId(runId).slice(0, 8);
}
