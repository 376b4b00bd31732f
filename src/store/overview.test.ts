import assert from "node:assert/strict";
import { test } from "node:test";
import { overviewViewOf } from "../projection/overview-view.ts";
import { bypassTriggers } from "../testing/bypass-triggers.ts";
import { cloneDatabase } from "../testing/database.ts";
import { slow } from "../testing/service.ts";
import { createGivenUpReader } from "./given-up.ts";
import { createOverviewReader } from "./overview.ts";

/** Runs `count` runs of one status, started `hoursAgo` hours ago; `claimed` false makes workflows of another application. */
const INSERT = `
  with claims as (
    insert into jejakekal.run (run_id, intent, args, payload_sha256, source_sha256, sleep_ms)
    select $1 || '-' || n, 'doc', '{}', repeat('0', 64), repeat('0', 64), 1
      from generate_series(1, $2::int) n where $5
  )
  insert into dbos.workflow_status (workflow_uuid, status, name, created_at, updated_at, completed_at)
  select $1 || '-' || n, $3, 'documentRun', (select jejakekal.now_epoch_ms()) - $4::bigint * 3600000 - n,
         jejakekal.now_epoch_ms(), jejakekal.now_epoch_ms()
    from generate_series(1, $2::int) n`;

test("the overview counts this program's runs alone, by state and by hour", slow, async () => {
  await using database = await cloneDatabase();
  for (const [name, count, status, hoursAgo, claimed] of [
    ["now", 3, "PENDING", 0, true],
    ["old", 2, "ERROR", 30, true],
    ["early", 4, "SUCCESS", 23, true],
    ["given-up", 1, "RETRIES_EXCEEDED", 1, true],
    ["others", 9, "PENDING", 0, false],
  ] as const) {
    await bypassTriggers(database, INSERT, [name, count, status, hoursAgo, claimed]);
  }
  const client = await database.connect();
  await client.query(`
    insert into dbos.operation_outputs (workflow_uuid, function_id, function_name, started_at_epoch_ms, completed_at_epoch_ms)
    select 'early-' || n, 4, 'memo', 1000, 1000 + n * 10 from generate_series(1, 3) n`);
  const { all, day, hours, oldest_unfinished, last_failures, steps } = overviewViewOf(
    await createOverviewReader(createGivenUpReader())(client),
  );
  assert.deepEqual(all, { runs: 10, running: 3, failed: 3, cancelled: 0 });
  assert.deepEqual([day.runs, day.running, day.done, day.failed], [8, 3, 4, 1]);
  assert.deepEqual([hours[0]?.done, hours[23]?.running], [4, 3]);
  assert.deepEqual(
    oldest_unfinished.map(({ run_id }) => run_id),
    ["now-3", "now-2", "now-1"],
  );
  assert.equal(last_failures.length, 3);
  assert.deepEqual(steps, [{ name: "memo", count: 3, p50_ms: 20, p95_ms: 29 }]);
});

test(
  "the overview counts settled runs once, the later ones each time, and all again from time to time",
  slow,
  async () => {
    await using database = await cloneDatabase();
    const client = await database.connect();
    const insert = async (name: string, count: number, minutesAgo: number) => {
      await bypassTriggers(database, INSERT, [name, count, "SUCCESS", 0, true]);
      await bypassTriggers(
        database,
        "update jejakekal.run set created_at = created_at - $2 * interval '1 min' where run_id like $1 || '-%'",
        [name, minutesAgo],
      );
    };
    const readOnce = createOverviewReader(createGivenUpReader());
    const readAgain = createOverviewReader(createGivenUpReader(), 0);
    const countRuns = async () => [(await readOnce(client)).runs, (await readAgain(client)).runs];
    await insert("settled", 3, 2);
    assert.deepEqual(await countRuns(), [3, 3]);
    await insert("later", 2, 0);
    assert.deepEqual(await countRuns(), [5, 5]);
    assert.deepEqual(await countRuns(), [5, 5]);
    await insert("restored", 4, 2);
    assert.deepEqual(await countRuns(), [5, 9], "rows with an old date are found by the next full count");
  },
);
