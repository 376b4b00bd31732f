import { createHash } from "node:crypto";
import { joinPieces, writeCanonicalJson } from "../../canonical-json.ts";
import {
  type Attachment,
  buildChunkIndex,
  buildDocIR,
  buildMemo,
  type Checkpoint,
  type ChunkIndex,
  type DocIR,
  findTitle,
  isMemoMethod,
  onOneLine,
  readersOfRecipe,
  shorten,
} from "../../document/index.ts";
import { type OcrEngine, ocrLanguagesOf } from "../../document/ocr/engine.ts";
import { ARTIFACT_TYPES, ARTIFACTS, type ArtifactType } from "../../domain/artifact.ts";
import type { DocArgs } from "../../domain/command.ts";
import { Failure, type FailureCode, RunFailure, type RunFailureCode } from "../../failure.ts";
import { sha256Hex } from "../../sha256.ts";

/** How an artifact is derived: from inputs with these hashes, in this order, and with what was declared about the document. */
export type Derivation = Readonly<{
  artifact: Exclude<ArtifactType, "raw">;
  from: readonly string[];
  args: DocArgs;
  /** The recipe of an earlier version that is to be run, if this program still has it; without it the newest. */
  recipe?: Readonly<Record<string, unknown>>;
}>;

/** Where a derivation gets what reads text in pictures. */
export type OcrSource = Readonly<{
  /** Of the documents of this program, joined by "+"; null: it reads no pictures. */
  languages: string | null;
  /** Null when the engine or its data is not here. */
  open(languages: string): Promise<OcrEngine | null>;
}>;

/** `checkpoint` is called often; what it throws ends the derivation. Without `ocr` no pictures are read. */
export type DeriveOptions = Readonly<{ checkpoint?: Checkpoint; ocr?: OcrSource | undefined }>;

/** The bytes of a derived artifact, or where they are, and the columns of its row that depend on them. */
export type Derived<Bytes = Uint8Array> = Readonly<{ bytes: Bytes; sha256: string; facts: DerivedFacts }>;

/** Takes the bytes of an artifact piece by piece; `end` returns them, or where they are. */
export type ArtifactSink<Bytes> = Readonly<{ write(piece: Uint8Array): void; end(): Bytes }>;

export type DerivedFacts = Readonly<{
  format: string;
  title: string;
  recipe: Readonly<Record<string, unknown>>;
  /** Of the docir of a mail that has some. They are in the artifact too, and here so that it need not be parsed again. */
  attachments?: readonly Attachment[];
}>;

/**
 * Derives an artifact: a pure function of its arguments, in whichever process it runs.
 * @throws RunFailure for a document that the readers refuse, with a code that says why; they would refuse it again
 */
export async function derive(
  derivation: Derivation,
  contents: readonly Uint8Array[],
  options: DeriveOptions = {},
): Promise<Derived> {
  const inputs = contents.map((bytes, index) => ({ bytes, sha256: derivation.from[index] ?? "" }));
  return (await deriveFrom(derivation, inputs, options, memorySink())).derived;
}

function memorySink(): ArtifactSink<Uint8Array> {
  const pieces: Uint8Array[] = [];
  return { write: (piece) => void pieces.push(piece), end: () => joinPieces(pieces) };
}

/**
 * Derives an artifact and all that a run derives after it. What was derived is an input of the next as it is, because to parse its
 * bytes again takes much time and memory. Throws as `derive` does.
 * @param contents the inputs of the first
 * @param createSink makes what takes the bytes of one artifact
 */
export async function* deriveChain<Bytes>(
  first: Derivation,
  contents: readonly Uint8Array[],
  createSink: () => ArtifactSink<Bytes>,
  options: DeriveOptions = {},
): AsyncGenerator<Derived<Bytes>> {
  let known: Input[] = contents.map((bytes, index) => ({ bytes, sha256: first.from[index] ?? "" }));
  for (let next: Derivation | null = first; next !== null; ) {
    const { from }: Derivation = next;
    // What no later derivation asks for is freed.
    known = known.filter(({ sha256 }) => from.includes(sha256));
    const inputs = from.flatMap((sha256) => known.find((input) => input.sha256 === sha256) ?? []);
    const { derived, value } = await deriveFrom(next, inputs, options, createSink());
    known.push({ value, sha256: derived.sha256 });
    next = derivationAfter(next, derived);
    yield derived;
  }
}

async function deriveFrom<Bytes>(
  { artifact, args, recipe }: Derivation,
  inputs: readonly Input[],
  options: DeriveOptions,
  sink: ArtifactSink<Bytes>,
): Promise<{ derived: Derived<Bytes>; value: unknown }> {
  const { value, ...facts } = await BUILDERS[artifact](inputs, args, options, recipe);
  const sha256 = writeJson(value, sink);
  return { derived: { bytes: sink.end(), sha256, facts }, value };
}

/** The derivation that a run makes next from this one and its result; null after the last, and when an input is not known here. */
export function derivationAfter(
  { artifact, from, args }: Derivation,
  { sha256 }: Pick<Derived, "sha256">,
): Derivation | null {
  const next = ARTIFACT_TYPES[ARTIFACT_TYPES.indexOf(artifact) + 1];
  if (next === undefined || next === "raw") return null;
  const known: Record<string, string | undefined> = { [artifact]: sha256 };
  ARTIFACTS[artifact].inputs.forEach((type, index) => {
    known[type] = from[index];
  });
  const inputs = ARTIFACTS[next].inputs.flatMap((type) => known[type] ?? []);
  return inputs.length === ARTIFACTS[next].inputs.length ? { artifact: next, from: inputs, args } : null;
}

