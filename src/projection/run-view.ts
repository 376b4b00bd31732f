import { type ArtifactType, artifactIdOf, type StoredArtifact, type Visibility } from "../domain/artifact.ts";
import type { RecordedAttachment } from "../domain/attachment.ts";
import { UNKNOWN_FAILURE } from "../domain/failure-code.ts";
import { type RunStatus, runStatusOf } from "../domain/run.ts";
import type { Erasure, OperationRow, RunRecord } from "../domain/run-record.ts";
import { failureCodeIn, type StepFacts, stepFactsOf } from "../domain/step-facts.ts";
import { RUN_FAILURES } from "../failure.ts";

/** A run as the API returns it and the pages show it, made of rows alone. Times are epoch milliseconds. */
export type RunView = Readonly<{
  run_id: string;
  status: RunStatus;
  dbos_status: string;
  header: RunHeader;
  timeline: readonly TimelineEntry[];
  artifacts: readonly ArtifactView[];
}>;

export type RunHeader = Readonly<{
  name: string;
  created_at: number;
  updated_at: number;
  completed_at: number | null;
  /** When a node last dequeued it, to resume or recover it. Steps that completed earlier were read from their checkpoints. */
  taken_up_at: number | null;
  recovery_attempts: number;
  executor_id: string | null;
  application_version: string | null;
  forked_from: string | null;
  /** For a fork: the steps below this function id were copied from its parent. */
  from_step: number | null;
  intent: string;
  args: Readonly<Record<string, unknown>>;
  payload_sha256: string;
  sleep_ms: number;
  effects: readonly EffectView[];
  error: RunError | null;
  /** Null for a run of this instance; an imported run is never executed. */
  imported: ImportView | null;
  /** Null while the document and the artifacts are here. */
  erased: ErasureView | null;
  /** Null for a document that is no attachment of a mail. */
  attachment_of: AttachmentOriginView | null;
  /** Null for a run of a document without attachments. */
  attachments: AttachmentsView | null;
}>;

/** Of which mail a document is an attachment. `run_id` is the run of the mail, `n` the number in it, from 1. */
export type AttachmentOriginView = Readonly<{ run_id: string; n: number }>;

/** `total` counts all attachments of the mail; `list` has all that have a run, and some of the others. */
export type AttachmentsView = Readonly<{ total: number; list: readonly AttachmentView[] }>;

/** An attachment of a mail, with the state of its run; `reason` says why it has none. */
export type AttachmentView = RecordedAttachment &
  Readonly<{
    /** Null without a run, and where the run is not here. */
    status: RunStatus | null;
    dbos_status: string | null;
    /** The document of the run and what was made from it were erased. */
    erased: boolean;
  }>;

/** When the document and the artifacts of a run were erased, by whom, and why. */
export type ErasureView = Readonly<{ at_epoch_ms: number; by: string | null; reason: string | null }>;

/** Where an imported run came from. */
export type ImportView = Readonly<{
  /** The digest of its bundle. */
  bundle_sha256: string;
  /** The key that signed the bundle; null when it is not signed. */
  key_id: string | null;
  /** When it was imported; null when it is read from the bundle itself. */
  at_epoch_ms: number | null;
}>;

/** A side effect of the run. */
export type EffectView = Readonly<{
  effect_key: string;
  kind: string;
  /** How often it was begun. */
  executions: number;
  /** `uncertain`: it was begun and has no receipt; it is performed again under the same key. */
  state: "done" | "uncertain";
}>;

export type TimelineEntry = Readonly<{
  /** 0-based; the order of the steps. */
  function_id: number;
  function_name: string;
  started_at_epoch_ms: number | null;
  completed_at_epoch_ms: number | null;
  duration_ms: number | null;
  /** How many attempts the step took; null when its record does not say. */
  attempt: number | null;
  output: unknown;
  error: RunError | null;
  /** sha256 of what the step read and of what it stored, from the artifact rows. */
  io_hashes: Readonly<{ in: readonly string[]; out: readonly string[] }>;
}>;

/** The code of an error and a message of this program. The original message stays in the log. */
export type RunError = Readonly<{ code: string; message: string }>;

export type ArtifactView = Readonly<{
  id: string;
  run_id: string;
  type: ArtifactType;
  status: "stored" | "erased";
  title: string;
  format: string;
  media_type: string;
  sha256: string;
  bytes: number;
  visibility: Visibility;
  /** Epoch milliseconds. */
  created_at: number;
  cost: Readonly<{ duration_ms: number | null }>;
}>;

/** Where an artifact came from: the step that made it, its inputs, and the recipe to make it again. */
export type Provenance = Readonly<{
  run_id: string;
  producer_function_id: number;
  producer_step: string;
  /** sha256 of each artifact it was made from. */
  inputs: readonly string[];
  recipe: Readonly<Record<string, unknown>>;
}>;

