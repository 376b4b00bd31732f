import type { TruthRows } from "../bundle/dbos-rows.ts";
import { type AttachmentOrigin, attachmentsOf } from "../domain/attachment.ts";
import type { Erasure, OperationRow, RequestRow, RunRecord, WorkflowRow } from "../domain/run-record.ts";
import { type ArtifactRow, SELECT_ARTIFACT_ROW } from "./artifacts.ts";
import { attachmentOriginOf } from "./attachments.ts";
import type { Queryable } from "./database.ts";
import { type EffectRow, effectOf } from "./effects.ts";
import { erasureOf } from "./erasures.ts";

/*
 * Reads of DBOS's rows; what stands for them in imported runs is read by `imported-runs.ts`, and lists by `run-list.ts`. Other applications can keep workflows in the same schema `dbos`: every statement here is limited to the runs
 * that this program has claimed in `jejakekal.run`.
 */

/** A run of this instance, from one statement and so from one snapshot; null when this program has not run it. */
export async function findOwnRun(db: Queryable, runId: string): Promise<RunRecord | null> {
  const { rows } = await db.query<{
    workflow: WorkflowRow;
    operations: OperationRow[] | null;
    request: RequestRow;
    artifacts: ArtifactRow[] | null;
    effects: EffectRow[] | null;
    erased: Erasure | null;
    attachmentOf: AttachmentOrigin | null;
  }>({ name: "find-run", text: FIND_RUN, values: [runId] });
  const row = rows[0];
  if (row === undefined) return null;
  const operations = row.operations ?? [];
  return {
    workflow: row.workflow,
    operations,
    request: row.request,
    artifacts: (row.artifacts ?? []).map((artifact) => ({
      ...artifact,
      isErased: row.erased !== null,
      stepDurationMs: durationOf(operations, artifact),
    })),
    effects: (row.effects ?? []).map(effectOf),
    imported: null,
    erased: row.erased,
    attachmentOf: row.attachmentOf,
    attachments: attachmentsOf(operations),
  };
}

/** How long the step took that made the artifact; null where its times are not recorded. */
function durationOf(operations: readonly OperationRow[], { producerFunctionId }: ArtifactRow): number | null {
  const step = operations.find(({ function_id }) => function_id === producerFunctionId);
  if (step === undefined || step.started_at_epoch_ms === null || step.completed_at_epoch_ms === null)
    return null;
  return step.completed_at_epoch_ms - step.started_at_epoch_ms;
}

const FIND_RUN = `
  select json_build_object(
           'workflow_uuid', w.workflow_uuid, 'status', w.status, 'name', w.name,
           'created_at', w.created_at, 'updated_at', w.updated_at, 'completed_at', w.completed_at,
           'started_at_epoch_ms', w.started_at_epoch_ms,
           'recovery_attempts', w.recovery_attempts, 'executor_id', w.executor_id,
           'application_version', w.application_version, 'queue_name', w.queue_name,
           'forked_from', w.forked_from, 'error', coalesce(p.error, w.error),
           'serialization', w.serialization) as workflow,
         (select json_agg(json_build_object(
                   'function_id', o.function_id, 'function_name', o.function_name,
                   'output', o.output, 'error', o.error, 'child_workflow_id', o.child_workflow_id,
                   'started_at_epoch_ms', o.started_at_epoch_ms,
                   'completed_at_epoch_ms', o.completed_at_epoch_ms,
                   'serialization', o.serialization) order by o.function_id)
            from dbos.operation_outputs o where o.workflow_uuid = w.workflow_uuid) as operations,
         json_build_object('intent', r.intent, 'args', r.args, 'payload_sha256', r.payload_sha256,
                           'source_sha256', r.source_sha256, 'sleep_ms', r.sleep_ms,
                           'from_step', r.from_step) as request,
         (select json_agg(to_json(artifacts) order by artifacts."producerFunctionId")
            from (${SELECT_ARTIFACT_ROW} where a.run_id = w.workflow_uuid) artifacts) as artifacts,
         (select json_agg(json_build_object(
                   'effect_key', i.effect_key, 'kind', i.kind, 'executions', i.executions, 'receipt', c.receipt,
                   'begun_after', i.begun_after, 'receipt_after', c.after_seq)
                 order by i.effect_key)
            from (select effect_key, kind, count(*) as executions, json_agg(after_seq order by attempt) as begun_after
                    from jejakekal.effect_intent where run_id = w.workflow_uuid group by effect_key, kind) i
            left join jejakekal.effect_receipt c on c.effect_key = i.effect_key and c.kind = i.kind) as effects,
         ${erasureOf("w.workflow_uuid")} as erased,
         ${attachmentOriginOf("w.workflow_uuid")} as "attachmentOf"
    from dbos.workflow_status w
    join jejakekal.run r on r.run_id = w.workflow_uuid
    left join dbos.workflow_output p on p.workflow_uuid = w.workflow_uuid
   where w.workflow_uuid = $1`;

/**
 * Every column of DBOS's rows on a run, as they are; null when there is no such run. What went in and what came out stand
 * in tables of their own, and in the columns of that name for workflows of earlier versions of DBOS.
 */
