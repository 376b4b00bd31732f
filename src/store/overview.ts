import { OVERVIEW_HOURS, OVERVIEW_STEPS, type OverviewRecord } from "../domain/overview.ts";
import type { Queryable } from "./database.ts";
import type { FindGivenUp } from "./given-up.ts";

const HOUR_MS = 3_600_000;

/** Runs in each of the two lists. */
const LISTED = 5;

/** Runs are never deleted, so those that are older than any open transaction are counted once, and from time to time again. */
const SETTLED_MS = 60_000;
const RECOUNT_MS = 60_000;

/** What is read once a minute alone, because it takes a look at all runs. */
type Settled = Readonly<{
  /** The runs that were claimed up to a moment, in the form of Postgres; null before they are counted. */
  until: string | null;
  runs: number;
}>;

type OverviewRow = Readonly<{ overview: OverviewRecord; settledUntil: string; newlySettled: number }>;

/**
 * Reads the overview in one statement. Its cost depends on the runs of the last day, on those that have not ended and on those that
 * failed, not on how many were done before: the list of statuses is written out, so that the partial indexes of DBOS are used.
 */
export function createOverviewReader(findGivenUp: FindGivenUp, recountMs = RECOUNT_MS) {
  let settled: Settled | null = null;
  let countedAt = Number.NEGATIVE_INFINITY;
  return async (db: Queryable): Promise<OverviewRecord> => {
    if (performance.now() - countedAt > recountMs) {
      countedAt = performance.now();
      settled = { until: null, runs: 0 };
    }
    const counted = settled ?? { until: null, runs: 0 };
    const { rows } = await db.query<OverviewRow>({
      name: "read-overview",
      text: OVERVIEW,
      values: [
        OVERVIEW_HOURS * HOUR_MS,
        HOUR_MS,
        LISTED,
        OVERVIEW_STEPS,
        counted.until,
        SETTLED_MS,
        await findGivenUp(db),
      ],
    });
    const [row] = rows;
    if (row === undefined) throw new Error("The overview is one row.");
    // Of two reads at the same time the first one counts.
    if (settled === counted) {
      settled = { ...counted, until: row.settledUntil, runs: counted.runs + row.newlySettled };
    }
    return { ...row.overview, runs: counted.runs + row.overview.runs };
  };
}

/**
 * Rows of this application, by the name that `src/engine/launch.ts` gives it. Many rows are not looked up one by one among the claims:
 * only those of earlier versions of DBOS, which have no name.
 */
function isOwn(row: string): string {
  return `(${row}.application_name = 'jejakekal' or (${row}.application_name is null
             and exists (select from jejakekal.run r where r.run_id = ${row}.workflow_uuid)))`;
}

const OVERVIEW = `
  with moment as materialized (
    select jejakekal.now_epoch_ms() as now, clock_timestamp() - $6::int * interval '1 ms' as settled_until
  ),
  open as materialized (
    select w.workflow_uuid, w.status, w.created_at
      from dbos.workflow_status w join jejakekal.run r on r.run_id = w.workflow_uuid
     where w.status in ('ENQUEUED', 'PENDING')
    union all
    select w.workflow_uuid, w.status, w.created_at
      from dbos.workflow_status w join jejakekal.run r on r.run_id = w.workflow_uuid
     where w.status = 'DELAYED'
  ),
  failed as materialized (
    select w.workflow_uuid, w.status, w.created_at, w.updated_at
      from dbos.workflow_status w join jejakekal.run r on r.run_id = w.workflow_uuid
     where w.status in ('ERROR', 'CANCELLED', 'MAX_RECOVERY_ATTEMPTS_EXCEEDED')
    union all
    select w.workflow_uuid, w.status, w.created_at, w.updated_at
      from dbos.workflow_status w join jejakekal.run r on r.run_id = w.workflow_uuid
     where w.workflow_uuid = any ($7) and w.status = 'RETRIES_EXCEEDED'
  ),
  recent as (
    select ((w.created_at - (m.now - $1::bigint)) / $2::bigint)::int as hour, w.status, count(*) as count
      from moment m
      join dbos.workflow_status w on w.created_at > m.now - $1::bigint and w.created_at <= m.now
     where ${isOwn("w")}
     group by 1, 2
  ),
  oldest as (select workflow_uuid, status, created_at from open order by created_at limit $3::int),
  last as (
    select workflow_uuid, status, created_at, updated_at from failed
     where status <> 'CANCELLED' order by updated_at desc limit $3::int
  ),
  ended as (
    select o.function_name, o.completed_at_epoch_ms - o.started_at_epoch_ms as ms
      from moment m
      cross join lateral (
        select o.workflow_uuid, o.function_name, o.started_at_epoch_ms, o.completed_at_epoch_ms, o.application_name
          from dbos.operation_outputs o
         where o.completed_at_epoch_ms <= m.now
         order by o.completed_at_epoch_ms desc
         limit $4::int
      ) o
     where o.function_name <> 'DBOS.sleep' and o.started_at_epoch_ms is not null and ${isOwn("o")}
  ),
  -- Without the runs that the caller has counted before.
  uncounted as materialized (
    select count(*)::int as runs, (count(*) filter (where created_at <= settled_until))::int as settled
      from moment join jejakekal.run on created_at > coalesce($5::timestamptz, '-infinity')
  ),
  steps as (
    select function_name, count(*) as count,
           percentile_cont(0.5) within group (order by ms) as p50,
           percentile_cont(0.95) within group (order by ms) as p95
      from ended group by function_name
  )
  select json_build_object(
    'nowEpochMs', (select now from moment),
    'runs', (select runs from uncounted),
    'open', (select coalesce(json_agg(json_build_object('dbosStatus', status, 'count', count)), '[]')
               from (select status, count(*) as count from (select status from open union all select status from failed) s
                      group by status) s),
    'recent', (select coalesce(json_agg(json_build_object('hour', hour, 'dbosStatus', status, 'count', count)
                                        order by hour, status), '[]') from recent),
    'oldestUnfinished', (
      select coalesce(json_agg(json_build_object('runId', o.workflow_uuid, 'dbosStatus', o.status,
               'createdAtEpochMs', o.created_at, 'title', d.title, 'error', null) order by o.created_at), '[]')
        from oldest o left join jejakekal.artifact d on d.run_id = o.workflow_uuid and d.type = 'docir'),
    'lastFailures', (
      select coalesce(json_agg(json_build_object('runId', l.workflow_uuid, 'dbosStatus', l.status,
               'createdAtEpochMs', l.created_at, 'title', d.title, 'error', coalesce(p.error, w.error))
               order by l.updated_at desc), '[]')
        from last l
        join dbos.workflow_status w on w.workflow_uuid = l.workflow_uuid
        left join dbos.workflow_output p on p.workflow_uuid = l.workflow_uuid
        left join jejakekal.artifact d on d.run_id = l.workflow_uuid and d.type = 'docir'),
    'steps', (select coalesce(json_agg(json_build_object('name', function_name, 'count', count,
                'p50Ms', p50, 'p95Ms', p95) order by function_name), '[]') from steps)
  ) as overview,
  (select settled from uncounted) as "newlySettled",
  (select settled_until::text from moment) as "settledUntil"`;
