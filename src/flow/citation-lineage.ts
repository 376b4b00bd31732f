import { citationsOf } from "../bundle/citations.ts";
import { scanCanonical, sourceOf } from "../bundle/verify/canonical.ts";
import { parseJson } from "../bundle/verify/contents.ts";
import type { ArtifactType } from "../domain/artifact.ts";
import type { RunReader } from "../domain/run-reader.ts";
import type { RunRecord } from "../domain/run-record.ts";
import { isRecord } from "../domain/serialized.ts";
import { Failure } from "../failure.ts";
import { type CitationLineage, citationLineageOf } from "../projection/citation-lineage.ts";

/** @throws Failure `run_not_found`; `artifact_not_found` for a run without a memo; `not_found` for a memo without this citation */
export async function readCitationLineage(
  reader: Pick<RunReader, "findRun" | "getContent">,
  runId: string,
  citationId: string,
): Promise<CitationLineage> {
  const record = await reader.findRun(runId);
  if (record === null) throw new Failure("run_not_found", { run_id: runId });
  const memo = await readArtifact(reader, record, "memo");
  if (memo === null) throw new Failure("artifact_not_found", { artifact_id: `${runId}:memo` });
  const citation = citationsOf(parseJson(memo))
    .filter(isRecord)
    .find(({ id }) => id === citationId);
  if (citation === undefined) throw new Failure("not_found");
  const findIndex = async (type: ArtifactType, list: string, id: unknown) => {
    const bytes = await readArtifact(reader, record, type);
    if (bytes === null || typeof id !== "string") return null;
    // Only the element is parsed: a chunk-index can be twice as large as its document.
    const { members } = scanCanonical(sourceOf(bytes), { ids: new Set([id]) });
    return members.get(list)?.found[0]?.index ?? null;
  };
  return citationLineageOf(record, citation, {
    chunk: await findIndex("chunk-index", "chunks", citation.chunkId),
    block: await findIndex("docir", "blocks", citation.blockId),
  });
}

async function readArtifact(
  reader: Pick<RunReader, "getContent">,
  { artifacts }: RunRecord,
  type: ArtifactType,
): Promise<Uint8Array | null> {
  const artifact = artifacts.find((candidate) => candidate.type === type);
  return artifact === undefined ? null : reader.getContent(artifact);
}
