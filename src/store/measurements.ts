import type { Queryable } from "./database.ts";

/** Runs by status, the age of the oldest run that waits for a node, and the size of the table of blobs. */
export async function measure(db: Queryable) {
  const { rows } = await db.query<{
    dbosStatus: string;
    count: number;
    oldestSeconds: number;
    blobBytes: number;
  }>({
    name: "measure",
    text: `
      select status as "dbosStatus", count(*)::int as count,
             greatest(0, extract(epoch from clock_timestamp()) - min(created_at) / 1000.0)::float8 as "oldestSeconds",
             pg_total_relation_size('jejakekal.blob')::float8 as "blobBytes"
        from dbos.workflow_status
       group by status`,
    values: [],
  });
  return {
    runs: rows.map(({ dbosStatus, count }) => ({ dbosStatus, count })),
    oldestWaitingSeconds: rows.find(({ dbosStatus }) => dbosStatus === "ENQUEUED")?.oldestSeconds ?? 0,
    blobBytes: rows[0]?.blobBytes ?? 0,
  };
}
