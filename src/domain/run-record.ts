import type { StoredArtifact } from "./artifact.ts";
import type { AttachmentOrigin, StoredAttachments } from "./attachment.ts";
import type { StoredEffect } from "./effect.ts";

/** A row of dbos.workflow_status, in the columns that this program uses. Names are DBOS's; times are epoch milliseconds. */
export type WorkflowRow = Readonly<{
  /** The run id. */
  workflow_uuid: string;
  /** See `runStatusOf`. */
  status: string;
  /** The name of the workflow function. */
  name: string;
  created_at: number;
  updated_at: number;
  /** Null until the workflow ends. */
  completed_at: number | null;
  /** When a node last dequeued the workflow, to resume or recover it; null when it was never in a queue. */
  started_at_epoch_ms: number | null;
  /** How often an execution began, the first one included. */
  recovery_attempts: number;
  /** The node that executes or executed it. */
  executor_id: string | null;
  application_version: string | null;
  queue_name: string | null;
  /** The run that it was forked from. */
  forked_from: string | null;
  /** Text as DBOS serialised it. */
  error: string | null;
  /** The serialisation of `error` and of the outputs, such as `js_superjson`. */
  serialization: string | null;
}>;

/** A row of dbos.operation_outputs: the record of one step. Times are epoch milliseconds. */
export type OperationRow = Readonly<{
  /** The place of the step in the order of the workflow, from 0. */
  function_id: number;
  function_name: string;
  /** Text as DBOS serialised it; null for a step that failed. */
  output: string | null;
  /** Text as DBOS serialised it; null for a step that completed. */
  error: string | null;
  child_workflow_id: string | null;
  started_at_epoch_ms: number | null;
  /** For a sleep, written when it begins: when it will end. */
  completed_at_epoch_ms: number | null;
  serialization: string | null;
}>;

/** A row of jejakekal.run: the claim that reserves the run id for one payload. */
export type RequestRow = Readonly<{
  intent: string;
  args: Readonly<Record<string, unknown>>;
  /** See `hashPayload`. */
  payload_sha256: string;
  /** The blob of the document. */
  source_sha256: string;
  sleep_ms: number;
  /** For a fork: the function id of the first step that it did not copy from its parent. */
  from_step: number | null;
}>;

/** Everything that is stored of one run, read by one statement and so consistent. */
export type RunRecord = Readonly<{
  workflow: WorkflowRow;
  /** In the order of their function ids. */
  operations: readonly OperationRow[];
  request: RequestRow;
  /** In the order of the steps that made them. */
  artifacts: readonly StoredArtifact[];
  effects: readonly StoredEffect[];
  /** Null for a run of this instance. */
  imported: ImportOrigin | null;
  /** Null while its document and artifacts are here. */
  erased: Erasure | null;
  /** Of a document that was an attachment of a mail: which one. */
  attachmentOf: AttachmentOrigin | null;
  /** Of a mail with attachments. */
  attachments: StoredAttachments | null;
}>;

/** Who erased the document and the artifacts of a run, and why, as its journal says. */
export type Erasure = Readonly<{ atEpochMs: number; by: string | null; reason: string | null }>;

/** Where an imported run came from. It is read and exported here, and never executed. */
export type ImportOrigin = Readonly<{
  /** The digest of its bundle: see `bundleDigestOf`. */
  bundleSha256: string;
  /** The key that signed the bundle; null when it is not signed. */
  keyId: string | null;
  /** When it was imported; null when it is read from the bundle itself. */
  atEpochMs: number | null;
}>;

/** An item of the list of runs. */
export type RunSummary = Readonly<{
  runId: string;
  dbosStatus: string;
  createdAtEpochMs: number;
  updatedAtEpochMs: number;
  completedAtEpochMs: number | null;
  /** The node that executes or executed it. */
  executorId: string | null;
  recoveryAttempts: number;
  forkedFrom: string | null;
  /** Null until the run has an artifact. */
  title: string | null;
  /** Of the document, without parameters. Null until the run has an artifact. */
  mediaType: string | null;
  /** How many doubtful passages of its memo nobody has reviewed. */
  openDoubts: number;
  /** The newest fork of the run on this instance. */
  lastFork: string | null;
  /** The recorded steps, in the order of the run. */
  operations: readonly StepTimes[];
}>;

/** When a recorded step ran. The end of a sleep is written when it begins. */
export type StepTimes = Readonly<{
  functionName: string;
  startedAtEpochMs: number | null;
  completedAtEpochMs: number | null;
  hasFailed: boolean;
}>;
