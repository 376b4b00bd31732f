import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { QueryConfig } from "pg";
import type { RunQuery } from "../domain/run-reader.ts";
import { bypassTriggers } from "../testing/bypass-triggers.ts";
import { cloneDatabase, type TestDatabase } from "../testing/database.ts";
import { slow } from "../testing/service.ts";
import type { Queryable } from "./database.ts";
import { createGivenUpReader } from "./given-up.ts";
import { listRuns } from "./run-list.ts";
import { countRunsOfOtherVersions } from "./run-records.ts";

/** Start, status and format of the runs of the test; times are epoch milliseconds. */
const RUNS = [
  ["a", 1_000, "SUCCESS", "text/markdown; charset=utf-8"],
  ["b", 2_000, "ERROR", "application/pdf"],
  ["c", 2_000, "SUCCESS", "application/pdf"],
  ["d", 3_000, "PENDING", null],
] as const;

const INSERT_RUN = `
  with claim as (
    insert into jejakekal.run (run_id, intent, args, payload_sha256, source_sha256, sleep_ms)
    values ($1, 'doc', '{}', repeat('0', 64), repeat('0', 64), 1)
  )
  insert into dbos.workflow_status (workflow_uuid, status, name, created_at, updated_at, forked_from)
  values ($1, $3, 'documentRun', $2, $2, case $1 when 'd' then 'b' end)`;

const INSERT_RAW = `
  insert into jejakekal.artifact (run_id, type, title, format, media_type, sha256, bytes, visibility, producer_function_id,
                                  producer_step, inputs, recipe)
  values ($1, 'raw', 'Title of ' || $1, 'md', $2, repeat('0', 64), 1, 'user', 0, 'prepare', '{}', '{}')`;

const findGivenUp = createGivenUpReader();

describe("the list of runs", () => {
  let database: TestDatabase;
  let list: (query: Omit<RunQuery, "limit">, limit?: number) => ReturnType<typeof listRuns>;

  before(async () => {
    database = await cloneDatabase();
    for (const [runId, startedAt, status, mediaType] of RUNS) {
      await bypassTriggers(database, INSERT_RUN, [runId, startedAt, status]);
      if (mediaType !== null) await bypassTriggers(database, INSERT_RAW, [runId, mediaType]);
    }
    const client = await database.connect();
    await client.query(`
      insert into jejakekal.review_item (run_id, item, memo, chunk_id, reason, confidence, decision)
      values ('a', '1', 'm', 'c', 'r', 0.5, 'accepted'), ('c', '1', 'm', 'c', 'r', 0.5, null)`);
    await client.query(`
      insert into dbos.operation_outputs
             (workflow_uuid, function_id, function_name, started_at_epoch_ms, completed_at_epoch_ms, error)
      values ('b', 1, 'DBOS.sleep', 2010, 2020, null), ('b', 0, 'prepare', 2000, 2010, null),
             ('b', 2, 'docir', 2020, 2030, '{}'),
             ('a', 0, 'prepare', 1000, 1100, null)`);
    list = (query, limit = 10) => listRuns(client, { ...query, limit }, findGivenUp);
  }, slow);

  after(() => database[Symbol.asyncDispose]());

  const idsOf = async (runs: ReturnType<typeof listRuns>) => (await runs).map(({ runId }) => runId).join("");

  test("pages through runs in both orders without a gap, also between runs of one start", slow, async () => {
    for (const [order, all] of [
      ["newest", "dcba"],
      ["oldest", "abcd"],
    ] as const) {
      assert.equal(await idsOf(list({ order })), all);
      for (let at = 0; at < all.length; at++) {
        assert.equal(await idsOf(list({ order, before: all[at] }, 1)), all[at + 1] ?? "", `${order} ${at}`);
      }
    }
  });

  test("orders and pages by each column, in both directions", slow, async () => {
    for (const [order, all] of [
      ["title", "dabc"],
      ["state", "dbac"],
      ["doubts", "abdc"],
      ["waited", "acdb"],
      ["worked", "cdba"],
    ] as const) {
      assert.equal(await idsOf(list({ order })), all, order);
      const reversed = all.split("").reverse().join("");
      assert.equal(await idsOf(list({ order: `-${order}` })), reversed, order);
      for (let at = 0; at < all.length; at++)
        assert.equal(await idsOf(list({ order, before: all[at] }, 1)), all[at + 1] ?? "", `${order} ${at}`);
    }
  });

  test("filters by each of its filters, and by several of them at once", slow, async () => {
    const cases: readonly (readonly [Omit<RunQuery, "limit">, string])[] = [
      [{ status: "done" }, "ca"],
      [{ status: "unknown" }, ""],
      [{ type: "application/pdf" }, "cb"],
      [{ type: "text/markdown" }, "a"],
      [{ hasDoubt: true }, "c"],
      [{ startedFrom: 2_000 }, "dcb"],
      [{ startedBefore: 2_000 }, "a"],
      [{ text: "TITLE OF B" }, "b"],
      [{ status: "done", type: "application/pdf", startedFrom: 1_500, before: "d", text: "of" }, "c"],
    ];
    for (const [query, expected] of cases) {
      assert.equal(await idsOf(list(query)), expected, JSON.stringify(query));
    }
  });

  test("filters in the same way when a thousand runs match", slow, async () => {
    const client = await database.connect();
    await client.query("begin; set local session_replication_role = replica");
    await client.query(`
      insert into jejakekal.artifact (run_id, type, title, format, media_type, sha256, bytes, visibility, producer_function_id,
                                      producer_step, inputs, recipe)
      select 'nobody-' || n, 'raw', 'title of nobody', 'md', 'application/pdf', repeat('0', 64), 1, 'user', 0, 'prepare', '{}', '{}'
        from generate_series(1, 1001) n`);
    const listed = (query: Omit<RunQuery, "limit">) =>
      idsOf(listRuns(client, { ...query, limit: 10 }, findGivenUp));
    assert.equal(await listed({ text: "title of" }), "cba");
    assert.equal(await listed({ type: "application/pdf" }), "cb");
    assert.equal(await listed({ type: "application/pdf", text: "OF B" }), "b");
    await client.query("rollback");
  });

  test(
    "has the steps of a run in their order, its open doubts, its format and its newest fork",
    slow,
    async () => {
      const [, c, b] = await list({});
      assert.deepEqual([c?.openDoubts, c?.mediaType, c?.lastFork], [1, "application/pdf", null]);
      assert.equal(b?.lastFork, "d");
      assert.deepEqual(
        b?.operations.map(({ functionName, hasFailed }) => [functionName, hasFailed]),
        [
          ["prepare", false],
          ["DBOS.sleep", false],
          ["docir", true],
        ],
      );
      assert.equal(b?.operations[1]?.completedAtEpochMs, 2_020);
    },
  );

  test("reads runs that have not ended by the indexes of DBOS, however many have ended", slow, async () => {
    const client = await database.connect();
    const statements: QueryConfig[] = [];
    const query = (first: string | QueryConfig, values: readonly unknown[] = []) => {
      const statement = typeof first === "string" ? { text: first, values: [...values] } : first;
      statements.push(statement);
      return client.query(statement);
    };
    const db = { query } as unknown as Queryable;
    await listRuns(db, { status: "running", limit: 3 }, findGivenUp);
    await countRunsOfOtherVersions(db, "another");
    // A table of few rows would be read whole.
    await client.query("set enable_seqscan = off");
    for (const { text, values } of statements) {
      const { rows } = await client.query({ text: `explain ${text}`, values: [...(values ?? [])] });
      const plan = rows.map((row) => row["QUERY PLAN"]).join("\n");
      assert.match(plan, /idx_workflow_status_delayed/, plan);
    }
  });
});

