import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, before, describe, test } from "node:test";
import { createLog } from "../log.ts";
import { pollUntil } from "../poll.ts";
import { cloneDatabase, type TestDatabase } from "../testing/database.ts";
import {
  type Engine,
  type EnginePools,
  launchEngine,
  openEnginePools,
  registerWorkflow,
  type StepAttempt,
  type StepBehind,
  shutDownEngine,
  type WorkflowExecution,
  type Write,
} from "./index.ts";

/** A workflow of a step, a sleep and two more steps, of which the first records those behind it. */

const RETRY = { maxAttempts: 2, intervalSeconds: 0.01, backoffRate: 1 };
const NAMES = ["first", "second", "third"] as const;
const SLEEP_MS = 20;

/** Stores a word of a run, once. */
type Mark = (word: string) => Write<unknown>;

type Plan = Readonly<{
  /** What the first step records with itself; undefined: nothing, so every step waits for the one before. */
  record?: (attempt: StepAttempt, mark: Mark) => Promise<unknown>;
  ran: string[];
}>;

const plans = new Map<string, Plan>();
const undo = new AsyncDisposableStack();
let database: TestDatabase;
let pools: EnginePools;
let engine: Engine;
let workflow: ReturnType<typeof registerWorkflow<null, readonly string[]>>;

describe("records that are sent in order", () => {
  before(async () => {
    database = undo.use(await cloneDatabase());
    await database.query("create table mark (run text, word text, unique (run, word))");
    const log = createLog({ level: "silent" });
    pools = openEnginePools({ url: database.url, serverId: undefined, maxConnections: 8, log });
    undo.defer(() => pools.close());
    workflow = registerWorkflow<null, readonly string[]>("in-order", pools, work);
    undo.defer(shutDownEngine);
    engine = await launchEngine({ databaseUrl: database.url, pools, node: "in-order", version: "1", log });
  });

  after(() => undo.disposeAsync());

  test("leave the rows of steps that wait for each other, and the steps behind are not run", async () => {
    const together = await start({
      ran: [],
      record: ({ record }, mark) =>
        record("first", mark("first"), { behind: behind(mark), result: { output: [...NAMES] } }),
    });
    const apart = await start({ ran: [] });
    await endOf(together);
    await endOf(apart);
    assert.deepEqual([plans.get(together)?.ran, plans.get(apart)?.ran], [["first"], [...NAMES]]);
    assert.deepEqual(await rowsOf(together), await rowsOf(apart));
    assert.deepEqual(await marks(together), [...NAMES]);
    const ids = await database.query<{ xids: number }>(
      "select count(distinct xmin::text)::int as xids from dbos.operation_outputs where workflow_uuid = $1",
      [together],
    );
    assert.deepEqual(ids, [{ xids: 4 }], "each in a transaction of its own");
  });

  test("are committed up to the first that fails, and the others are run in their turn", async () => {
    const counts: unknown[] = [];
    const runId = await start({
      ran: [],
      record: async ({ record }, mark) => {
        const steps = behind(mark).map((step) =>
          "name" in step && step.name === "second" ? { ...step, write: mark("first") } : step,
        );
        const { count, error } = await record("first", mark("first"), {
          behind: steps,
          result: { output: "lost" },
        });
        counts.push([count, (error as { code?: string }).code]);
      },
    });
    await endOf(runId);
    assert.deepEqual(
      [counts, plans.get(runId)?.ran],
      [[[1, "23505"]], [...NAMES]],
      "the sleep is recorded, and no more",
    );
    assert.deepEqual(await marks(runId), [...NAMES]);
    assert.equal(
      (await rowsOf(runId)).output,
      '{"json":["first","second","third"],"__dbos_serializer":"superjson"}',
    );
  });

  test("are sent again from the first that may be lost, and stored once", async () => {
    const words: string[] = [];
    const breakOnce =
      (write: Write<unknown>): Write<unknown> =>
      (db) => {
        words.push("sent");
        const stored = write(db);
        if (words.length > 1) return stored;
        return Promise.all([stored, db.query("select pg_terminate_backend(pg_backend_pid())")]);
      };
    const runId = await start({
      ran: [],
      record: ({ record }, mark) => {
        const steps = behind(mark).map((step) =>
          "name" in step && step.name === "second" ? { ...step, write: breakOnce(step.write) } : step,
        );
        return record("first", mark("first"), { behind: steps, result: { output: [...NAMES] } });
      },
    });
    await endOf(runId);
    assert.deepEqual([words, plans.get(runId)?.ran], [["sent", "sent"], ["first"]]);
    assert.deepEqual(await marks(runId), [...NAMES]);
  });

  test("end with the run: what is behind a cancel is not recorded", async () => {
    const gate = await database.connect();
    await gate.query("select pg_advisory_lock(1)");
    const runId = await start({
      ran: [],
      record: ({ record }, mark) => {
        const wait: Write<unknown> = (db) =>
          Promise.all([db.query("select pg_advisory_xact_lock(1)"), mark("second")(db)]);
        const steps = behind(mark).map((step) =>
          "name" in step && step.name === "second" ? { ...step, write: wait } : step,
        );
        return record("first", mark("first"), { behind: steps, result: { output: [...NAMES] } });
      },
    });
    await pollUntil("the second step waits", async () => {
      const waiting = await database.query(
        "select from pg_locks where locktype = 'advisory' and not granted",
      );
      return waiting.length > 0;
    });
    await engine.cancelWorkflow(runId);
    await gate.query("select pg_advisory_unlock(1)");
    await pollUntil("the execution is over", async () => !engine.isExecuting(runId));
    const { steps, status, output } = await rowsOf(runId);
    assert.deepEqual([steps.length, status, output], [2, "CANCELLED", null]);
    assert.deepEqual(await marks(runId), ["first"]);
  });
});

