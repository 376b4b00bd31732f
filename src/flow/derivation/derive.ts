import { canonicalJsonBytes } from "../../canonical-json.ts";
import {
  buildChunkIndex,
  buildDocIR,
  buildMemo,
  type ChunkIndex,
  type DocIR,
  shorten,
} from "../../document/index.ts";
import type { ArtifactType } from "../../domain/artifact.ts";
import type { DocArgs } from "../../domain/command.ts";
import { Failure, RunFailure } from "../../failure.ts";
import { sha256Hex } from "../../sha256.ts";

/** How an artifact is derived: from inputs with these hashes, in this order, and with what was declared about the document. */
export type Derivation = Readonly<{
  artifact: Exclude<ArtifactType, "raw">;
  from: readonly string[];
  args: DocArgs;
}>;

/** The bytes of a derived artifact, and the columns of its row that depend on them. */
export type Derived = Readonly<{ bytes: Uint8Array; sha256: string; facts: DerivedFacts }>;

export type DerivedFacts = Readonly<{
  format: string;
  title: string;
  recipe: Readonly<Record<string, unknown>>;
}>;

/**
 * Derives an artifact: a pure function of its arguments, in whichever process it runs.
 * @throws RunFailure `FAILED_DOCUMENT` for a document that the readers refuse; they would refuse it again
 */
export async function derive(derivation: Derivation, inputs: readonly Uint8Array[]): Promise<Derived> {
  const { value, ...facts } = await build(derivation, inputs);
  const bytes = canonicalJsonBytes(value);
  return { bytes, sha256: sha256Hex(bytes), facts };
}

async function build({ artifact, from, args }: Derivation, [first, second]: readonly Uint8Array[]) {
  const [docirSha = "", chunkIndexSha = ""] = from;
  if (artifact === "docir") {
    const docir = await readDocument(first, args);
    return { value: docir, format: docir.schema, title: titleOf(docir, args), recipe: docir.recipe };
  }
  const docir = parse<DocIR>(first);
  const title = titleOf(docir, args);
  if (artifact === "chunk-index") {
    const index = buildChunkIndex({ docir, docirSha });
    return {
      value: index,
      format: index.schema,
      title,
      recipe: { name: index.schema, params: index.params },
    };
  }
  const memo = buildMemo({ docir, docirSha, chunkIndex: parse<ChunkIndex>(second), chunkIndexSha });
  return { value: memo, format: memo.schema, title, recipe: { name: memo.method } };
}

async function readDocument(
  bytes: Uint8Array | undefined,
  { media_type, filename }: DocArgs,
): Promise<DocIR> {
  try {
    return await buildDocIR({ bytes: bytes ?? new Uint8Array(), mediaType: media_type, filename });
  } catch (cause) {
    throw cause instanceof Failure ? new RunFailure("FAILED_DOCUMENT", { cause }) : cause;
  }
}

/** Parses an artifact of this program whose hash was checked, so its shape is known. */
function parse<Value>(bytes: Uint8Array | undefined): Value {
  return JSON.parse(new TextDecoder().decode(bytes)) as Value;
}

export const UNTITLED = "Document";

const MAX_TITLE_UNITS = 200;
const MAX_FIRST_WORDS_UNITS = 60;

/** The document's own title, else its file name, else the start of its first line. */
function titleOf({ text, blocks }: DocIR, args: DocArgs): string {
  const heading = blocks.find(({ type }) => type === "title" || type === "heading");
  const title = heading === undefined ? "" : text.slice(...heading.span).trim();
  if (title !== "") return shorten(title, MAX_TITLE_UNITS);
  const [firstLine = ""] = text.trimStart().split("\n", 1);
  return args.filename || shorten(firstLine.trim(), MAX_FIRST_WORDS_UNITS) || UNTITLED;
}