export async function findTruthRows(db: Queryable, runId: string): Promise<TruthRows | null> {
  const { rows } = await db.query<{
    status: TruthRows["workflowStatus"];
    operations: TruthRows["operationOutputs"] | null;
  }>({
    name: "find-truth-rows",
    text: `
      select to_jsonb(w) || jsonb_build_object(
               'inputs', coalesce(i.inputs, w.inputs),
               'output', coalesce(p.output, w.output),
               'error', coalesce(p.error, w.error)) as status,
             (select json_agg(to_json(o) order by o.function_id)
                from dbos.operation_outputs o where o.workflow_uuid = w.workflow_uuid) as operations
        from dbos.workflow_status w
        join jejakekal.run r on r.run_id = w.workflow_uuid
        left join dbos.workflow_input i on i.workflow_uuid = w.workflow_uuid
        left join dbos.workflow_output p on p.workflow_uuid = w.workflow_uuid
       where w.workflow_uuid = $1`,
    values: [runId],
  });
  const row = rows[0];
  return row === undefined ? null : { workflowStatus: row.status, operationOutputs: row.operations ?? [] };
}

/** DBOS's status of a run, of an imported one that of the exporting database; null when this program has no such run. */
export async function findDbosStatus(db: Queryable, runId: string): Promise<string | null> {
  const { rows } = await db.query<{ status: string }>({
    name: "find-dbos-status",
    text: `
      select w.status
        from dbos.workflow_status w
        join jejakekal.run r on r.run_id = w.workflow_uuid
       where w.workflow_uuid = $1
       union all
      select i.record #>> '{workflow,status}' from jejakekal.imported_run i where i.run_id = $1`,
    values: [runId],
  });
  return rows[0]?.status ?? null;
}

/** A node with pending runs. `isShared`: DBOS counts pending workflows of another application among those of this node. */
export type BusyNode = Readonly<{ node: string; isShared: boolean }>;

/** What waits for a node to work on it. */
export type WaitingWork = Readonly<{
  /** The nodes that have pending runs. */
  busyNodes: readonly BusyNode[];
  /** Whether a run waits in the queue for a node. */
  areQueued: boolean;
  /** Whether the search index lacks a run, or has words of an erased one. */
  isIndexWaiting: boolean;
  /** Whether the passages of a memo are not in the review queue yet. */
  isReviewWaiting: boolean;
}>;

/** The work that waits for a node of this application version. Every node asks this often, so it is one statement. */
export async function findWaitingWork(db: Queryable, version: string, queue: string): Promise<WaitingWork> {
  const { rows } = await db.query<
    Omit<WaitingWork, "busyNodes"> & { busyNodes: WaitingWork["busyNodes"] | null }
  >({
    name: "find-waiting-work",
    text: `
      select exists (select from jejakekal.search_pending)
             or exists (select from jejakekal.erasure e
                          join jejakekal.search_run s on s.run_id = e.run_id and not s.cleared) as "isIndexWaiting",
             exists (select from jejakekal.review_pending) as "isReviewWaiting",
             exists (select from dbos.workflow_status
                      where status = 'ENQUEUED' and queue_name = $2
                        and (application_version = $1 or application_version is null)) as "areQueued",
             (select json_agg(json_build_object('node', node, 'isShared', is_shared))
                from (select w.executor_id as node, bool_or(r.run_id is null) as is_shared
                        from dbos.workflow_status w
                        left join jejakekal.run r on r.run_id = w.workflow_uuid
                       where w.status = 'PENDING' and w.application_version = $1 and w.executor_id is not null
                       group by w.executor_id
                      having bool_or(r.run_id is not null)) busy) as "busyNodes"`,
    values: [version, queue],
  });
  const {
    busyNodes = null,
    areQueued = false,
    isIndexWaiting = false,
    isReviewWaiting = false,
  } = rows[0] ?? {};
  return { busyNodes: busyNodes ?? [], areQueued, isIndexWaiting, isReviewWaiting };
}

/** The pending runs of a node that DBOS last updated at least `olderThanMs` ago. */
export async function findPendingRuns(
  db: Queryable,
  node: string,
  version: string,
  olderThanMs: number,
): Promise<readonly string[]> {
  const { rows } = await db.query<{ runId: string }>({
    name: "find-pending-runs",
    text: `
      select w.workflow_uuid as "runId"
        from dbos.workflow_status w
        join jejakekal.run r on r.run_id = w.workflow_uuid
       where w.status = 'PENDING' and w.executor_id = $1 and w.application_version = $2
         and w.updated_at <= jejakekal.now_epoch_ms() - $3::bigint`,
    values: [node, version, olderThanMs],
  });
  return rows.map(({ runId }) => runId);
}

/** Whether a step behind this function id is recorded, for the run itself or for a run that it took that function id over from. */
export async function hasStepAfter(db: Queryable, runId: string, functionId: number): Promise<boolean> {
  const { rows } = await db.query<{ found: boolean }>({
    name: "has-step-behind",
    text: `
      with recursive line as (
        select run_id, forked_from, from_step from jejakekal.run where run_id = $1
        union all
        select parent.run_id, parent.forked_from, parent.from_step
          from line join jejakekal.run parent on parent.run_id = line.forked_from and line.from_step > $2
      )
      select exists (select from dbos.operation_outputs o join line on line.run_id = o.workflow_uuid
                      where o.function_id > $2) as found`,
    values: [runId, functionId],
  });
  return rows[0]?.found ?? false;
}

/**
 * How many runs wait for a node of another application version. The states are compared one by one: DBOS has an index of the runs that
 * are PENDING or ENQUEUED and one of those that are DELAYED, and a list of all three uses neither and reads the whole table.
 */
export async function countRunsOfOtherVersions(db: Queryable, version: string): Promise<number> {
  const { rows } = await db.query<{ waiting: number }>({
    name: "count-runs-of-other-versions",
    text: `
      select count(*)::int as waiting
        from dbos.workflow_status w
        join jejakekal.run r on r.run_id = w.workflow_uuid
       where (w.status = 'PENDING' or w.status = 'ENQUEUED' or w.status = 'DELAYED') and w.application_version <> $1`,
    values: [version],
  });
  return rows[0]?.waiting ?? 0;
}
