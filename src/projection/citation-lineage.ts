import { artifactIdOf, type StoredArtifact } from "../domain/artifact.ts";
import { runStatusOf } from "../domain/run.ts";
import type { RunRecord } from "../domain/run-record.ts";
import { isRecord } from "../domain/serialized.ts";

type JsonRecord = Readonly<Record<string, unknown>>;

/** One place on the way from a sentence of the memo to the bytes of the document: an artifact, the step that made it, a place in it. */
export type CitationPlace = Readonly<{
  artifact_id: string;
  type: string;
  sha256: string;
  /** The step that made the artifact. */
  function_id: number;
  function_name: string;
  /** A JSON pointer into the artifact; null for `raw`, and where it was not found. */
  pointer: string | null;
  /** The id of the chunk or block; null for others. */
  id: string | null;
  /** In `docir` UTF-16 units of its text, in `raw` bytes; null where markup stands between the bytes of the quote. */
  span: readonly [number, number] | null;
}>;

/** A citation of a memo with everything behind it, as `GET /runs/:id/citations/:citation` returns it. */
export type CitationLineage = Readonly<{
  run_id: string;
  status: string;
  dbos_status: string;
  citation: JsonRecord;
  /** From the memo over chunk and block to the document. */
  places: readonly CitationPlace[];
}>;

/** Where in their artifacts the chunk and the block of a citation are: their indexes, null where they were not found. */
export type FoundIndexes = Readonly<{ chunk: number | null; block: number | null }>;

export function citationLineageOf(
  record: RunRecord,
  citation: JsonRecord,
  { chunk, block }: FoundIndexes,
): CitationLineage {
  const { workflow, artifacts } = record;
  const place = (
    type: string,
    at: Pick<CitationPlace, "pointer" | "id" | "span">,
  ): readonly CitationPlace[] => {
    const artifact = artifacts.find((candidate) => candidate.type === type);
    return artifact === undefined ? [] : [{ ...originOf(artifact), ...at }];
  };
  const pointer = (list: string, index: number | null) => (index === null ? null : `/${list}/${index}`);
  return {
    run_id: workflow.workflow_uuid,
    status: runStatusOf(workflow.status),
    dbos_status: workflow.status,
    citation,
    places: [
      ...place("memo", { pointer: textIn(citation.claim), id: null, span: null }),
      ...place("chunk-index", {
        pointer: pointer("chunks", chunk),
        id: textIn(citation.chunkId),
        span: null,
      }),
      ...place("docir", {
        pointer: pointer("blocks", block),
        id: textIn(citation.blockId),
        span: spanIn(citation.span),
      }),
      ...place("raw", { pointer: null, id: null, span: bytesOf(citation) }),
    ],
  };
}

/** The bytes of the quote in the document, or the bytes around a quote with markup in between. */
function bytesOf({ srcBytes, src }: JsonRecord): CitationPlace["span"] {
  const anchor = Array.isArray(src) ? src.filter(isRecord).find(({ k }) => k === "bytes") : undefined;
  return spanIn(srcBytes) ?? spanIn(anchor?.span);
}

function originOf(artifact: StoredArtifact) {
  return {
    artifact_id: artifactIdOf(artifact),
    type: artifact.type,
    sha256: artifact.sha256,
    function_id: artifact.producerFunctionId,
    function_name: artifact.producerStep,
  };
}

function textIn(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}

function spanIn(value: unknown): readonly [number, number] | null {
  if (!Array.isArray(value) || value.length !== 2) return null;
  const [from, to] = value;
  return typeof from === "number" && typeof to === "number" ? [from, to] : null;
}
