import { isTerminal } from "../domain/run.ts";
import type { RunSummary } from "../domain/run-record.ts";
import { Failure } from "../failure.ts";
import type { Store } from "../store/index.ts";
import type { ExportRun } from "./export-run.ts";

/** `written: false`: the bundle was there already. `path: null`: an artifact of the run is missing or altered. */
export type ExportedBundle = Readonly<{ runId: string; path: string | null; written: boolean }>;

type Deps = Readonly<{
  store: Pick<Store, "listRuns" | "findCurrentExports">;
  exportRun: ExportRun;
  /** Where the bundle of a run with this digest is; null when it is not there. */
  findBundle(runId: string, bundleSha256: string): Promise<string | null>;
}>;

const RUNS_PER_PAGE = 200;

/**
 * Exports all runs that have ended, newest first, one after the other. A run whose journal says that its bundle was exported as it is
 * now, and whose bundle is there, is not exported again: so a repeated call goes on where an interrupted one stopped.
 * Runs are read a page at a time, when the page before was exported, so memory does not grow with their number.
 */
export async function* exportAllRuns(
  { store, exportRun, findBundle }: Deps,
  { startedFrom, by }: Readonly<{ startedFrom: number; by?: string | undefined }>,
): AsyncGenerator<ExportedBundle> {
  for await (const runs of pagesOfEndedRuns(store, startedFrom)) {
    const exported = await store.findCurrentExports(runs.map(({ runId }) => runId));
    for (const { runId } of runs) {
      const digest = exported.get(runId);
      const there = digest === undefined ? null : await findBundle(runId, digest);
      if (there === null) yield { runId, path: await tryExport(exportRun, runId, by), written: true };
      else yield { runId, path: there, written: false };
    }
  }
}

async function* pagesOfEndedRuns(
  store: Deps["store"],
  startedFrom: number,
): AsyncGenerator<readonly RunSummary[]> {
  let before: string | undefined;
  for (;;) {
    const page = await store.listRuns({ limit: RUNS_PER_PAGE, before, startedFrom });
    yield page.filter(({ dbosStatus }) => isTerminal(dbosStatus));
    before = page.at(-1)?.runId;
    if (page.length < RUNS_PER_PAGE || before === undefined) return;
  }
}

/** The path of the bundle; null when an artifact is missing or altered, which the log tells. */
async function tryExport(
  exportRun: ExportRun,
  runId: string,
  by: string | undefined,
): Promise<string | null> {
  try {
    return (await exportRun(runId, by)).bundlePath;
  } catch (error) {
    if (error instanceof Failure && error.code === "internal_error") return null;
    throw error;
  }
}
