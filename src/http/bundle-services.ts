import { createBundleRunReader } from "../bundle/bundle-run-reader.ts";
import type { BundleEntry } from "../bundle/layout.ts";
import type { BundleContents, ReadFile } from "../bundle/verify/contents.ts";
import type { ImportOrigin } from "../domain/run-record.ts";
import { Failure } from "../failure.ts";
import { runViewOf } from "../projection/run-view.ts";
import { VERSION } from "../version.ts";
import type { ReadServices } from "./api/services.ts";

/** What the API reads of a bundle, without a database: its run, and its files as they are. */
export function createBundleServices(contents: BundleContents, origin: ImportOrigin): ReadServices {
  const store = createBundleRunReader(contents, origin);
  return {
    store,
    identity: { version: VERSION },
    async readRunBundle(runId) {
      const record = await store.findRun(runId);
      if (record === null) throw new Failure("run_not_found", { run_id: runId });
      return {
        entries: [...contents.files.values()].map(entryOfFile),
        digest: origin.bundleSha256,
        runId,
        view: runViewOf(record),
        partial: contents.values.manifest.partial,
      };
    },
  };
}

const PART_BYTES = 1024 * 1024;

function entryOfFile({ path, size, sha256, readRange }: ReadFile): BundleEntry {
  return {
    path,
    size,
    sha256,
    async *read() {
      for (let at = 0; at < size; at += PART_BYTES) yield readRange(at, at + PART_BYTES);
    },
  };
}
