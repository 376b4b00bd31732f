import { canonicalJsonBytes } from "../canonical-json.ts";
import { ARTIFACTS, type ArtifactType } from "../domain/artifact.ts";
import { artifactSetDigest } from "../domain/artifact-set.ts";
import type { DocArgs } from "../domain/command.ts";
import type { NewEvent } from "../domain/journal.ts";
import { functionIdOf } from "../domain/run.ts";
import { RunFailure } from "../failure.ts";
import { sha256Hex } from "../sha256.ts";
import { adoptSource, finishRun, putArtifact, type Store, type Write } from "../store/index.ts";
import type { ContentRelay } from "./content-relay.ts";
import { type Derivation, UNTITLED } from "./derivation.ts";
import type { Deriver } from "./derive.ts";
import type { CallIdempotentEffect } from "./effects.ts";
import type { RunEffect } from "./run-effect.ts";

export type StepDeps = Readonly<{
  store: Store;
  relay: ContentRelay;
  callIdempotentEffect: CallIdempotentEffect;
  effect: RunEffect;
  derive: Deriver;
  /** Who writes the journal. */
  node: string;
}>;

/** What a step leaves in DBOS's record: hashes and counts, never text. The next step finds its input by the hash. */
export type ArtifactOutput = Readonly<{
  artifact: ArtifactType;
  sha256: string;
  bytes: number;
  inputs: readonly string[];
}>;

/** What a step came to, and what is to be written with DBOS's record of it: both are stored or neither. */
export type StepResult<Output> = Readonly<{ output: Output; write?: Write<unknown> }>;

/** What an earlier step made, as the next one finds it. */
type Made = Pick<ArtifactOutput, "sha256">;

/** `raw`: the source as it came, now an artifact of this run. */
export async function prepare(
  { store, relay, node }: StepDeps,
  runId: string,
  args: DocArgs,
): Promise<StepResult<ArtifactOutput>> {
  const sha256 = args.source_sha256;
  const bytes = relay.find<Uint8Array>(sha256)?.length ?? (await store.measureBlob(sha256));
  if (bytes === null) throw new RunFailure("FAILED_SOURCE_UNREADABLE");
  const artifact = {
    ...artifactOf(runId, "raw"),
    sha256,
    bytes,
    mediaType: args.media_type,
    format: args.media_type,
    title: args.filename ?? UNTITLED,
    inputs: [],
    recipe: { name: "as-received", ...(args.filename === undefined ? {} : { filename: args.filename }) },
  };
  return {
    output: { artifact: "raw", sha256, bytes, inputs: [] },
    write: (db) => adoptSource(db, artifact, node),
  };
}

/** `docir`: the structured document, from the bytes of `raw`. */
export function deriveDocIR(
  deps: StepDeps,
  runId: string,
  args: DocArgs,
  raw: Made,
): Promise<StepResult<ArtifactOutput>> {
  return deriveArtifact(deps, runId, { artifact: "docir", from: [raw.sha256], args });
}

/** `chunk-index`: the document in pieces for retrieval, from the bytes of `docir`. */
export function deriveChunkIndex(
  deps: StepDeps,
  runId: string,
  args: DocArgs,
  docir: Made,
): Promise<StepResult<ArtifactOutput>> {
  return deriveArtifact(deps, runId, { artifact: "chunk-index", from: [docir.sha256], args });
}

/** `memo`: what the document says, in its own sentences, each with its place; from `docir` and `chunk-index`. */
export function deriveMemo(
  deps: StepDeps,
  runId: string,
  args: DocArgs,
  docir: Made,
  chunkIndex: Made,
): Promise<StepResult<ArtifactOutput>> {
  return deriveArtifact(deps, runId, { artifact: "memo", from: [docir.sha256, chunkIndex.sha256], args });
}

export type EffectOutput = Readonly<{
  effect_key: string;
  kind: string;
  executions: number;
  receipt_sha256: string;
  inputs: readonly string[];
}>;

/** Makes the run known, once. */
export async function performSideEffect(
  { callIdempotentEffect, effect }: StepDeps,
  runId: string,
  made: readonly ArtifactOutput[],
): Promise<StepResult<EffectOutput>> {
  const effectKey = `${runId}:side-effect`;
  const artifacts = Object.fromEntries(made.map(({ artifact, sha256 }) => [artifact, sha256]));
  const described = effect(effectKey, { runId, artifacts });
  const { receipt, executions } = await callIdempotentEffect(effectKey, described);
  return {
    output: {
      effect_key: effectKey,
      kind: described.kind,
      executions,
      receipt_sha256: sha256Hex(canonicalJsonBytes(receipt)),
      inputs: made.map(({ sha256 }) => sha256),
    },
  };
}

export type FinalOutput = Readonly<{
  artifacts: Readonly<Record<string, string>>;
  artifact_set_digest: string;
}>;

/** Ends the run well only if every artifact that its steps made is stored and matches its hash. */
export async function finalize(
  deps: Pick<StepDeps, "node">,
  runId: string,
  made: readonly ArtifactOutput[],
): Promise<StepResult<FinalOutput>> {
  const artifacts = Object.fromEntries(made.map(({ artifact, sha256 }) => [artifact, sha256]));
  const digest = artifactSetDigest(made.map(({ artifact, sha256 }) => ({ type: artifact, sha256 })));
  const output = { artifacts, artifact_set_digest: digest };
  return {
    output,
    write: async (db) => {
      const isWhole = await finishRun(db, artifacts, endOf(deps, runId, output));
      if (!isWhole) throw new RunFailure("FAILED_NO_ARTIFACT");
    },
  };
}

/** What the journal says of a run that ended well. */
export function endOf(
  { node }: Pick<StepDeps, "node">,
  runId: string,
  { artifact_set_digest }: FinalOutput,
): NewEvent {
  return { runId, kind: "finished", node, detail: { status: "done", artifact_set_digest } };
}

/** The columns that are the same for every artifact of a type in a run. */
function artifactOf(runId: string, type: ArtifactType) {
  const { visibility, producerStep } = ARTIFACTS[type];
  return { runId, type, visibility, producerStep, producerFunctionId: functionIdOf(producerStep) };
}

async function deriveArtifact(
  { relay, derive }: StepDeps,
  runId: string,
  derivation: Derivation,
): Promise<StepResult<ArtifactOutput>> {
  const { artifact, from: inputs } = derivation;
  const contents = await Promise.all(inputs.map((sha256) => need(relay, sha256)));
  const { bytes, sha256, facts } = await derive(derivation, contents);
  relay.keep(sha256, bytes, bytes.length);
  const row = {
    ...artifactOf(runId, artifact),
    ...facts,
    sha256,
    bytes: bytes.length,
    mediaType: "application/json",
    inputs,
  };
  return {
    output: { artifact, sha256, bytes: bytes.length, inputs },
    write: (db) => putArtifact(db, row, bytes),
  };
}

async function need(relay: ContentRelay, sha256: string): Promise<Uint8Array> {
  const bytes = await relay.take(sha256);
  if (bytes === null) throw new RunFailure("FAILED_NO_ARTIFACT");
  return bytes;
}
