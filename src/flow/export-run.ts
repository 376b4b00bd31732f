import { citationsOf } from "../bundle/citations.ts";
import { bundleFolderName } from "../bundle/folder-name.ts";
import { type BundleFile, buildRunBundle } from "../bundle/run-bundle.ts";
import { artifactSetOf } from "../domain/artifact-set.ts";
import { isTerminal } from "../domain/run.ts";
import { Failure } from "../failure.ts";
import type { Log } from "../log.ts";
import { type RunView, runViewOf } from "../projection/run-view.ts";
import { sha256Hex } from "../sha256.ts";
import { writeBundleFolder } from "../store/bundle-folder.ts";
import type { Store } from "../store/index.ts";

export type ExportedRun = Readonly<{ view: RunView; bundlePath: string; partial: boolean }>;

/** @throws Failure `run_not_found`; `storage_unavailable`; `internal_error` when the bytes of an artifact are missing or altered */
export type ExportRun = (runId: string) => Promise<ExportedRun>;

/** Exports read what is persisted: rows of artifacts and their blobs. A damaged field of the timeline is shown, not needed. */
export function exporter({
  store,
  log,
  root,
  node,
}: {
  store: Store;
  log: Log;
  root: string;
  /** The name of this node, or `cli`, for the journal. */
  node: string;
}): ExportRun {
  return async (runId) => {
    const { view, files, partial } = await readRunBundle(store, runId);
    const bundlePath = await writeBundleFolder(root, bundleFolderName(runId, partial), files).catch(
      (error: unknown) => {
        throw isRefusedByHost(error) ? new Failure("storage_unavailable", {}, { cause: error }) : error;
      },
    );
    const manifest = files.find(({ path }) => path === "manifest.json");
    const manifestSha256 = sha256Hex(manifest?.bytes ?? new Uint8Array());
    await store.appendEventOnce({
      runId,
      kind: "exported",
      node,
      detail: { manifest_sha256: manifestSha256, partial },
    });
    log.runExported({ runId, manifestSha256 });
    return { view, bundlePath, partial };
  };
}

/** Whether the operating system refused a file operation, for example because the disk is full. */
function isRefusedByHost(error: unknown): boolean {
  return error instanceof Error && "syscall" in error;
}

/** The bundle of a run in memory. Every artifact is read and checked on the way. */
export async function readRunBundle(
  store: Store,
  runId: string,
): Promise<Readonly<{ view: RunView; files: readonly BundleFile[]; partial: boolean }>> {
  const { record, truth, events } = await store.getRunTruth(runId);
  // A workflow of somebody else's on the same DBOS.
  if (record.request === null) throw new Failure("run_not_found", { run_id: runId });
  const view = runViewOf(record);
  const partial = !isTerminal(record.workflow.status);
  let citations: readonly unknown[] = [];
  for (const artifact of record.artifacts) {
    const bytes = await store.getContent(artifact);
    if (artifact.type === "memo") citations = citationsOf(JSON.parse(new TextDecoder().decode(bytes)));
  }
  const { missing } = artifactSetOf(record);
  if (record.workflow.status === "SUCCESS" && missing.length > 0) {
    const cause = new Error(`run ${runId} is done and lacks ${missing.join(", ")}`);
    throw new Failure("internal_error", {}, { cause });
  }
  return { view, files: buildRunBundle({ record, truth, events, citations, partial }), partial };
}
