import { dbosStatusesOf } from "../domain/run.ts";
import type { RunQuery } from "../domain/run-reader.ts";
import type { RunSummary } from "../domain/run-record.ts";
import { containing, type Queryable } from "./database.ts";

/** Where one branch of the list has what the filters compare. */
type Columns = Readonly<{ status: string; startedAt: string; runId: string }>;

const OWN: Columns = { status: "w.status", startedAt: "w.created_at", runId: "w.workflow_uuid" };

const IMPORTED: Columns = {
  status: "i.record #>> '{workflow,status}'",
  startedAt: "i.started_at_epoch_ms",
  runId: "i.run_id",
};

/**
 * Runs of documents: those of this instance and those that were imported. The filters that are not given are left out of the
 * statement, so that the planner chooses an index for those that are.
 */
export async function listRuns(db: Queryable, query: RunQuery): Promise<readonly RunSummary[]> {
  const values: unknown[] = [];
  const text = listRunsStatement(query, (value) => `$${values.push(value)}`);
  const { rows } = await db.query<RunSummary>(text, values);
  return rows;
}

/** Adds a value of the statement and returns its placeholder. */
type AddValue = (value: unknown) => string;

/** Each branch is limited by itself, so that its index gives its order. Steps and doubts are read for the listed runs alone. */
function listRunsStatement(query: RunQuery, add: AddValue): string {
  const limit = `${add(query.limit)}::int`;
  const cursor = query.before === undefined ? null : add(query.before);
  const direction = query.order === "oldest" ? "asc" : "desc";
  const conditions = conditionsOf(query, cursor, add);
  const branchEnd = (columns: Columns) => `
    where ${conditions.map((condition) => condition(columns)).join(" and ")}
    order by ${columns.startedAt} ${direction}, ${columns.runId} ${direction}
    limit ${limit}`;
  const lastShown =
    cursor === null
      ? ""
      : `last_shown as materialized (
           select created_at as started_at, workflow_uuid as run_id from dbos.workflow_status where workflow_uuid = ${cursor}
            union all
           select started_at_epoch_ms, run_id from jejakekal.imported_run where run_id = ${cursor}
         ),`;
  return `
    with ${lastShown} listed as materialized (
      (${SELECT_OWN} ${branchEnd(OWN)})
       union all
      (${SELECT_IMPORTED} ${branchEnd(IMPORTED)})
      order by "createdAtEpochMs" ${direction}, "runId" ${direction}
      limit ${limit}
    )
    select listed.*, ${DETAILS}
      from listed
     order by "createdAtEpochMs" ${direction}, "runId" ${direction}`;
}

type Condition = (columns: Columns) => string;

function conditionsOf(
  { status, text, type, hasDoubt, startedFrom, startedBefore, order }: RunQuery,
  cursor: string | null,
  add: AddValue,
): readonly Condition[] {
  const conditions: Condition[] = [() => "true"];
  if (status !== undefined) {
    const statuses = `any (${add(dbosStatusesOf(status))}::text[])`;
    conditions.push((row) =>
      status === "unknown" ? `not ${row.status} = ${statuses}` : `${row.status} = ${statuses}`,
    );
  }
  if (text !== undefined) {
    const pattern = add(containing(text));
    conditions.push(
      ({ runId }) => `(${runId} ilike ${pattern} or coalesce(d.title, a.title) ilike ${pattern})`,
    );
  }
  if (type !== undefined) {
    const mediaType = add(type);
    conditions.push(() => `split_part(a.media_type, ';', 1) = ${mediaType}`);
  }
  if (hasDoubt === true) {
    conditions.push(
      ({ runId }) =>
        `exists (select from jejakekal.review_item r where r.run_id = ${runId} and r.decision is null)`,
    );
  }
  if (startedFrom !== undefined) {
    const from = add(startedFrom);
    conditions.push(({ startedAt }) => `${startedAt} >= ${from}::bigint`);
  }
  if (startedBefore !== undefined) {
    const to = add(startedBefore);
    conditions.push(({ startedAt }) => `${startedAt} < ${to}::bigint`);
  }
  if (cursor !== null) {
    const follows = order === "oldest" ? ">" : "<";
    conditions.push(
      ({ startedAt, runId }) =>
        `(${startedAt}, ${runId}) ${follows} (select started_at, run_id from last_shown)`,
    );
  }
  return conditions;
}

const SELECT_OWN = `
  select w.workflow_uuid as "runId", w.status as "dbosStatus",
         w.created_at::float8 as "createdAtEpochMs", w.updated_at::float8 as "updatedAtEpochMs",
         w.completed_at::float8 as "completedAtEpochMs", w.executor_id as "executorId",
         w.recovery_attempts::float8 as "recoveryAttempts", w.forked_from as "forkedFrom",
         coalesce(d.title, a.title) as title, split_part(a.media_type, ';', 1) as "mediaType"
    from dbos.workflow_status w
    join jejakekal.run r on r.run_id = w.workflow_uuid
    left join jejakekal.artifact a on a.run_id = w.workflow_uuid and a.type = 'raw'
    left join jejakekal.artifact d on d.run_id = w.workflow_uuid and d.type = 'docir'`;

const SELECT_IMPORTED = `
  select i.run_id, i.record #>> '{workflow,status}',
         i.started_at_epoch_ms::float8, (i.record #>> '{workflow,updated_at}')::float8,
         (i.record #>> '{workflow,completed_at}')::float8, i.record #>> '{workflow,executor_id}',
         (i.record #>> '{workflow,recovery_attempts}')::float8, i.record #>> '{workflow,forked_from}',
         coalesce(d.title, a.title), split_part(a.media_type, ';', 1)
    from jejakekal.imported_run i
    left join jejakekal.artifact a on a.run_id = i.run_id and a.type = 'raw'
    left join jejakekal.artifact d on d.run_id = i.run_id and d.type = 'docir'`;

const DETAILS = `
  (select count(*)::int from jejakekal.review_item i
    where i.run_id = listed."runId" and i.decision is null) as "openDoubts",
  (select f.workflow_uuid from dbos.workflow_status f join jejakekal.run r on r.run_id = f.workflow_uuid
    where f.forked_from = listed."runId" order by f.created_at desc, f.workflow_uuid desc limit 1) as "lastFork",
  coalesce(
    (select json_agg(json_build_object(
              'functionName', o.function_name, 'startedAtEpochMs', o.started_at_epoch_ms,
              'completedAtEpochMs', o.completed_at_epoch_ms, 'hasFailed', o.error is not null) order by o.function_id)
       from dbos.operation_outputs o where o.workflow_uuid = listed."runId"),
    (select json_agg(json_build_object(
              'functionName', e.step ->> 'function_name', 'startedAtEpochMs', e.step -> 'started_at_epoch_ms',
              'completedAtEpochMs', e.step -> 'completed_at_epoch_ms', 'hasFailed', e.step ->> 'error' is not null) order by e.at)
       from jejakekal.imported_run i, json_array_elements(i.record -> 'operations') with ordinality as e (step, at)
      where i.run_id = listed."runId"),
    '[]') as operations`;
