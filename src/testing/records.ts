import { ARTIFACT_TYPES, ARTIFACTS, type StoredArtifact } from "../domain/artifact.ts";
import { functionIdOf, RUN_STEPS, type RunStep } from "../domain/run.ts";
import type { OperationRow, RunRecord, WorkflowRow } from "../domain/run-record.ts";
import { sha256Hex } from "../sha256.ts";

const BEGAN_AT_MS = Date.UTC(2026, 0, 2, 3, 4, 5);

/** A sha256 for tests, made from a name. */
export const hashOf = (name: string) => sha256Hex(name);

/** The record of a successful run, as the store reads it, with the changes that a test needs. */
export function recordOf(
  workflow: Partial<WorkflowRow> = {},
  rest: Partial<Omit<RunRecord, "workflow">> = {},
): RunRecord {
  return {
    workflow: {
      workflow_uuid: "run-1",
      status: "SUCCESS",
      name: "documentRun",
      created_at: BEGAN_AT_MS,
      updated_at: BEGAN_AT_MS + 900,
      completed_at: BEGAN_AT_MS + 900,
      started_at_epoch_ms: null,
      recovery_attempts: 1,
      executor_id: "local",
      application_version: "1",
      queue_name: null,
      forked_from: null,
      error: null,
      serialization: "json",
      ...workflow,
    },
    operations: RUN_STEPS.map((step) => operationOf(step)),
    request: {
      intent: "doc",
      args: { source_sha256: hashOf("raw"), media_type: "text/markdown" },
      payload_sha256: hashOf("payload"),
      source_sha256: hashOf("raw"),
      sleep_ms: 1,
      from_step: null,
    },
    artifacts: ARTIFACT_TYPES.map((type) => artifactOf({ type })),
    effects: [
      {
        effectKey: "run-1:side-effect",
        kind: "receipt",
        executions: 1,
        receipt: { artifacts: {} },
        begunAfter: [1],
        receiptAfter: 1,
      },
    ],
    imported: null,
    erased: null,
    attachmentOf: null,
    attachments: null,
    ...rest,
  };
}

export function operationOf(step: RunStep, fields: Partial<OperationRow> = {}): OperationRow {
  const functionId = functionIdOf(step);
  return {
    function_id: functionId,
    function_name: step,
    output: JSON.stringify({ json: { attempt: 1 } }),
    error: null,
    child_workflow_id: null,
    started_at_epoch_ms: BEGAN_AT_MS + functionId * 100,
    completed_at_epoch_ms: BEGAN_AT_MS + functionId * 100 + 50,
    serialization: "json",
    ...fields,
  };
}

export function artifactOf({
  type,
  ...fields
}: Pick<StoredArtifact, "type"> & Partial<StoredArtifact>): StoredArtifact {
  const step = ARTIFACTS[type].producerStep;
  return {
    runId: "run-1",
    type,
    sha256: hashOf(type),
    bytes: 10,
    mediaType: "application/json",
    format: `format of ${type}`,
    title: "A title",
    visibility: "user",
    producerFunctionId: functionIdOf(step),
    producerStep: step,
    inputs: type === "raw" ? [] : [hashOf("raw")],
    recipe: { name: type },
    createdAtEpochMs: BEGAN_AT_MS + 500,
    stepDurationMs: 50,
    isErased: false,
    ...fields,
  };
}
