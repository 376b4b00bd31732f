import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { RunSummary } from "../domain/run-record.ts";
import { Failure } from "../failure.ts";
import { exportAllRuns } from "./export-all.ts";

const RUNS = Array.from({ length: 1_000 }, (_, index) => ({
  runId: `run-${index}`,
  dbosStatus: index % 10 === 3 ? "PENDING" : index % 10 === 4 ? "ERROR" : "SUCCESS",
})) as unknown as readonly RunSummary[];

/** Exports the runs above; `written` has the ids of those whose bundle is there. Here the digest of a bundle is the id of its run. */
function createExports({ written = new Set<string>(), damaged = new Set<string>() } = {}) {
  const counts = { runs: 0, exports: 0 };
  const deps = {
    store: {
      async listRuns({ limit, before }: { limit: number; before?: string | undefined }) {
        const start = RUNS.findIndex(({ runId }) => runId === before) + 1;
        const page = RUNS.slice(start, start + limit);
        counts.runs += page.length;
        return page;
      },
      findCurrentExports: async (ids: readonly string[]) =>
        new Map(ids.filter((id) => written.has(id)).map((id) => [id, id])),
    },
    async exportRun(runId: string) {
      counts.exports += 1;
      if (damaged.has(runId)) throw new Failure("internal_error");
      written.add(runId);
      return { bundlePath: `/bundles/${runId}` } as never;
    },
    findBundle: async (runId: string, digest: string) => (digest === runId ? `/bundles/${runId}` : null),
  };
  return { deps, counts };
}

const ENDED = RUNS.filter(({ dbosStatus }) => dbosStatus !== "PENDING").map(({ runId }) => runId);

describe("an export of all runs", () => {
  test("has one page of runs in memory, however many there are", async () => {
    const { deps, counts } = createExports();
    let done = 0;
    for await (const { runId, written } of exportAllRuns(deps, { startedFrom: 0 })) {
      assert.deepEqual([runId, written], [ENDED[done], true]);
      assert.ok(
        counts.runs - RUNS.findIndex((run) => run.runId === runId) <= 200,
        `${counts.runs} runs read`,
      );
      done += 1;
    }
    assert.equal(done, ENDED.length);
  });

  test("goes on where an earlier one stopped, and writes again what is not there", async () => {
    const written = new Set<string>();
    const first = createExports({ written });
    for await (const { runId } of exportAllRuns(first.deps, { startedFrom: 0 }))
      if (runId === "run-500") break;
    assert.equal(first.counts.exports, ENDED.indexOf("run-500") + 1);
    written.delete("run-7");
    const second = createExports({ written });
    const exported = await Array.fromAsync(exportAllRuns(second.deps, { startedFrom: 0 }));
    assert.equal(exported.length, ENDED.length);
    assert.equal(second.counts.exports, ENDED.length - first.counts.exports + 1);
    assert.deepEqual(exported[7 - 1], { runId: "run-7", path: "/bundles/run-7", written: true });
  });

  test("goes on after a run that cannot be exported", async () => {
    const { deps } = createExports({ damaged: new Set(["run-1"]) });
    const exported = await Array.fromAsync(exportAllRuns(deps, { startedFrom: 0 }));
    assert.deepEqual(
      exported.filter(({ path }) => path === null),
      [{ runId: "run-1", path: null, written: true }],
    );
    assert.equal(exported.length, ENDED.length);
  });
});
