import type { Queryable } from "./database.ts";

/** A workflow that ended longer ago than this was counted with all of its kind: no transaction that began before is still open. */
const SETTLED_MS = 60_000;
/** So seldom all workflows are counted anew: a retention of DBOS's can have removed some. */
const RECOUNT_MS = 600_000;

/** What has ended up to a moment in epoch milliseconds, by status: counted once and then carried on. */
type Settled = Readonly<{ untilMs: number; counts: Readonly<Record<string, number>> }>;

type Measured = Readonly<{
  live: readonly Readonly<{ status: string; count: number }>[];
  ended: readonly Readonly<{ status: string; count: number; settled: number }>[];
  untilMs: number;
  oldestSeconds: number | null;
  blobBytes: number;
}>;

/**
 * Reads runs by status, the age of the oldest run that waits for a node, and the size of the table of blobs. All workflows are counted
 * once in `recountMs`; in between the cost depends on those that have not ended, that failed, and that ended a minute ago.
 */
export function createMeasurementReader(recountMs = RECOUNT_MS) {
  let settled: Settled | null = null;
  let countedAt = Number.NEGATIVE_INFINITY;
  return async (db: Queryable) => {
    if (settled === null || performance.now() - countedAt > recountMs) {
      settled = await countSettled(db);
      countedAt = performance.now();
    }
    const counted = settled;
    const { rows } = await db.query<Measured>({
      name: "measure",
      text: MEASURE,
      values: [counted.untilMs, SETTLED_MS],
    });
    const [row] = rows;
    if (row === undefined) throw new Error("The measurements are one row.");
    // Of two reads at the same time the first one counts.
    if (settled === counted)
      settled = { untilMs: row.untilMs, counts: added(counted.counts, row.ended, "settled") };
    const counts = added(added(counted.counts, row.ended, "count"), row.live, "count");
    return {
      runs: Object.entries(counts).map(([dbosStatus, count]) => ({ dbosStatus, count })),
      oldestWaitingSeconds: row.oldestSeconds ?? 0,
      blobBytes: row.blobBytes,
    };
  };
}

function added<Key extends string>(
  counts: Readonly<Record<string, number>>,
  rows: readonly Readonly<{ status: string } & Record<Key, number>>[],
  key: Key,
): Record<string, number> {
  const sum: Record<string, number> = { ...counts };
  for (const row of rows) if (row[key] > 0) sum[row.status] = (sum[row.status] ?? 0) + row[key];
  return sum;
}

/** Statuses that can change, or have an index of DBOS's: counted each time. The others stay as they are. */
const LIVE = "'PENDING', 'ENQUEUED', 'DELAYED', 'ERROR', 'CANCELLED', 'MAX_RECOVERY_ATTEMPTS_EXCEEDED'";

async function countSettled(db: Queryable): Promise<Settled> {
  const { rows } = await db.query<{ untilMs: number; counts: Record<string, number> }>(
    `with moment as materialized (select jejakekal.now_epoch_ms() - $1::bigint as until),
     ended as (
       select w.status, count(*) as count from dbos.workflow_status w, moment m
        where w.status not in (${LIVE}) and (w.completed_at is null or w.completed_at <= m.until)
        group by w.status
     )
     select (select until::float8 from moment) as "untilMs",
            (select coalesce(json_object_agg(status, count), '{}') from ended) as counts`,
    [SETTLED_MS],
  );
  const [row] = rows;
  if (row === undefined) throw new Error("The count is one row.");
  return row;
}

/** The statuses are written out, so that the partial indexes of DBOS are used. */
const MEASURE = `
  with moment as materialized (select jejakekal.now_epoch_ms() - $2::bigint as until),
  live as (
    select status, count(*) as count from dbos.workflow_status where status in ('PENDING', 'ENQUEUED') group by status
     union all
    select status, count(*) from dbos.workflow_status where status = 'DELAYED' group by status
     union all
    select status, count(*) from dbos.workflow_status
     where status in ('ERROR', 'CANCELLED', 'MAX_RECOVERY_ATTEMPTS_EXCEEDED') group by status
  ),
  ended as (
    select w.status, count(*) as count, count(*) filter (where w.completed_at <= m.until) as settled
      from dbos.workflow_status w, moment m
     where w.completed_at > $1::bigint and w.status not in (${LIVE})
     group by w.status
  )
  select (select coalesce(json_agg(live), '[]') from live) as live,
         (select coalesce(json_agg(ended), '[]') from ended) as ended,
         (select until::float8 from moment) as "untilMs",
         (select greatest(0, extract(epoch from clock_timestamp()) - min(created_at) / 1000.0)::float8
            from dbos.workflow_status where status in ('PENDING', 'ENQUEUED') and status = 'ENQUEUED') as "oldestSeconds",
         pg_total_relation_size('jejakekal.blob')::float8 as "blobBytes"`;
