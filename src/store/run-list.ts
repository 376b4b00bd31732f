import { DBOS_STATUSES, dbosStatusesOf } from "../domain/run.ts";
import type { RunOrder, RunQuery, RunSort } from "../domain/run-reader.ts";
import type { RunSummary } from "../domain/run-record.ts";
import { containing, type Queryable } from "./database.ts";
import { type FindGivenUp, GIVEN_UP } from "./given-up.ts";

/** Where one branch of the list has what the filters and the orders compare. */
type Branch = Readonly<{
  select: string;
  from: string;
  status: string;
  startedAt: string;
  endedAt: string;
  runId: string;
  /** The sum of `ms` of the steps for which `where` holds; both speak of a step `o`. */
  sumSteps(ms: string, where: string): string;
}>;

/** Runs of this instance. */
const OWN: Branch = {
  select: `
    select w.workflow_uuid as "runId", w.status as "dbosStatus",
           w.created_at::float8 as "createdAtEpochMs", w.updated_at::float8 as "updatedAtEpochMs",
           w.completed_at::float8 as "completedAtEpochMs", w.executor_id as "executorId",
           w.recovery_attempts::float8 as "recoveryAttempts", w.forked_from as "forkedFrom",
           coalesce(d.title, a.title) as title, split_part(a.media_type, ';', 1) as "mediaType"`,
  from: `
      from dbos.workflow_status w
      join jejakekal.run r on r.run_id = w.workflow_uuid
      left join jejakekal.artifact a on a.run_id = w.workflow_uuid and a.type = 'raw'
      left join jejakekal.artifact d on d.run_id = w.workflow_uuid and d.type = 'docir'`,
  status: "w.status",
  startedAt: "w.created_at",
  endedAt: "w.completed_at",
  runId: "w.workflow_uuid",
  sumSteps: (ms, where) => `
    (select coalesce(sum(${ms}), 0)::float8 from dbos.operation_outputs o
      where o.workflow_uuid = w.workflow_uuid and ${where})`,
};

const IMPORTED: Branch = {
  select: `
    select i.run_id, i.record #>> '{workflow,status}',
           i.started_at_epoch_ms::float8, (i.record #>> '{workflow,updated_at}')::float8,
           (i.record #>> '{workflow,completed_at}')::float8, i.record #>> '{workflow,executor_id}',
           (i.record #>> '{workflow,recovery_attempts}')::float8, i.record #>> '{workflow,forked_from}',
           coalesce(d.title, a.title), split_part(a.media_type, ';', 1)`,
  from: `
      from jejakekal.imported_run i
      left join jejakekal.artifact a on a.run_id = i.run_id and a.type = 'raw'
      left join jejakekal.artifact d on d.run_id = i.run_id and d.type = 'docir'`,
  status: "i.record #>> '{workflow,status}'",
  startedAt: "i.started_at_epoch_ms",
  endedAt: "(i.record #>> '{workflow,completed_at}')::float8",
  runId: "i.run_id",
  sumSteps: (ms, where) => `
    (select coalesce(sum(${ms}), 0)::float8
       from json_to_recordset(i.record -> 'operations')
            as o (function_name text, started_at_epoch_ms float8, completed_at_epoch_ms float8)
      where ${where})`,
};

/**
 * Runs of documents: those of this instance and those that were imported. The filters that are not given are left out of the
 * statement, so that the planner chooses an index for those that are.
 */
export async function listRuns(
  db: Queryable,
  query: RunQuery,
  findGivenUp: FindGivenUp,
): Promise<readonly RunSummary[]> {
  const values: unknown[] = [];
  const rare = await findRare(db, query, findGivenUp);
  const text = listRunsStatement(query, rare, (value) => `$${values.push(value)}`);
  const { rows } = await db.query<RunSummary>(text, values);
  return rows;
}

/**
 * The ids of the runs that a filter leaves; null where they are many, or where the filter is not given. `givenUp` are the failed runs
 * that no index finds.
 */