test("failed runs are listed by the index of DBOS, however many runs were done", slow, async () => {
  await using database = await cloneDatabase();
  const insert = (name: string, count: number, status: string) =>
    bypassTriggers(
      database,
      `with claims as (
         insert into jejakekal.run (run_id, intent, args, payload_sha256, source_sha256, sleep_ms)
         select $1 || n, 'doc', '{}', repeat('0', 64), repeat('0', 64), 1 from generate_series(1, $2::int) n
       )
       insert into dbos.workflow_status (workflow_uuid, status, name, created_at, updated_at)
       select $1 || n, $3, 'documentRun', n * 1000, n * 1000 from generate_series(1, $2::int) n`,
      [name, count, status],
    );
  await insert("done-", 20_000, "SUCCESS");
  await insert("a", 2, "ERROR");
  await insert("b", 2, "RETRIES_EXCEEDED");
  await insert("c", 2, "CANCELLED");
  await insert("d", 1, "MAX_RECOVERY_ATTEMPTS_EXCEEDED");
  const client = await database.connect();
  await client.query("analyze");
  const statements: QueryConfig[] = [];
  const query = (text: string, values: readonly unknown[] = []) => {
    statements.push({ text, values: [...values] });
    return client.query(text, [...values]);
  };
  const findOnce = createGivenUpReader();
  const list = async (order: RunQuery["order"], limit: number, before?: string) => {
    const db = { query } as unknown as Queryable;
    const runs = await listRuns(db, { status: "error", order, limit, before }, findOnce);
    return runs.map(({ runId }) => runId).join(" ");
  };
  assert.equal(await list("newest", 10), "c2 b2 a2 d1 c1 b1 a1");
  assert.equal(await list("oldest", 3), "a1 b1 c1");
  assert.equal(await list("newest", 3, "b2"), "a2 d1 c1");
  assert.equal(await list("title", 10), "a1 a2 b1 b2 c1 c2 d1");
  const [whole, ...lists] = statements;
  assert.match(whole?.text ?? "", /status = 'RETRIES_EXCEEDED'/);
  assert.equal(lists.length, 4, "all runs are looked at once");
  for (const { text, values } of lists) {
    const { rows } = await client.query({ text: `explain ${text}`, values: [...(values ?? [])] });
    const plan = rows.map((row) => row["QUERY PLAN"]).join("\n");
    assert.match(plan, /idx_workflow_status_failed/, plan);
    assert.doesNotMatch(plan, /Seq Scan on workflow_status|workflow_status_created_at_index/, plan);
  }
});
