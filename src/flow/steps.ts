import { canonicalJsonBytes } from "../canonical-json.ts";
import { ARTIFACTS, type ArtifactType } from "../domain/artifact.ts";
import { artifactSetDigest } from "../domain/artifact-set.ts";
import type { RecordedAttachments } from "../domain/attachment.ts";
import type { DocArgs } from "../domain/command.ts";
import type { EffectOutcome } from "../domain/effect.ts";
import type { NewEvent } from "../domain/journal.ts";
import { functionIdOf } from "../domain/run.ts";
import type { StepAttempt, Write } from "../engine/index.ts";
import { RunFailure } from "../failure.ts";
import { sha256Hex } from "../sha256.ts";
import {
  adoptSource,
  areSentInParts,
  EffectBegunBeforeError,
  finishRun,
  putArtifact,
  putReceipt,
  type Store,
} from "../store/index.ts";
import { prepareAttachmentRuns } from "./attachment-runs.ts";
import type { ContentCache } from "./content-cache.ts";
import { type Derivation, type Derived, UNTITLED } from "./derivation/derive.ts";
import type { Deriver } from "./derivation/deriver.ts";
import { releaseMemorySoon } from "./derivation/release-memory.ts";
import { isSpooled } from "./derivation/spool.ts";
import type { CallIdempotentEffect, Effect } from "./idempotent-effects.ts";
import type { RunEffect } from "./run-effect.ts";

export type StepDeps = Readonly<{
  store: Store;
  cache: ContentCache;
  callIdempotentEffect: CallIdempotentEffect;
  effect: RunEffect;
  derive: Deriver;
  /** The name of this node, for the journal. */
  node: string;
}>;

/**
 * The output of a step as DBOS records it: hashes, counts and the names of attached files, never text of a document. The next step
 * reads its input by the hash.
 */
export type ArtifactOutput = Readonly<{
  artifact: ArtifactType;
  sha256: string;
  bytes: number;
  inputs: readonly string[];
  /** Of the docir of a mail. */
  attachments?: RecordedAttachments;
}>;

/**
 * The output of a step, and the write that is committed together with DBOS's record of it. `write` is sent together with the record, so
 * it awaits no answer before its last statement; `writeFirst` is sent before, and what it returns is added to the output.
 */
export type StepResult<Output> = Readonly<{
  output: Output;
  write?: Write<void>;
  writeFirst?: Write<Partial<Output>>;
  /** Called where `write` has failed, with its error: the output where that changes it, and undefined where the step fails. */
  otherwise?: (error: unknown) => Promise<Output | undefined>;
  /** Frees what the writes read from. It is called when none of them follows. */
  release?: () => void;
}>;

type GetCancelSignal = StepAttempt["getCancelSignal"];

/** The artifact of an earlier step. */
type Made = Pick<ArtifactOutput, "sha256">;