export function runViewOf(record: RunRecord): RunView {
  const { workflow, request } = record;
  return {
    run_id: workflow.workflow_uuid,
    status: runStatusOf(workflow.status),
    dbos_status: workflow.status,
    header: {
      name: workflow.name,
      created_at: workflow.created_at,
      updated_at: workflow.updated_at,
      completed_at: workflow.completed_at,
      taken_up_at: workflow.started_at_epoch_ms,
      recovery_attempts: workflow.recovery_attempts,
      executor_id: workflow.executor_id,
      application_version: workflow.application_version,
      forked_from: workflow.forked_from,
      from_step: request.from_step,
      intent: request.intent,
      args: request.args,
      payload_sha256: request.payload_sha256,
      sleep_ms: request.sleep_ms,
      effects: record.effects.map(({ effectKey, kind, executions, receipt }) => ({
        effect_key: effectKey,
        kind,
        executions,
        state: receipt === null ? "uncertain" : "done",
      })),
      error: runErrorOf(failureCodeIn(workflow.error)),
      imported: importViewOf(record.imported),
      erased: record.erased === null ? null : erasureViewOf(record.erased),
      attachment_of: attachmentOriginViewOf(record.attachmentOf),
      attachments: attachmentsViewOf(record.attachments),
    },
    timeline: record.operations.map((operation) => timelineEntryOf(operation, record)),
    artifacts: record.artifacts.map(artifactViewOf),
  };
}

function attachmentOriginViewOf(origin: RunRecord["attachmentOf"]): AttachmentOriginView | null {
  return origin === null ? null : { run_id: origin.runId, n: origin.n };
}

function attachmentsViewOf(attachments: RunRecord["attachments"]): AttachmentsView | null {
  if (attachments === null) return null;
  const { total, list, states } = attachments;
  return {
    total,
    list: list.map((attachment) => {
      const state = states.get(attachment.run_id ?? "");
      return {
        ...attachment,
        status: state === undefined ? null : runStatusOf(state.dbosStatus),
        dbos_status: state?.dbosStatus ?? null,
        erased: state?.isErased ?? false,
      };
    }),
  };
}

function erasureViewOf({ atEpochMs, by, reason }: Erasure): ErasureView {
  return { at_epoch_ms: atEpochMs, by, reason };
}

function importViewOf(imported: RunRecord["imported"]): ImportView | null {
  if (imported === null) return null;
  const { bundleSha256, keyId, atEpochMs } = imported;
  return { bundle_sha256: bundleSha256, key_id: keyId, at_epoch_ms: atEpochMs };
}

function timelineEntryOf(operation: OperationRow, { artifacts }: RunRecord): TimelineEntry {
  const { function_id, function_name, started_at_epoch_ms, completed_at_epoch_ms } = operation;
  const { durationMs, attempt, output, failureCode, inputs, outputs } = stepFactsOf(operation, artifacts);
  return {
    function_id,
    function_name,
    started_at_epoch_ms,
    completed_at_epoch_ms,
    duration_ms: durationMs,
    attempt,
    output,
    error: runErrorOf(failureCode),
    io_hashes: { in: inputs, out: outputs },
  };
}

export function artifactViewOf(artifact: StoredArtifact): ArtifactView {
  return {
    id: artifactIdOf(artifact),
    run_id: artifact.runId,
    type: artifact.type,
    status: artifact.isErased ? "erased" : "stored",
    title: artifact.title,
    format: artifact.format,
    media_type: artifact.mediaType,
    sha256: artifact.sha256,
    bytes: artifact.bytes,
    visibility: artifact.visibility,
    created_at: artifact.createdAtEpochMs,
    cost: { duration_ms: artifact.stepDurationMs },
  };
}

export function provenanceOf(artifact: StoredArtifact): Provenance {
  return {
    run_id: artifact.runId,
    producer_function_id: artifact.producerFunctionId,
    producer_step: artifact.producerStep,
    inputs: artifact.inputs,
    recipe: artifact.recipe,
  };
}

/** The reply to an export: the keys of the run, its artifacts named by type, and the path of the bundle. */
export function exportViewOf({
  view,
  bundlePath,
  partial,
}: Readonly<{ view: RunView; bundlePath: string; partial: boolean }>) {
  const artifacts = view.artifacts.map((artifact) => ({
    ...artifact,
    id: artifact.type,
    artifact_id: artifact.id,
  }));
  return { ...view, artifacts, ...(partial ? { partial } : {}), run_bundle_path: bundlePath };
}

/** The reply to an erasure. The bytes of an attachment are in its run and in that of the mail: it says what is left of both. */
export function erasedViewOf({
  runId,
  status,
  dbosStatus,
  erasure,
  attachments,
  attachmentOf,
}: Readonly<{
  runId: string;
  status: RunStatus;
  dbosStatus: string;
  erasure: Erasure;
  attachments: readonly Readonly<{ runId: string; isErased: boolean }>[];
  attachmentOf: Readonly<{ runId: string; n: number; isErased: boolean }> | null;
}>) {
  return {
    run_id: runId,
    status,
    dbos_status: dbosStatus,
    erased: erasureViewOf(erasure),
    attachments: attachments.map((child) => ({ run_id: child.runId, erased: child.isErased })),
    attachment_of:
      attachmentOf === null
        ? null
        : { run_id: attachmentOf.runId, n: attachmentOf.n, erased: attachmentOf.isErased },
  };
}

/** Serialised errors hold messages and stack traces of this program: only the code leaves it, with a message of ours. */
export function runErrorOf(code: StepFacts["failureCode"]): RunError | null {
  if (code === null) return null;
  return { code, message: code === UNKNOWN_FAILURE ? UNKNOWN_FAILURE_MESSAGE : RUN_FAILURES[code] };
}

const UNKNOWN_FAILURE_MESSAGE = "The step failed. The log has the details.";
