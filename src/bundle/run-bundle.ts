import { canonicalJsonBytes } from "../canonical-json.ts";
import type { StoredArtifact } from "../domain/artifact.ts";
import { artifactSetOf } from "../domain/artifact-set.ts";
import type { RunEvent } from "../domain/journal.ts";
import { runStatusOf } from "../domain/run.ts";
import type { RunRecord } from "../domain/run-record.ts";
import { sha256Hex } from "../sha256.ts";
import { operationOutputsOf, type TruthRows, workflowStatusOf } from "./dbos-rows.ts";
import type { BundleFile } from "./layout.ts";
import type { Manifest } from "./shapes.ts";
import { timelineOf } from "./timeline.ts";
import { toolIoOf } from "./tool-io.ts";

export type BundleSource = Readonly<{
  record: RunRecord;
  truth: TruthRows;
  /** The run's journal, oldest event first. */
  events: readonly RunEvent[];
  /** The memo's citations; empty when the run has no memo. */
  citations: readonly unknown[];
  /** The run had not ended when it was read. */
  partial: boolean;
}>;

/** Stands for the folder that holds the bundle, so that no path of a host gets into it. */
const ROOT_TOKEN = "<run-bundle-root>";

/**
 * The seven files of the course: canonical JSON plus one newline each, made of the rows alone. The same rows give the same bytes in any
 * process on any host, and in any later version of this program: the shapes belong to the bundle and are frozen, and
 * `golden/bundles` is compared with them byte by byte. What a later shape adds comes under a new `schema`.
 */
export function buildRunBundle(source: BundleSource): readonly BundleFile[] {
  const { record, truth, events, citations, partial } = source;
  const files = [
    jsonFile("artifacts.json", record.artifacts.map(artifactEntry)),
    jsonFile("citations.json", citations),
    jsonFile("operation_outputs.json", operationOutputsOf(truth.operationOutputs)),
    jsonFile("timeline.json", timelineOf(record)),
    jsonFile("tool-io.json", toolIoOf(record, events, !partial)),
    jsonFile("workflow_status.json", workflowStatusOf(truth.workflowStatus)),
  ];
  const hashed = files.map(({ path, bytes }) => ({ path, bytes: bytes.length, sha256: sha256Hex(bytes) }));
  return [...files, jsonFile("manifest.json", manifestOf(source, hashed))];
}

/** `manifest.json`. `files` are the other files of the course. */
export function manifestOf(
  { record, partial }: Pick<BundleSource, "record" | "partial">,
  files: Manifest["files"],
): Manifest {
  const { workflow, request } = record;
  return {
    schema: "jejakekal.run-bundle/1",
    root: ROOT_TOKEN,
    run_id: workflow.workflow_uuid,
    status: runStatusOf(workflow.status),
    dbos_status: workflow.status,
    partial,
    workflow: {
      name: workflow.name,
      application_version: workflow.application_version,
      forked_from: workflow.forked_from,
    },
    request: {
      intent: request.intent,
      args: request.args,
      payload_sha256: request.payload_sha256,
    },
    ...linksOf(record),
    recipes: Object.fromEntries(record.artifacts.map(({ type, recipe }) => [type, recipe])),
    artifact_set_digest: artifactSetOf(record).digest,
    files,
  };
}

/** How a mail and its attachments name each other. Records of earlier versions have neither; their manifests stay as they are. */
function linksOf({
  attachmentOf = null,
  attachments = null,
}: Partial<RunRecord>): Pick<Manifest, "attachment_of" | "attachments"> {
  const named = (attachments?.list ?? []).flatMap(({ n, run_id, sha256 }) =>
    run_id === null ? [] : [{ n, run_id, sha256 }],
  );
  return {
    ...(attachmentOf === null ? {} : { attachment_of: { run_id: attachmentOf.runId, n: attachmentOf.n } }),
    ...(named.length === 0 ? {} : { attachments: named }),
  };
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
    ...(artifact.isErased ? { erased: true } : {}),
  };
}

function jsonFile(path: string, value: unknown): BundleFile {
  return { path, bytes: canonicalJsonBytes(value) };
}