/** Derives all artifacts of a document one after the other, as a run does. */
export async function deriveAll(document: Uint8Array, mediaType: string): Promise<void> {
  const args = { source_sha256: sha256Hex(document), media_type: mediaType };
  const first: Derivation = { artifact: "docir", from: [args.source_sha256], args };
  for await (const _ of deriveChain(first, [document], memorySink));
}

/** Returns the sha256. Throws RunFailure `FAILED_TOO_LARGE` where the text would be longer than a string can be. */
function writeJson(value: unknown, { write }: ArtifactSink<unknown>): string {
  const hash = createHash("sha256");
  try {
    writeCanonicalJson(value, (piece) => {
      hash.update(piece);
      write(piece);
    });
    return hash.digest("hex");
  } catch (cause) {
    throw cause instanceof RangeError ? new RunFailure("FAILED_TOO_LARGE", { cause }) : cause;
  }
}

/** The bytes of an input, or the value that they hold. */
type Input = Readonly<{ sha256: string } & ({ bytes: Uint8Array } | { value: unknown })>;
type Built = DerivedFacts & Readonly<{ value: unknown }>;
type Builder = (
  inputs: readonly Input[],
  args: DocArgs,
  options: DeriveOptions,
  recipe: Derivation["recipe"],
) => Built | Promise<Built>;

/** What builds each type of artifact. The inputs come in the order that `ARTIFACTS` names. */
const BUILDERS: Readonly<Record<Derivation["artifact"], Builder>> = {
  docir: async ([raw], args, options, recipe) => {
    const bytes = raw && "bytes" in raw ? raw.bytes : undefined;
    const docir = await readDocument(bytes, args, options, recipe);
    const facts = { format: docir.schema, title: titleOf(docir, args), recipe: docir.recipe };
    const { attachments } = docir;
    return { value: docir, ...facts, ...(attachments === undefined ? {} : { attachments }) };
  },
  "chunk-index": ([docirInput], args, { checkpoint }) => {
    const [docir, docirSha] = parse<DocIR>(docirInput);
    const index = buildChunkIndex({ docir, docirSha, ...(checkpoint && { checkpoint }) });
    const recipe = { name: index.schema, params: index.params };
    return { value: index, format: index.schema, title: titleOf(docir, args), recipe };
  },
  memo: ([docirInput, chunkIndexInput], args, { checkpoint }, recipe) => {
    const [docir, docirSha] = parse<DocIR>(docirInput);
    const [chunkIndex, chunkIndexSha] = parse<ChunkIndex>(chunkIndexInput);
    const memo = buildMemo({
      docir,
      docirSha,
      chunkIndex,
      chunkIndexSha,
      ...(isMemoMethod(recipe?.name) && { method: recipe.name }),
      ...(checkpoint && { checkpoint }),
    });
    return { value: memo, format: memo.schema, title: titleOf(docir, args), recipe: { name: memo.method } };
  },
};

async function readDocument(
  bytes: Uint8Array | undefined,
  { media_type, filename }: DocArgs,
  { checkpoint, ocr }: DeriveOptions,
  recipe: Derivation["recipe"],
): Promise<DocIR> {
  // An earlier document is read with the languages that it was read with, or without OCR.
  const languages = recipe === undefined ? (ocr?.languages ?? null) : ocrLanguagesOf(recipe.params);
  try {
    return await buildDocIR({
      bytes: bytes ?? new Uint8Array(),
      mediaType: media_type,
      filename,
      readers: readersOfRecipe(recipe),
      openOcr: ocr && languages !== null ? () => ocr.open(languages) : undefined,
      ...(checkpoint && { checkpoint }),
    });
  } catch (cause) {
    if (!(cause instanceof Failure)) throw cause;
    throw new RunFailure(RUN_FAILURE_OF[cause.code] ?? "FAILED_DOCUMENT", { cause });
  }
}

/** The run failure for what `buildDocIR` refuses. */
const RUN_FAILURE_OF: Partial<Record<FailureCode, RunFailureCode>> = {
  payload_too_large: "FAILED_TOO_LARGE",
  unsupported_media_type: "FAILED_UNSUPPORTED",
};

/** Parses an artifact of this program whose hash was checked, so its shape is known. Returns it with that hash. */
function parse<Value>(input: Input | undefined): readonly [Value, string] {
  if (input === undefined) throw new Error("an input of a derivation is missing");
  const value = "value" in input ? input.value : JSON.parse(new TextDecoder().decode(input.bytes));
  return [value as Value, input.sha256];
}

export const UNTITLED = "Document";

const MAX_TITLE_UNITS = 200;
const MAX_FIRST_WORDS_UNITS = 60;

/** The document's own title, else its file name, else its first words. */
function titleOf(docir: DocIR, args: DocArgs): string {
  const title = findTitle(docir);
  const text = title === null ? "" : onOneLine(docir.text.slice(...title.span));
  if (title?.isNamed) return shorten(text, MAX_TITLE_UNITS);
  return args.filename || shorten(text, MAX_FIRST_WORDS_UNITS) || UNTITLED;
}