/** Makes the source, unchanged, the artifact `raw` of this run. */
export async function prepare(
  { store, cache, node }: StepDeps,
  runId: string,
  args: DocArgs,
): Promise<StepResult<ArtifactOutput>> {
  const sha256 = args.source_sha256;
  const bytes = cache.get<Uint8Array>(sha256)?.length ?? (await store.measureBlob(sha256));
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

/** Makes `docir`, the structured document, from the bytes of `raw`, and starts the runs of the attachments of a mail. */
export async function deriveDocIR(
  deps: StepDeps,
  runId: string,
  args: DocArgs,
  raw: Made,
  getCancelSignal?: GetCancelSignal,
): Promise<StepResult<ArtifactOutput>> {
  const derivation = { artifact: "docir", from: [raw.sha256], args } as const;
  const derived = await deriveArtifact(deps, runId, derivation, getCancelSignal);
  const { attachments } = derived.facts;
  if (attachments === undefined) return storeTogether(derived);
  const start = await prepareAttachmentRuns(
    { runId, node: deps.node },
    await getBytes(deps.cache, raw.sha256),
    attachments,
  );
  return {
    output: derived.output,
    release: derived.release,
    writeFirst: async (db) => {
      await derived.put(db);
      return { attachments: await start(db) };
    },
  };
}

/** Makes `chunk-index`, the document in pieces for retrieval, from the bytes of `docir`. */
export async function deriveChunkIndex(
  deps: StepDeps,
  runId: string,
  args: DocArgs,
  docir: Made,
  getCancelSignal?: GetCancelSignal,
): Promise<StepResult<ArtifactOutput>> {
  const derivation = { artifact: "chunk-index", from: [docir.sha256], args } as const;
  return storeTogether(await deriveArtifact(deps, runId, derivation, getCancelSignal));
}

/** Makes `memo`, a summary in sentences of the document with a citation each, from `docir` and `chunk-index`. */
export async function deriveMemo(
  deps: StepDeps,
  runId: string,
  args: DocArgs,
  docir: Made,
  chunkIndex: Made,
  getCancelSignal?: GetCancelSignal,
): Promise<StepResult<ArtifactOutput>> {
  const derivation = { artifact: "memo", from: [docir.sha256, chunkIndex.sha256], args } as const;
  return storeTogether(await deriveArtifact(deps, runId, derivation, getCancelSignal));
}

export type EffectOutput = Readonly<{
  effect_key: string;
  kind: string;
  executions: number;
  receipt_sha256: string;
  inputs: readonly string[];
}>;

/** How the run announces that its artifacts are made. */
export function announcementOf(
  { effect }: Pick<StepDeps, "effect">,
  runId: string,
  made: readonly ArtifactOutput[],
): Effect {
  return effect(effectKeyOf(runId), { runId, artifacts: hashesOf(made) });
}

const effectKeyOf = (runId: string): string => `${runId}:side-effect`;

/**
 * Announces the run, once. A receipt that is the whole announcement is committed with the record of the step; where the effect was begun
 * before, by an earlier program, it counts as a further execution.
 */
export async function performSideEffect(
  { callIdempotentEffect }: Pick<StepDeps, "callIdempotentEffect">,
  runId: string,
  made: readonly ArtifactOutput[],
  announcement: Effect,
): Promise<StepResult<EffectOutput>> {
  const effectKey = effectKeyOf(runId);
  const outputOf = ({ receipt, executions, kind }: EffectOutcome): EffectOutput => ({
    effect_key: effectKey,
    kind,
    executions,
    receipt_sha256: sha256Hex(canonicalJsonBytes(receipt)),
    inputs: made.map(({ sha256 }) => sha256),
  });
  const call = async () => outputOf(await callIdempotentEffect(effectKey, announcement));
  if (!("record" in announcement)) return { output: await call() };
  const { kind, record: receipt } = announcement;
  return {
    output: outputOf({ receipt, executions: 1, kind }),
    write: (db) => putReceipt(db, { effectKey, runId, kind }, receipt),
    otherwise: async (error) => (error instanceof EffectBegunBeforeError ? call() : undefined),
  };
}

function hashesOf(made: readonly ArtifactOutput[]): Readonly<Record<string, string>> {
  return Object.fromEntries(made.map(({ artifact, sha256 }) => [artifact, sha256]));
}

export type FinalOutput = Readonly<{
  artifacts: Readonly<Record<string, string>>;
  artifact_set_digest: string;
}>;

/**
 * Ends the run successfully if every artifact that its steps made is stored and matches its hash.
 * @throws RunFailure `FAILED_NO_ARTIFACT`
 */
export async function finalize(
  deps: Pick<StepDeps, "node">,
  runId: string,
  made: readonly ArtifactOutput[],
): Promise<StepResult<FinalOutput>> {
  const artifacts = hashesOf(made);
  const digest = artifactSetDigest(made.map(({ artifact, sha256 }) => ({ type: artifact, sha256 })));
  const output = { artifacts, artifact_set_digest: digest };
  return {
    output,
    write: (db) => {
      const bytes = made.reduce((sum, artifact) => sum + artifact.bytes, 0);
      return finishRun(db, artifacts, bytes, endOf(deps, runId, output));
    },
  };
}

/** The journal's event of a successful end. */
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

type DerivedArtifact = Readonly<{
  output: ArtifactOutput;
  /** Stores it. */
  put: Write<void>;
  isSentInParts: boolean;
  release: () => void;
  facts: Derived["facts"];
}>;

async function deriveArtifact(
  { cache, derive }: StepDeps,
  runId: string,
  derivation: Derivation,
  getCancelSignal: GetCancelSignal | undefined,
): Promise<DerivedArtifact> {
  const { artifact, from: inputs } = derivation;
  const readInputs = () => Promise.all(inputs.map((hash) => getBytes(cache, hash)));
  const { bytes, sha256, facts } = await derive(derivation, readInputs, getCancelSignal);
  if (!isSpooled(bytes)) cache.set(sha256, bytes, bytes.length);
  const { format, title, recipe } = facts;
  const row = {
    ...artifactOf(runId, artifact),
    format,
    title,
    recipe,
    sha256,
    bytes: bytes.length,
    mediaType: "application/json",
    inputs,
  };
  return {
    output: { artifact, sha256, bytes: bytes.length, inputs },
    put: (db) => putArtifact(db, row, bytes),
    isSentInParts: areSentInParts(bytes),
    release: () => {
      if (isSpooled(bytes)) bytes.release();
      if (areSentInParts(bytes)) releaseMemorySoon();
    },
    facts,
  };
}

function storeTogether({ output, put, isSentInParts, release }: DerivedArtifact): StepResult<ArtifactOutput> {
  if (!isSentInParts) return { output, write: put, release };
  return {
    output,
    release,
    writeFirst: async (db) => {
      await put(db);
      return {};
    },
  };
}

async function getBytes(cache: ContentCache, sha256: string): Promise<Uint8Array> {
  const bytes = await cache.readBytes(sha256);
  if (bytes === null) throw new RunFailure("FAILED_NO_ARTIFACT");
  return bytes;
}
