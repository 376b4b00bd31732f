import { canonicalJson } from "../canonical-json.ts";
import type { StoredArtifact } from "../domain/artifact.ts";
import { attachmentOriginIn, attachmentsOf } from "../domain/attachment.ts";
import type { StoredEffect } from "../domain/effect.ts";
import { type EventKind, eventSha256, type RunEvent } from "../domain/journal.ts";
import type { OperationRow, RequestRow, RunRecord, WorkflowRow } from "../domain/run-record.ts";
import { isRecord } from "../domain/serialized.ts";
import type { ArtifactEntry, OperationOutput, ToolIo } from "./shapes.ts";
import type { BundleContents } from "./verify/contents.ts";

type JsonRecord = Readonly<Record<string, unknown>>;

/**
 * The run as the database that exported the bundle had it, as far as the bundle keeps it: stack traces are gone, and the times of
 * artifacts are those of the steps that made them.
 */
export function runRecordOf(contents: BundleContents): RunRecord {
  const { values, operations } = contents;
  const recorded = operations.map((operation, index) =>
    operationOf(operation, values.timeline[index]?.error != null),
  );
  return {
    workflow: workflowOf(values.workflowStatus),
    operations: recorded,
    request: requestOf(contents),
    artifacts: values.artifacts.map((artifact) => artifactOf(artifact, contents)),
    effects: values.toolIo.effects.map(effectOf),
    imported: null,
    erased: recordedErasureOf(contents),
    attachmentOf: attachmentOriginIn(values.toolIo.journal[0]?.detail),
    attachments: attachmentsOf(recorded),
  };
}

/** The erasure of which the bundle has the event; null when it has none. */
export function recordedErasureOf({ erasure: [event] }: BundleContents): RunRecord["erased"] {
  if (event === undefined) return null;
  const detail = isRecord(event.detail) ? event.detail : {};
  return { atEpochMs: event.at_epoch_ms, by: textIn(detail, "by"), reason: textIn(detail, "reason") };
}

/**
 * The journal of the bundle: the events up to the end of the run and the decisions of reviews. The text of a detail is the one that its
 * hash covers. Events that the bundle does not tell are missing, so the numbers can have gaps.
 */
export function runEventsOf({ values: { manifest, toolIo }, reviews }: BundleContents): readonly RunEvent[] {
  return [...toolIo.journal, ...reviews].map((event) => {
    const { seq, at_epoch_ms: atEpochMs, node, detail, prev_sha256: prevSha256, sha256 } = event;
    const fields = { seq, atEpochMs, kind: event.kind, node, prevSha256 };
    const [first = "", ...others] = detailTextsOf(detail);
    const hashed = others.find(
      (text) => eventSha256(manifest.run_id, { ...fields, detail: text }) === sha256,
    );
    return { ...fields, kind: event.kind as EventKind, detail: hashed ?? first, sha256 };
  });
}

/** The texts that the database can have hashed: canonical JSON, or `jsonb` as text for details that SQL has made. */
export function detailTextsOf(detail: unknown): readonly string[] {
  if (typeof detail === "string") return [detail];
  const canonical = canonicalJson(detail);
  if (!isRecord(detail)) return [canonical];
  const members = Object.keys(detail)
    .sort((a, b) => a.length - b.length || (a < b ? -1 : 1))
    .map((key) => `${JSON.stringify(key)}: ${JSON.stringify(detail[key])}`);
  return [canonical, `{${members.join(", ")}}`];
}

/** Columns that DBOS had in a later or earlier version may be missing. */
function workflowOf(row: BundleContents["values"]["workflowStatus"]): WorkflowRow {
  return {
    workflow_uuid: row.workflow_uuid,
    status: row.status,
    name: row.name,
    created_at: row.created_at,
    updated_at: numberIn(row, "updated_at") ?? row.completed_at ?? row.created_at,
    completed_at: row.completed_at,
    started_at_epoch_ms: numberIn(row, "started_at_epoch_ms"),
    recovery_attempts: numberIn(row, "recovery_attempts") ?? 1,
    executor_id: textIn(row, "executor_id"),
    application_version: row.application_version,
    queue_name: textIn(row, "queue_name"),
    forked_from: row.forked_from,
    error: row.error,
    serialization: textIn(row, "serialization"),
  };
}

/** An error that was damaged by hand is left out of operation_outputs.json, and the timeline says that there was one. */
function operationOf(row: OperationOutput, hasFailed: boolean): OperationRow {
  const isDamaged = hasFailed && row.error === null && row.output === null;
  return {
    function_id: row.function_id,
    function_name: row.function_name,
    output: row.output,
    error: isDamaged ? "damaged" : row.error,
    child_workflow_id: textIn(row, "child_workflow_id"),
    started_at_epoch_ms: row.started_at_epoch_ms,
    completed_at_epoch_ms: row.completed_at_epoch_ms,
    serialization: textIn(row, "serialization"),
  };
}

/** The controls of the start are in the first event of the journal. */
function requestOf({ values: { manifest, toolIo } }: BundleContents): RequestRow {
  const { intent, args, payload_sha256 } = manifest.request;
  const accepted = toolIo.journal[0]?.detail;
  const detail = isRecord(accepted) ? accepted : {};
  return {
    intent,
    args,
    payload_sha256,
    source_sha256: textIn(args, "source_sha256") ?? "",
    sleep_ms: Math.max(1, numberIn(detail, "sleep_ms") ?? 1),
    from_step: numberIn(detail, "from_step"),
  };
}

/** Types and steps that this program does not know are kept: `verify` reads the bundles of later versions too. */
function artifactOf(
  { id, prov, media_type, erased, ...artifact }: ArtifactEntry,
  { values, operations }: BundleContents,
): StoredArtifact {
  const step = operations.find(({ function_id }) => function_id === prov.producer_function_id);
  const { started_at_epoch_ms: start = null, completed_at_epoch_ms: end = null } = step ?? {};
  return {
    ...artifact,
    runId: values.manifest.run_id,
    type: id as StoredArtifact["type"],
    mediaType: media_type,
    producerFunctionId: prov.producer_function_id,
    producerStep: prov.producer_step as StoredArtifact["producerStep"],
    inputs: prov.inputs,
    recipe: prov.recipe,
    createdAtEpochMs: end ?? values.workflowStatus.created_at,
    isErased: erased === true,
    stepDurationMs: start === null || end === null ? null : end - start,
  };
}

function effectOf({ effect_key, kind, executions, receipt }: ToolIo["effects"][number]): StoredEffect {
  return { effectKey: effect_key, kind, executions, receipt, begunAfter: [], receiptAfter: null };
}

function textIn(row: JsonRecord, key: string): string | null {
  const value = row[key];
  return typeof value === "string" ? value : null;
}

function numberIn(row: JsonRecord, key: string): number | null {
  const value = row[key];
  return typeof value === "number" ? value : null;
}