async function work({ runId, runStep, sleep }: WorkflowExecution): Promise<readonly string[]> {
  const plan = plans.get(runId);
  const step = (name: string) =>
    runStep(name, RETRY, async (attempt) => {
      plan?.ran.push(name);
      if (name === "first" && plan?.record !== undefined) await plan.record(attempt, markFor(runId));
      else await attempt.record(name, markFor(runId)(name));
      return name;
    });
  const first = await step("first");
  await sleep(SLEEP_MS);
  return [first, await step("second"), await step("third")];
}

/** The steps behind the first, with what each stores. */
function behind(mark: Mark): StepBehind[] {
  const now = Date.now();
  const step = (name: string) => ({
    name,
    output: name,
    write: mark(name),
    startedAt: now,
    completedAt: now,
  });
  return [{ sleepMs: SLEEP_MS }, step("second"), step("third")];
}

function markFor(runId: string): Mark {
  return (word) => (db) => db.query("insert into mark (run, word) values ($1, $2)", [runId, word]);
}

async function start(plan: Plan): Promise<string> {
  const runId = randomUUID();
  plans.set(runId, plan);
  await engine.startWorkflow(workflow, {
    runId,
    input: null,
    claim: (db) => db.query("select 1"),
    shouldStart: () => true,
    isFresh: () => true,
  });
  return runId;
}

async function endOf(runId: string): Promise<void> {
  await pollUntil(`${runId} ends`, async () => {
    const rows = await database.query<{ status: string }>(
      "select status from dbos.workflow_status where workflow_uuid = $1",
      [runId],
    );
    return rows[0]?.status === "SUCCESS";
  });
  await pollUntil("its execution is over", async () => !engine.isExecuting(runId));
}

type Rows = Readonly<{ status: string; output: string | null; steps: readonly unknown[] }>;

/** What DBOS has stored of a run, without ids and times. */
async function rowsOf(runId: string): Promise<Rows> {
  const [rows] = await database.query<Rows>(
    `select w.status, p.output,
            to_jsonb(w) - '{workflow_uuid,created_at,updated_at,completed_at,creator_xid}'::text[] as workflow,
            (select json_agg(to_jsonb(o) - '{workflow_uuid,started_at_epoch_ms,completed_at_epoch_ms,retention_timestamp}'::text[]
                             || jsonb_build_object('output', case o.function_name when 'DBOS.sleep' then '' else o.output end)
                             order by o.function_id)
               from dbos.operation_outputs o where o.workflow_uuid = w.workflow_uuid) as steps
       from dbos.workflow_status w
       left join dbos.workflow_output p on p.workflow_uuid = w.workflow_uuid
      where w.workflow_uuid = $1`,
    [runId],
  );
  assert.ok(rows !== undefined);
  return rows;
}

async function marks(runId: string): Promise<readonly string[]> {
  const rows = await database.query<{ word: string }>("select word from mark where run = $1 order by ctid", [
    runId,
  ]);
  return rows.map(({ word }) => word);
}