type Rare = Readonly<{
  text: readonly string[] | null;
  type: readonly string[] | null;
  givenUp: readonly string[];
}>;

/** So many ids are looked up one by one. More are found soon by looking through the list in its order. */
const MAX_RARE = 1_000;

/** Asks the indexes of titles, ids and formats for the runs that match, when they are few. */
async function findRare(
  db: Queryable,
  { text, type, status }: RunQuery,
  findGivenUp: FindGivenUp,
): Promise<Rare> {
  const find = async (statement: string, value: string) => {
    const limit = MAX_RARE + 1;
    const { rows } = await db.query<{ id: string }>(`${statement} limit ${limit}`, [value]);
    return rows.length < limit ? rows.map(({ id }) => id) : null;
  };
  return {
    text: text === undefined ? null : await find(RUNS_WITH_TEXT, containing(text)),
    type: type === undefined ? null : await find(RUNS_OF_TYPE, type),
    givenUp: status === "error" ? await findGivenUp(db) : [],
  };
}

const RUNS_WITH_TEXT = `
  select run_id as id from jejakekal.artifact where type in ('raw', 'docir') and title ilike $1
   union all
  select run_id from jejakekal.run where run_id ilike $1`;

const RUNS_OF_TYPE = `
  select run_id as id from jejakekal.artifact where type = 'raw' and split_part(media_type, ';', 1) = $1`;

/** Adds a value of the statement and returns its placeholder. */
type AddValue = (value: unknown) => string;

/**
 * Each branch is limited by itself, so that its index gives the order by start; any other order looks at all runs that match. Failed
 * runs are a branch for each status, because DBOS's index of them has the status before the start.
 * Steps and doubts are read for the listed runs alone.
 */
function listRunsStatement(query: RunQuery, rare: Rare, add: AddValue): string {
  const limit = `${add(query.limit)}::int`;
  const cursor = query.before === undefined ? null : add(query.before);
  const { keyOf, direction } = readOrder(query.order);
  const conditions = conditionsOf(query, rare, add);
  if (cursor !== null) conditions.push(followsOn(keyOf, direction));
  const listOf = (branch: Branch, hasStatus: Condition) => `
    ${branch.select}, ${keyOf(branch)} as key ${branch.from}
     where ${[hasStatus, ...conditions].map((condition) => condition(branch)).join(" and ")}
     order by key ${direction}, ${branch.runId} ${direction}
     limit ${limit}`;
  const keyAtCursor = (branch: Branch) =>
    `select ${keyOf(branch)} as key, ${branch.runId} as run_id ${branch.from} where ${branch.runId} = ${cursor}`;
  const lastShown =
    cursor === null
      ? ""
      : `last_shown as materialized (${keyAtCursor(OWN)} union all ${keyAtCursor(IMPORTED)}),`;
  return `
    with ${lastShown} listed as materialized (
      ${ownStatuses(query, rare, add)
        .map((hasStatus) => `(${listOf(OWN, hasStatus)}) union all`)
        .join("\n")}
      (${listOf(IMPORTED, statusOf(query))})
      order by key ${direction}, "runId" ${direction}
      limit ${limit}
    )
    select listed.*, ${DETAILS}
      from listed
     order by key ${direction}, "runId" ${direction}`;
}

type KeyOf = (branch: Branch) => string;

type Order = Readonly<{ keyOf: KeyOf; direction: "asc" | "desc" }>;

const IS_SLEEP = "o.function_name = 'DBOS.sleep'";
const STEP_MS = "greatest(0, o.completed_at_epoch_ms - o.started_at_epoch_ms)";
/** One time for a whole statement: else the key of a run that sleeps grows while it is compared, and the run is listed twice. */
const STATEMENT_MS = "(extract(epoch from statement_timestamp()) * 1000)::bigint";
/** DBOS records a sleep when it begins, with its planned end: it ends with its run at the latest. */
const sleptMs = ({ endedAt }: Branch) =>
  `greatest(0, least(o.completed_at_epoch_ms, coalesce(${endedAt}, ${STATEMENT_MS})) - o.started_at_epoch_ms)`;

