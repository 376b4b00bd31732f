import { canonicalJsonBytes } from "../canonical-json.ts";
import { ARTIFACT_TYPES, type StoredArtifact } from "../domain/artifact.ts";
import { courseOf, type RunEvent } from "../domain/journal.ts";
import type { RunRecord } from "../domain/run-record.ts";
import { eventViewOf } from "../projection/journal-view.ts";
import type { RunView } from "../projection/run-view.ts";
import { sha256Hex } from "../sha256.ts";
import { withoutStackTraces } from "./stack-traces.ts";

/** Rows as the database holds them, every column, for a reader who wants DBOS's word and not ours. */
export type TruthRows = Readonly<{
  workflowStatus: Readonly<Record<string, unknown>>;
  operationOutputs: readonly Readonly<Record<string, unknown>>[];
}>;

export type BundleSource = Readonly<{
  record: RunRecord;
  view: RunView;
  truth: TruthRows;
  /** The run's journal, oldest event first. */
  events: readonly RunEvent[];
  /** The memo's citations; empty when the run has no memo. */
  citations: readonly unknown[];
  /** The run had not ended when it was read. */
  partial: boolean;
}>;

/** A file of a bundle: its name within the bundle, and its bytes. */
export type BundleFile = Readonly<{ path: string; bytes: Uint8Array }>;

/** Stands for the folder that the bundle happens to lie in, so that no path of a host gets into it. */
const ROOT_TOKEN = "<run-bundle-root>";

/**
 * The run as files: canonical JSON plus one newline each, and nothing in them but what the rows say. The same rows give the
 * same bytes in any process on any host.
 */
export function buildRunBundle(source: BundleSource): readonly BundleFile[] {
  const { record, view, truth } = source;
  const files = [
    jsonFile("artifacts.json", record.artifacts.map(artifactEntry)),
    jsonFile("citations.json", source.citations),
    jsonFile("operation_outputs.json", truth.operationOutputs.map(portable)),
    jsonFile("timeline.json", view.timeline),
    jsonFile("tool-io.json", toolIo(source)),
    jsonFile("workflow_status.json", portable(courseOnly(truth.workflowStatus))),
  ];
  return [...files, jsonFile("manifest.json", manifest(source, files))];
}

/** A row of DBOS as it may leave the host. */
function portable(row: Readonly<Record<string, unknown>>) {
  return { ...row, error: withoutStackTraces(row.error) };
}

/** As it was before others did anything to a run that had ended: forking one marks its row. */
function courseOnly(row: Readonly<Record<string, unknown>>) {
  return "was_forked_from" in row ? { ...row, was_forked_from: false } : row;
}

function manifest({ record, view, partial }: BundleSource, files: readonly BundleFile[]) {
  const { name, application_version, intent, args, payload_sha256, forked_from } = view.header;
  return {
    schema: "jejakekal.run-bundle/1",
    root: ROOT_TOKEN,
    run_id: view.run_id,
    status: view.status,
    dbos_status: view.dbos_status,
    partial,
    workflow: { name, application_version, forked_from },
    request: { intent, args, payload_sha256 },
    recipes: Object.fromEntries(record.artifacts.map(({ type, recipe }) => [type, recipe])),
    artifact_set_digest: artifactSetDigest(record.artifacts),
    files: files.map(({ path, bytes }) => ({ path, bytes: bytes.length, sha256: sha256Hex(bytes) })),
  };
}

/**
 * One digest over what a run made: equal for equal input, on any host and in any run. Null until all four are there.
 */
export function artifactSetDigest(
  artifacts: readonly Pick<StoredArtifact, "type" | "sha256">[],
): string | null {
  const digests = Object.fromEntries(artifacts.map(({ type, sha256: digest }) => [type, digest]));
  if (ARTIFACT_TYPES.some((type) => digests[type] === undefined)) return null;
  return sha256Hex(canonicalJsonBytes(digests));
}

function artifactEntry(artifact: StoredArtifact) {
  return {
    id: artifact.type,
    sha256: artifact.sha256,
    bytes: artifact.bytes,
    media_type: artifact.mediaType,
    format: artifact.format,
    title: artifact.title,
    visibility: artifact.visibility,
    prov: {
      producer_function_id: artifact.producerFunctionId,
      producer_step: artifact.producerStep,
      inputs: artifact.inputs,
      recipe: artifact.recipe,
    },
  };
}

/**
 * Step by step what went in and what came out, as hashes; the receipts of side effects; and the journal of the run, up to its
 * end: what others ask of an ended run afterwards must not change its bundle.
 */
function toolIo({ view, record, events, partial }: BundleSource) {
  return {
    steps: view.timeline.map(({ function_id, function_name, attempt, io_hashes }) => ({
      function_id,
      function_name,
      attempt,
      ...io_hashes,
    })),
    effects: record.effects.map(({ effectKey, kind, executions, receipt }) => ({
      effect_key: effectKey,
      kind,
      executions,
      receipt,
    })),
    journal: courseOf(events, !partial).map(eventViewOf),
  };
}

function jsonFile(path: string, value: unknown): BundleFile {
  return { path, bytes: canonicalJsonBytes(value) };
}
