import { rm } from "node:fs/promises";
import { bundleFolderName } from "../bundle/folder-name.ts";
import { Failure } from "../failure.ts";
import { removeBundleFolder, writeBundleFolder } from "../files/bundle-folder.ts";
import { writeBundleZip } from "../files/zip-writer.ts";
import type { Log } from "../log.ts";
import type { RunView } from "../projection/run-view.ts";
import type { Store } from "../store/index.ts";
import type { ReadBundle, ReadRunBundle } from "./run-bundle.ts";

export type ExportedRun = Readonly<{ view: RunView; bundlePath: string; partial: boolean }>;

/**
 * @param by the name of the token that asked, for the journal
 * @throws Failure `run_not_found`; `storage_unavailable`; `internal_error` when the bytes of an artifact are missing or altered
 */
export type ExportRun = (runId: string, by?: string) => Promise<ExportedRun>;

type Deps = Readonly<{
  store: Pick<Store, "appendEventOnce" | "isErased">;
  readRunBundle: ReadRunBundle;
  log: Log;
  /** The name of this node, or `cli`, for the journal. */
  node: string;
}>;

/**
 * Writes the bundle of a run to a folder below `root`. Exports read what is persisted: rows of artifacts and their blobs. A damaged
 * field of the timeline is shown, not needed.
 */
export function exporter({ root, ...deps }: Deps & Readonly<{ root: string }>): ExportRun {
  return createExport(deps, {
    write: ({ runId, partial, entries }) =>
      writeBundleFolder(root, bundleFolderName(runId, partial), entries),
    discard: ({ runId, partial }) => removeBundleFolder(root, bundleFolderName(runId, partial)),
  });
}

/** Writes the bundle of a run to a zip file. */
export function zipExporter({ path, ...deps }: Deps & Readonly<{ path: string }>): ExportRun {
  return createExport(deps, {
    async write({ entries }) {
      await writeBundleZip(path, entries);
      return path;
    },
    discard: () => rm(path, { force: true }),
  });
}

type Target = Readonly<{
  write(bundle: ReadBundle): Promise<string>;
  /** Removes what was written. */
  discard(bundle: ReadBundle): Promise<void>;
}>;

function createExport({ store, readRunBundle, log, node }: Deps, target: Target): ExportRun {
  const writeCurrent = async (
    runId: string,
  ): Promise<Readonly<{ bundle: ReadBundle; bundlePath: string }>> => {
    const bundle = await readRunBundle(runId);
    const bundlePath = await target.write(bundle).catch((error: unknown) => {
      throw isRefusedByHost(error) ? new Failure("storage_unavailable", {}, { cause: error }) : error;
    });
    // The run can have been erased while its bundle was written.
    if (bundle.view.header.erased !== null || !(await store.isErased(runId))) return { bundle, bundlePath };
    await target.discard(bundle);
    return writeCurrent(runId);
  };
  return async (runId, by) => {
    const { bundle, bundlePath } = await writeCurrent(runId);
    const { view, entries, digest, partial } = bundle;
    const manifestSha256 = entries.find(({ path }) => path === "manifest.json")?.sha256 ?? "";
    await store.appendEventOnce({
      runId,
      kind: "exported",
      node,
      detail: {
        manifest_sha256: manifestSha256,
        bundle_sha256: digest,
        partial,
        ...(by === undefined ? {} : { by }),
      },
    });
    log.runExported({ runId, manifestSha256 });
    return { view, bundlePath, partial };
  };
}

/** Whether the operating system refused a file operation, for example because the disk is full. */
function isRefusedByHost(error: unknown): boolean {
  return error instanceof Error && "syscall" in error;
}
