import { runEventsOf, runRecordOf } from "../bundle/recorded-run.ts";
import type { BundleContents } from "../bundle/verify/contents.ts";
import { isArtifactType, MAX_CONTENT_BYTES } from "../domain/artifact.ts";
import { isRunId } from "../domain/run.ts";
import { codeOf } from "../error-code.ts";
import { Failure } from "../failure.ts";
import type { Store } from "../store/index.ts";
import type { ReadRunBundle } from "./run-bundle.ts";

/** A bundle that verifies: its contents, its digest and the key that signed it. */
export type BundleToImport = Readonly<{
  contents: BundleContents;
  bundleSha256: string;
  keyId: string | null;
}>;

/** `already_here`: the run was here before, with the same bundle. `run_id_taken`: its id names another run here. */
export type ImportResult =
  | Readonly<{ result: "imported" | "already_here" }>
  | Readonly<{ result: "refused"; code: "bundle_not_importable" | "run_id_taken"; reason: string }>;

type Deps = Readonly<{ store: Pick<Store, "insertImportedRun" | "findRun">; readRunBundle: ReadRunBundle }>;

/** Stores the run of a bundle, to be read and exported here. It is never executed. */
export async function importRun(
  { store, readRunBundle }: Deps,
  { contents, bundleSha256, keyId }: BundleToImport,
): Promise<ImportResult> {
  const fault = findFault(contents);
  if (fault !== null) return notImportable(fault);
  const runToImport = {
    record: runRecordOf(contents),
    events: runEventsOf(contents),
    files: [...contents.files.values()],
    origin: { bundleSha256, keyId },
  };
  try {
    if (await store.insertImportedRun(runToImport)) return { result: "imported" };
  } catch (error) {
    if (!isRefusedValue(error)) throw error;
    return notImportable("has a value that the database does not store");
  }
  const runId = contents.values.manifest.run_id;
  const isSame =
    (await store.findRun(runId))?.imported?.bundleSha256 === bundleSha256 ||
    (await findDigest(readRunBundle, runId)) === bundleSha256;
  if (isSame) return { result: "already_here" };
  return {
    result: "refused",
    code: "run_id_taken",
    reason: `is of the run ${runId}, and that id names another run here`,
  };
}

/** Why a bundle that verifies cannot be stored here; null when it can. */
function findFault({ values, files }: BundleContents): string | null {
  const { run_id, partial } = values.manifest;
  if (values.artifacts.some(({ erased }) => erased)) return "is of a run that was erased";
  if (!isRunId(run_id)) return "has an invalid run id";
  if (partial) return "is of a run that had not ended";
  const unknown = values.artifacts.find(({ id }) => !isArtifactType(id));
  if (unknown !== undefined) return `has the artifact ${unknown.id}, which this version does not know`;
  const isTooLarge = [...files.values()].some(({ size }) => size > MAX_CONTENT_BYTES);
  return isTooLarge ? "has a file that is too large for the database" : null;
}

function notImportable(reason: string): ImportResult {
  return { result: "refused", code: "bundle_not_importable", reason };
}

/** The digest of the bundle of a run that is here; null when the id is claimed and the run cannot be exported. */
async function findDigest(readRunBundle: ReadRunBundle, runId: string): Promise<string | null> {
  try {
    return (await readRunBundle(runId)).digest;
  } catch (error) {
    if (error instanceof Failure && error.code === "run_not_found") return null;
    throw error;
  }
}

/** SQLSTATE of a value that a type or a check of the tables refuses, such as a text with a zero byte. */
function isRefusedValue(error: unknown): boolean {
  return /^(22|23514)/.test(codeOf(error) ?? "");
}
