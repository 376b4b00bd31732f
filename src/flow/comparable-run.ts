import type { ComparableRun } from "../bundle/compare.ts";
import type { RunReader } from "../domain/run-reader.ts";
import { Failure } from "../failure.ts";
import { runViewOf } from "../projection/run-view.ts";

/** A difference within larger artifacts is not looked for: both would be in memory. */
const MAX_COMPARED_BYTES = 16 * 1024 * 1024;

/** A run of the database, to be compared. @throws Failure `run_not_found` */
export async function readComparableRun(
  store: Pick<RunReader, "findRun" | "getContent">,
  runId: string,
): Promise<ComparableRun> {
  const record = await store.findRun(runId);
  if (record === null) throw new Failure("run_not_found", { run_id: runId });
  const { timeline } = runViewOf(record);
  return {
    runId,
    steps: timeline,
    artifacts: record.artifacts.map(({ type, sha256, bytes }) => ({ id: type, sha256, bytes })),
    async readArtifact(type) {
      const artifact = record.artifacts.find((candidate) => candidate.type === type);
      if (artifact === undefined || artifact.bytes > MAX_COMPARED_BYTES) return null;
      return store.getContent(artifact);
    },
  };
}
