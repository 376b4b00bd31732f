import assert from "node:assert/strict";
import { test } from "node:test";
import type { QueryConfig } from "pg";
import { cloneDatabase, type TestDatabase } from "../testing/database.ts";
import { slow } from "../testing/service.ts";
import type { Queryable } from "./database.ts";
import { createMeasurementReader } from "./measurements.ts";

const HOUR_MS = 3_600_000;

/** Workflows of one status that were started, and ended, so long ago; null: they have not ended. */
function insert(
  database: TestDatabase,
  name: string,
  count: number,
  status: string,
  endedMsAgo: number | null,
) {
  return database.query(
    `insert into dbos.workflow_status (workflow_uuid, status, name, created_at, updated_at, completed_at)
     select $1 || n, $3, 'documentRun', now - 2 * coalesce($4::bigint, 0), now, now - $4::bigint
       from generate_series(1, $2::int) n, jejakekal.now_epoch_ms() now`,
    [name, count, status, endedMsAgo],
  );
}

test("counts each status, and looks at all workflows only from time to time", slow, async () => {
  await using database = await cloneDatabase();
  await insert(database, "done", 20_000, "SUCCESS", HOUR_MS);
  await insert(database, "failed", 3, "ERROR", HOUR_MS);
  await insert(database, "given-up", 2, "RETRIES_EXCEEDED", HOUR_MS);
  await insert(database, "running", 4, "PENDING", null);
  await insert(database, "waiting", 1, "ENQUEUED", null);
  const client = await database.connect();
  await client.query("vacuum analyze dbos.workflow_status");
  const statements: QueryConfig[] = [];
  const db = {
    query: (first: string | QueryConfig, values: readonly unknown[] = []) => {
      const statement = typeof first === "string" ? { text: first, values: [...values] } : first;
      statements.push(statement);
      return client.query(statement);
    },
  } as unknown as Queryable;
  const read = createMeasurementReader();
  const counts = async () => {
    const { runs } = await read(db);
    return Object.fromEntries(runs.map(({ dbosStatus, count }) => [dbosStatus, count]));
  };
  const first = { SUCCESS: 20_000, ERROR: 3, RETRIES_EXCEEDED: 2, PENDING: 4, ENQUEUED: 1 };
  assert.deepEqual(await counts(), first);
  await insert(database, "just done", 5, "SUCCESS", 0);
  await insert(database, "settled", 7, "SUCCESS", -1);
  assert.deepEqual(await counts(), { ...first, SUCCESS: 20_012 });
  await database.query(
    "update dbos.workflow_status set status = 'SUCCESS', completed_at = jejakekal.now_epoch_ms() where status in ('PENDING', 'ENQUEUED')",
  );
  assert.deepEqual(await counts(), { SUCCESS: 20_017, ERROR: 3, RETRIES_EXCEEDED: 2 });
  const [whole, ...others] = statements;
  assert.match(whole?.text ?? "", /completed_at is null/);
  assert.equal(others.length, 3);
  const { text = "", values = [] } = others[0] ?? {};
  const { rows } = await client.query({ text: `explain ${text}`, values });
  const plan = rows.map((row) => row["QUERY PLAN"]).join("\n");
  for (const index of ["in_flight", "delayed", "failed", "completed_at"])
    assert.match(plan, new RegExp(`idx_workflow_status_${index}`), plan);
  assert.doesNotMatch(plan, /Seq Scan on workflow_status/, plan);
});

test("carries on what has ended, and finds rows with an old date when it counts anew", slow, async () => {
  await using database = await cloneDatabase();
  const client = await database.connect();
  const once = createMeasurementReader();
  const anew = createMeasurementReader(0);
  const counts = async () => {
    const read = async (reader: typeof once) => (await reader(client)).runs[0]?.count ?? 0;
    return [await read(once), await read(anew)];
  };
  await insert(database, "old", 3, "SUCCESS", HOUR_MS);
  assert.deepEqual(await counts(), [3, 3]);
  await insert(database, "new", 2, "SUCCESS", 0);
  assert.deepEqual(await counts(), [5, 5]);
  // They ended just after the moment up to which all was counted, so the next count settles them.
  await database.query(
    "update dbos.workflow_status set completed_at = jejakekal.now_epoch_ms() - 59999 where workflow_uuid like 'new%'",
  );
  assert.deepEqual(await counts(), [5, 5]);
  assert.deepEqual(await counts(), [5, 5]);
  await insert(database, "restored", 4, "SUCCESS", HOUR_MS);
  assert.deepEqual(await counts(), [5, 9]);
});