const SORT_KEYS: Readonly<Record<RunSort, KeyOf>> = {
  title: () => `lower(coalesce(d.title, a.title, '')) collate "C"`,
  state: ({ status }) => `coalesce(array_position(array['${DBOS_STATUSES.join("', '")}'], ${status}), 0)`,
  doubts: ({ runId }) =>
    `(select count(*) from jejakekal.review_item q where q.run_id = ${runId} and q.decision is null)`,
  waited: (branch) => branch.sumSteps(sleptMs(branch), IS_SLEEP),
  worked: ({ sumSteps }) => sumSteps(STEP_MS, `not ${IS_SLEEP}`),
};

function isByStart(order: RunOrder = "newest"): order is "newest" | "oldest" {
  return order === "newest" || order === "oldest";
}

function readOrder(order: RunOrder = "newest"): Order {
  if (isByStart(order))
    return { keyOf: ({ startedAt }) => startedAt, direction: order === "oldest" ? "asc" : "desc" };
  const isDescending = order.startsWith("-");
  const sort = (isDescending ? order.slice(1) : order) as RunSort;
  return { keyOf: SORT_KEYS[sort], direction: isDescending ? "desc" : "asc" };
}

type Condition = (branch: Branch) => string;

function followsOn(keyOf: KeyOf, direction: Order["direction"]): Condition {
  const follows = direction === "asc" ? ">" : "<";
  return (branch) => `(${keyOf(branch)}, ${branch.runId}) ${follows} (select key, run_id from last_shown)`;
}

// Literals, because the indexes of DBOS are partial, each for some statuses: they are not used where a status is a parameter.
const hasStatus =
  (name: string): Condition =>
  ({ status }) =>
    `${status} = '${name}'`;

const anyOf =
  (conditions: readonly Condition[]): Condition =>
  (row) =>
    `(${conditions.map((condition) => condition(row)).join(" or ")})`;

function statusOf({ status }: RunQuery): Condition {
  if (status === undefined) return () => "true";
  const isOne = anyOf(dbosStatusesOf(status).map(hasStatus));
  return status === "unknown" ? (row) => `not ${isOne(row)}` : isOne;
}

/** The condition of each branch of this instance's runs. */
function ownStatuses(query: RunQuery, { givenUp }: Rare, add: AddValue): readonly Condition[] {
  if (query.status !== "error") return [statusOf(query)];
  const indexed = dbosStatusesOf("error").filter((name) => name !== GIVEN_UP);
  const isGivenUp = isOneOf(add(givenUp));
  const wasGivenUp: Condition = (row) => `(${hasStatus(GIVEN_UP)(row)} and ${isGivenUp(row)})`;
  const all = [...indexed.map(hasStatus), wasGivenUp];
  return isByStart(query.order) ? all : [anyOf(all)];
}

function conditionsOf(
  { text, type, hasDoubt, startedFrom, startedBefore }: RunQuery,
  rare: Rare,
  add: AddValue,
): Condition[] {
  const conditions: Condition[] = [];
  for (const ids of [rare.text, rare.type]) if (ids !== null) conditions.push(isOneOf(add(ids)));
  if (text !== undefined && rare.text === null) conditions.push(hasText(add(containing(text))));
  if (type !== undefined && rare.type === null) {
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
  return conditions;
}

function isOneOf(ids: string): Condition {
  return ({ runId }) => `${runId} = any (${ids}::text[])`;
}

/** In the id of a run, or in the title of its document before or after that was read. */
function hasText(pattern: string): Condition {
  return ({ runId }) => `(${runId} ilike ${pattern} or a.title ilike ${pattern} or d.title ilike ${pattern})`;
}

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
