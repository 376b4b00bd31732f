import { canonicalJsonBytes } from "../bundle/canonical-json.ts";
import { artifactSetDigest } from "../bundle/run-bundle.ts";
import type { ChunkIndex, DocIR } from "../document/index.ts";
import type { Artifact, ArtifactType, Visibility } from "../domain/artifact.ts";
import type { DocArgs } from "../domain/command.ts";
import { functionIdOf, type RunStep } from "../domain/run.ts";
import { Failure, RunFailure } from "../failure.ts";
import { type Store, sha256Of } from "../store/index.ts";
import { type Content, type ContentRelay, nameOf } from "./content-relay.ts";
import type { Derived, Deriver } from "./derive.ts";
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

/** `raw`: the source as it came, now an artifact of this run. */
export async function prepare(
  { store, node }: StepDeps,
  runId: string,
  args: DocArgs,
): Promise<ArtifactOutput> {
  const sha256 = args.source_sha256;
  const artifact = {
    ...artifactOf(runId, "raw", "prepare"),
    sha256,
    mediaType: args.media_type,
    format: args.media_type,
    title: args.filename ?? UNTITLED,
    inputs: [],
    recipe: { name: "as-received", ...(args.filename === undefined ? {} : { filename: args.filename }) },
  };
  const bytes = await store.adoptSource(artifact, node);
  if (bytes === null) throw new RunFailure("FAILED_SOURCE_UNREADABLE");
  return { artifact: "raw", sha256, bytes, inputs: [] };
}

/** `docir`: the structured document, from the bytes of `raw`. */
export async function deriveDocIR(
  deps: StepDeps,
  runId: string,
  args: DocArgs,
  raw: Content,
): Promise<ArtifactOutput> {
  const bytes = await need(deps, raw, (stored) => stored);
  const derived = readDocument(() => deps.derive.docir(bytes, args));
  const docir = derived.value;
  return putDerived(deps, derived, {
    ...artifactOf(runId, "docir", "docir"),
    format: docir.schema,
    title: titleOf(docir, args),
    inputs: [raw.sha256],
    recipe: docir.recipe,
  });
}

/** `chunk-index`: the document in pieces for retrieval, from the bytes of `docir`. */
export async function deriveChunkIndex(
  deps: StepDeps,
  runId: string,
  args: DocArgs,
  made: Content,
): Promise<ArtifactOutput> {
  const docir = await need(deps, made, parse<DocIR>);
  const docirSha = made.sha256;
  const derived = deps.derive.chunkIndex({ docir, docirSha });
  const index = derived.value;
  return putDerived(deps, derived, {
    ...artifactOf(runId, "chunk-index", "chunk-index"),
    format: index.schema,
    title: titleOf(docir, args),
    inputs: [docirSha],
    recipe: { name: index.schema, params: index.params },
  });
}

/** `memo`: what the document says, in its own sentences, each with its place; from `docir` and `chunk-index`. */
export async function deriveMemo(
  deps: StepDeps,
  runId: string,
  args: DocArgs,
  madeDocir: Content,
  madeChunkIndex: Content,
): Promise<ArtifactOutput> {
  const docir = await need(deps, madeDocir, parse<DocIR>);
  const chunkIndex = await need(deps, madeChunkIndex, parse<ChunkIndex>);
  const [docirSha, chunkIndexSha] = [madeDocir.sha256, madeChunkIndex.sha256];
  const derived = deps.derive.memo({ docir, docirSha, chunkIndex, chunkIndexSha });
  const memo = derived.value;
  return putDerived(deps, derived, {
    ...artifactOf(runId, "memo", "memo"),
    format: memo.schema,
    title: titleOf(docir, args),
    inputs: [docirSha, chunkIndexSha],
    recipe: { name: memo.method },
  });
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
): Promise<EffectOutput> {
  const effectKey = `${runId}:side-effect`;
  const artifacts = Object.fromEntries(made.map(({ artifact, sha256 }) => [artifact, sha256]));
  const described = effect(effectKey, { runId, artifacts });
  const { receipt, executions } = await callIdempotentEffect(effectKey, described);
  return {
    effect_key: effectKey,
    kind: described.kind,
    executions,
    receipt_sha256: sha256Of(canonicalJsonBytes(receipt)),
    inputs: made.map(({ sha256 }) => sha256),
  };
}

export type FinalOutput = Readonly<{
  artifacts: Readonly<Record<string, string>>;
  artifact_set_digest: string;
}>;

/** Ends the run well only if all four artifacts are stored and are what their hashes say. */
export async function finalize(
  { store, node }: StepDeps,
  runId: string,
  made: readonly ArtifactOutput[],
): Promise<FinalOutput> {
  const artifacts = Object.fromEntries(made.map(({ artifact, sha256 }) => [artifact, sha256]));
  const digest = artifactSetDigest(made.map(({ artifact, sha256 }) => ({ type: artifact, sha256 })));
  const isWhole =
    digest !== null &&
    (await store.finishRun(artifacts, {
      runId,
      kind: "finished",
      node,
      detail: { status: "done", artifact_set_digest: digest },
    }));
  if (!isWhole) throw new RunFailure("FAILED_NO_ARTIFACT");
  return { artifacts, artifact_set_digest: digest };
}

const UNTITLED = "Document";

const VISIBILITY: Readonly<Record<ArtifactType, Visibility>> = {
  raw: "user",
  docir: "system",
  "chunk-index": "system",
  memo: "user",
};

/** Whose it is and who made it: what every artifact says of itself before it says what it is. */
function artifactOf(runId: string, type: ArtifactType, step: RunStep) {
  return {
    runId,
    type,
    visibility: VISIBILITY[type],
    producerStep: step,
    producerFunctionId: functionIdOf(step),
  };
}

async function putDerived(
  { store, relay }: StepDeps,
  { value, bytes, sha256 }: Derived<unknown>,
  artifact: Omit<Artifact, "sha256" | "bytes" | "mediaType">,
): Promise<ArtifactOutput> {
  await store.putArtifact({ ...artifact, sha256, bytes: bytes.length, mediaType: "application/json" }, bytes);
  relay.keep(nameOf({ artifact: artifact.type, sha256 }), value, bytes.length);
  return { artifact: artifact.type, sha256, bytes: bytes.length, inputs: artifact.inputs };
}

async function need<Value>(
  { relay }: StepDeps,
  content: Content,
  read: (bytes: Uint8Array) => Value,
): Promise<Value> {
  const value = await relay.take(content, read);
  if (value === null) throw new RunFailure("FAILED_NO_ARTIFACT");
  return value;
}

/** What the readers refuse, they would refuse again. */
function readDocument<Value>(read: () => Value): Value {
  try {
    return read();
  } catch (cause) {
    throw cause instanceof Failure ? new RunFailure("FAILED_DOCUMENT", { cause }) : cause;
  }
}

/** What is parsed was written by this program and matches its hash, so its shape is known. */
function parse<Value>(bytes: Uint8Array): Value {
  return JSON.parse(new TextDecoder().decode(bytes)) as Value;
}

/** The document's own title if it has one, else its file's name. */
function titleOf(docir: DocIR, args: DocArgs): string {
  const title = docir.blocks.find(({ type }) => type === "title" || type === "heading");
  const text = title === undefined ? "" : docir.text.slice(...title.span).trim();
  return text.slice(0, 200).toWellFormed() || args.filename || UNTITLED;
}
