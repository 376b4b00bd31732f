import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, before, describe, test } from "node:test";
import { DBOS } from "@dbos-inc/dbos-sdk";
import { DBOSExecutor } from "@dbos-inc/dbos-sdk/internal/dbos-executor";
import type { SystemDatabase } from "@dbos-inc/dbos-sdk/internal/system_database";
import { createLog } from "../log.ts";
import { pollUntil } from "../poll.ts";
import type { ConnectionPool } from "../store/index.ts";
import { cloneDatabase, type TestDatabase } from "../testing/database.ts";
import {
  type Engine,
  type EnginePools,
  launchEngine,
  openEnginePools,
  registerWorkflow,
  type StepAttempt,
  shutDownEngine,
  type WorkflowExecution,
  type Write,
} from "./index.ts";
import { withRecordTransaction } from "./record-transaction.ts";

/** The contract between this program and the installed version of DBOS, on a real database. */

type Attempt = (attempt: StepAttempt) => Promise<string>;

type FailureWrite = Readonly<{ write: Write<unknown>; before?: () => Promise<unknown>; lost: unknown[] }>;

const undo = new AsyncDisposableStack();
/** What the step of each workflow does, by run id. */
const attempts = new Map<string, Attempt>();
/** What a workflow does before its step, by run id. */
const preludes = new Map<string, (execution: WorkflowExecution) => Promise<unknown>>();
/** What a workflow writes with its failure, by run id. */
const failures = new Map<string, FailureWrite>();
let database: TestDatabase;
let pools: EnginePools;
let engine: Engine;
let workflow: ReturnType<typeof registerWorkflow<null, string>>;
let bareWorkflow: () => Promise<string>;
let writes: StatementLog;
let reads: StatementLog;

describe("the transactions that are joined with DBOS's", () => {
  before(async () => {
    database = undo.use(await cloneDatabase());
    await database.query("create table mark (id serial, word text unique)");
    const log = createLog({ level: "silent" });
    pools = openEnginePools({ url: database.url, serverId: undefined, maxConnections: 8, log });
    undo.defer(() => pools.close());
    writes = logStatements(pools.writes);
    reads = logStatements(pools.dbos);
    workflow = registerWorkflow<null, string>("contract", pools, async (execution) => {
      const failure = failures.get(execution.runId);
      if (failure !== undefined) {
        await failure.before?.();
        execution.joinFailure(failure.write, (error) => failure.lost.push(error));
        throw new Error("failed on purpose");
      }
      await preludes.get(execution.runId)?.(execution);
      return execution.runStep("only", { maxAttempts: 2, intervalSeconds: 0.01, backoffRate: 1 }, (attempt) =>
        (attempts.get(execution.runId) ?? (async () => "nothing to do"))(attempt),
      );
    });
    bareWorkflow = DBOS.registerWorkflow(
      async () => {
        await DBOS.sleep(20);
        return DBOS.runStep(async () => "done", { name: "only", retriesAllowed: true, maxAttempts: 2 });
      },
      { name: "bare" },
    );
    undo.defer(shutDownEngine);
    engine = await launchEngine({ databaseUrl: database.url, pools, node: "contract", version: "1", log });
  });

  after(() => undo.disposeAsync());

  describe("a start, a step and a fork", () => {
    test("are recorded by DBOS in the statements that this program joins", async () => {
      const runId = await start(async ({ join }) => {
        writes.clear();
        await join(mark("step"));
        return "done";
      }, mark("start"));
      assert.equal(await endOf(runId), "SUCCESS");
      assert.deepEqual(writes.list(), [
        "begin isolation level read committed",
        "insert into mark",
        "select jejakekal.record_step",
        "commit",
      ]);

      writes.clear();
      const other = await start(async () => "done", mark("start again"));
      assert.equal(await endOf(other), "SUCCESS");
      assert.deepEqual(writes.list(), [
        "begin isolation level read committed",
        "insert into mark",
        'INSERT INTO "dbos".workflow_status',
        'INSERT INTO "dbos".workflow_input',
        "commit",
      ]);

      writes.clear();
      const fork = randomUUID();
      await engine.forkWorkflow(
        { parentId: runId, fromStep: 1, runId: fork },
        async (db) => void (await mark("fork")(db)),
      );
      assert.deepEqual(writes.list(), [
        "begin isolation level read committed",
        "insert into mark",
        "SELECT ws.workflow_uuid",
        'INSERT INTO "dbos".workflow_status',
        'INSERT INTO "dbos".workflow_input',
        'UPDATE "dbos".workflow_status',
        "WITH mapping",
        "WITH mapping",
        "WITH mapping",
        "WITH mapping",
        "commit",
      ]);
      await engine.pollQueue();
      assert.equal(await endOf(fork), "SUCCESS");
      assert.deepEqual(await marks(), ["start", "step", "start again", "fork"]);
    });
  });

  describe("a start with a new id", () => {
    const startNew = async (claim: Write<unknown>, runId = randomUUID()) => {
      writes.clear();
      await engine.startWorkflow(workflow, {
        runId,
        input: null,
        claim,
        shouldStart: () => false,
        isFresh: () => false,
        isNewId: true,
      });
      return runId;
    };
    const sent = [
      "begin isolation level read committed",
      "insert into mark",
      'INSERT INTO "dbos".workflow_status',
      'INSERT INTO "dbos".workflow_input',
      "commit",
    ];

    test("leaves the rows that another start leaves", async () => {
      const rows = (id: string) =>
        database.query(
          `select to_jsonb(w) - '{workflow_uuid,created_at,updated_at,completed_at,creator_xid}'::text[] as status,
                  i.inputs, o.output, o.error, w.completed_at >= w.created_at and w.updated_at = w.completed_at as is_timed
             from dbos.workflow_status w
             left join dbos.workflow_input i on i.workflow_uuid = w.workflow_uuid
             left join dbos.workflow_output o on o.workflow_uuid = w.workflow_uuid
            where w.workflow_uuid = $1`,
          [id],
        );
      const runId = await startNew(mark("new id"));
      assert.deepEqual(writes.list(), sent);
      assert.equal(await endOf(runId), "SUCCESS");
      const other = await start(async () => "nothing to do", mark("given id"));
      assert.equal(await endOf(other), "SUCCESS");
      const stored = await rows(runId);
      assert.deepEqual(stored, await rows(other));
      const [{ status, output, is_timed }] = stored as [
        { status: Record<string, unknown>; output: string; is_timed: boolean },
      ];
      assert.deepEqual(
        [status.status, status.owner_xid, status.deduplication_id, is_timed, output],
        ["SUCCESS", null, null, true, '{"json":"nothing to do","__dbos_serializer":"superjson"}'],
      );
      assert.deepEqual(await marks("% id"), ["new id", "given id"]);
    });

    test("is sent before the answer to its claim, and leaves nothing when that fails", async () => {
      const runId = randomUUID();
      await assert.rejects(startNew(mark("new id"), runId), /duplicate key/);
      assert.deepEqual(writes.list().slice(0, 5), sent);
      assert.equal(await statusOf(runId), undefined);
    });
  });

  test("an outcome is not recorded by an execution that does not own the workflow", async () => {
    const runId = randomUUID();
    preludes.set(runId, ({ sleep }) => sleep(60_000));
    await start(async () => "done", undefined, runId);
    const record = (ownerToken: string) =>
      DBOSExecutor.globalInstance?.systemDatabase.recordWorkflowOutput(
        runId,
        { output: "stolen" } as Parameters<SystemDatabase["recordWorkflowOutput"]>[1],
        ownerToken,
      );
    assert.equal(await record("another"), false);
    const outputs = () =>
      database.query("select output from dbos.workflow_output where workflow_uuid = $1", [runId]);
    assert.deepEqual([await statusOf(runId), await outputs()], ["PENDING", []]);
    await engine.cancelWorkflow(runId);
  });

  test("the record of a sleep and of a step is the one that DBOS makes by itself", async () => {
    const runId = randomUUID();
    preludes.set(runId, ({ sleep }) => sleep(20));
    await start(async () => "done", undefined, runId);
    const bareId = randomUUID();
    await DBOS.startWorkflow(bareWorkflow, { workflowID: bareId })();
    const records = async (id: string) => {
      assert.equal(await endOf(id), "SUCCESS");
      return database.query(
        `select to_jsonb(o) - '{workflow_uuid,output,started_at_epoch_ms,completed_at_epoch_ms,retention_timestamp}'::text[] as record,
              case when function_name = 'only' then output else '' end as output,
              completed_at_epoch_ms - started_at_epoch_ms >= case when function_name = 'only' then 0 else 20 end as is_timed,
              retention_timestamp > 0 as is_kept
         from dbos.operation_outputs o where workflow_uuid = $1 order by function_id`,
        [id],
      );
    };
    assert.deepEqual(await records(runId), await records(bareId));
    assert.equal((await records(runId)).length, 2);
  });

  describe("the check before a step", () => {
    const checksIn = (log: StatementLog) => log.list().filter((text) => /^select (?:w\.)?status/i.test(text));

    test("is left out after a start, and is one statement when the run goes on in another execution", async () => {
      reads.clear();
      const runId = await start(async ({ number }) => {
        if (number === 1) throw new Error("try again");
        await engine.cancelWorkflow(runId);
        return "done";
      });
      await pollUntil("the run is cancelled", async () => (await statusOf(runId)) === "CANCELLED");
      const readStatus = 'SELECT status FROM "dbos".workflow_status';
      assert.deepEqual(checksIn(reads).slice(0, 1), [readStatus], "only before the second attempt");
      attempts.set(runId, async () => "done");
      reads.clear();
      await engine.resumeWorkflow(runId);
      await engine.pollQueue();
      assert.equal(await endOf(runId), "SUCCESS");
      assert.deepEqual(
        checksIn(reads).filter((text) => text.startsWith("select")),
        ["select w.status"],
      );
    });

    test("ends an execution that does not own the run any more before the work of the step", async () => {
      let worked = false;
      const runId = randomUUID();
      preludes.set(runId, async ({ sleep }) => {
        await sleep(150);
        await database.query(
          "update dbos.workflow_status set owner_xid = 'another' where workflow_uuid = $1",
          [runId],
        );
      });
      const work = async () => {
        worked = true;
        return "done";
      };
      await start(work, undefined, runId);
      await pollUntil("the execution is over", async () => !engine.isExecuting(runId));
      assert.equal(worked, false);
    });
  });

  describe("a write that is joined with a step's record", () => {
    test("is invisible until the record is committed, whatever else DBOS's pool commits meanwhile", async () => {
      const runId = await start(async ({ join }) => {
        await join(mark("joined"));
        const reader = await pools.dbos.connect();
        await reader.query("BEGIN ISOLATION LEVEL READ COMMITTED READ ONLY");
        await reader.query("COMMIT");
        await reader.query("BEGIN ISOLATION LEVEL READ COMMITTED");
        await reader.query("COMMIT");
        reader.release();
        assert.deepEqual(await marks("joined"), []);
        return "done";
      });
      assert.equal(await endOf(runId), "SUCCESS");
      assert.deepEqual(await marks("joined"), ["joined"]);
    });

    test("is repeated on another connection when its own breaks before the record", async () => {
      const runId = await start(async ({ join }) => {
        await join(mark("repeated"));
        await endSessions();
        return "done";
      });
      assert.equal(await endOf(runId), "SUCCESS");
      assert.deepEqual(await marks("repeated"), ["repeated"]);
    });

    test("leaves no record when the repetition fails", async () => {
      let times = 0;
      const runId = await start(async ({ join }) => {
        await join((db) => mark(times++ === 0 ? "first" : "taken")(db));
        await database.query("insert into mark (word) values ('taken') on conflict do nothing");
        await endSessions();
        return "done";
      });
      assert.equal(await endOf(runId), "ERROR");
      assert.deepEqual([await marks("first"), await steps(runId)], [[], []]);
    });

    test("is rolled back when the record fails", async () => {
      const runId = randomUUID();
      await database.query(
        `alter table dbos.operation_outputs add constraint refuse_one check (workflow_uuid <> '${runId}')`,
      );
      await start(
        async ({ join }) => {
          await join(mark("unrecorded"));
          return "done";
        },
        undefined,
        runId,
      );
      assert.equal(await endOf(runId), "ERROR");
      await database.query("alter table dbos.operation_outputs drop constraint refuse_one");
      assert.deepEqual(await marks("unrecorded"), []);
    });

    test("can be recorded by the attempt itself, which sends it together with the record", async () => {
      const words: string[] = [];
      const runId = await start(async ({ number, record }) => {
        words.push(`try ${number}`);
        writes.clear();
        // The first attempt fails, as its word is taken.
        await record("done", mark(number === 1 ? "joined" : "recorded at once"));
        return "done";
      });
      assert.equal(await endOf(runId), "SUCCESS");
      assert.deepEqual(words, ["try 1", "try 2"]);
      assert.deepEqual(writes.list(), [
        "begin isolation level read committed",
        "insert into mark",
        "select jejakekal.record_step",
        "commit",
      ]);
      assert.deepEqual(
        [await marks("recorded at once"), await steps(runId)],
        [["recorded at once"], ["only"]],
      );
      const other = await start(async () => "done");
      assert.equal(await endOf(other), "SUCCESS");
      const record = (id: string) =>
        database.query(
          `select to_jsonb(o) - '{workflow_uuid,started_at_epoch_ms,completed_at_epoch_ms,retention_timestamp}'::text[] as record,
                  completed_at_epoch_ms >= started_at_epoch_ms as is_timed
             from dbos.operation_outputs o where workflow_uuid = $1`,
          [id],
        );
      assert.deepEqual(await record(runId), await record(other));
    });

    test("recorded by the attempt is repeated when the connection breaks, and stored once", async () => {
      let times = 0;
      const runId = await start(async ({ number, record }) => {
        await record(`attempt ${number}`, (db) => {
          times += 1;
          const stored = mark("sent again")(db);
          if (times > 1) return stored;
          return Promise.all([stored, db.query("select pg_terminate_backend(pg_backend_pid())")]);
        });
        return `attempt ${number}`;
      });
      assert.equal(await endOf(runId), "SUCCESS");
      assert.deepEqual([times, await marks("sent again"), await steps(runId)], [2, ["sent again"], ["only"]]);
    });

    test("recorded by the attempt fails it when the server has no resources left, unless it may be stored already", async () => {
      const raise = "do $$ begin raise exception using errcode = '53100'; end $$";
      const breakOff = "select pg_terminate_backend(pg_backend_pid())";
      /** Runs a step whose record is made with these statements, one after the other. */
      const attemptsWith = async (word: string, statements: readonly string[]) => {
        const tries: number[] = [];
        const left = [...statements];
        const runId = await start(async ({ number, record }) => {
          tries.push(number);
          await record(`attempt ${number}`, (db) => {
            const next = left.shift();
            return Promise.all([mark(word)(db), ...(next === undefined ? [] : [db.query(next)])]);
          });
          return `attempt ${number}`;
        });
        assert.equal(await endOf(runId), "SUCCESS");
        assert.deepEqual([left, await marks(word), await steps(runId)], [[], [word], ["only"]]);
        return tries;
      };
      assert.deepEqual(await attemptsWith("refused at first", [raise]), [1, 2]);
      assert.deepEqual(await attemptsWith("refused after a lost answer", [breakOff, raise]), [1]);
    });

    test("recorded by the attempt is refused when it sends its statement too late", async () => {
      const runId = await start(async ({ number, record }) => {
        if (number > 1) return "done";
        await record("done", async (db) => {
          await Promise.resolve();
          await mark("too late")(db);
        });
        return "not reached";
      });
      assert.equal(await endOf(runId), "SUCCESS");
      assert.deepEqual(await marks("too late"), []);
    });

    test("is not recorded by an attempt whose run belongs to another execution", async () => {
      let tries = 0;
      const runId = randomUUID();
      const attempt: Attempt = async ({ record }) => {
        tries += 1;
        await database.query(
          "update dbos.workflow_status set owner_xid = 'another' where workflow_uuid = $1",
          [runId],
        );
        await record("done", mark("of another execution"));
        return "done";
      };
      await start(attempt, undefined, runId);
      await pollUntil("the execution is over", async () => !engine.isExecuting(runId));
      assert.deepEqual([tries, await marks("of another execution"), await steps(runId)], [1, [], []]);
    });

    test("is replaced by the write of the next attempt", async () => {
      const runId = await start(async ({ number, join }) => {
        await join(mark(`attempt ${number}`));
        if (number === 1) throw new Error("try again");
        return "done";
      });
      assert.equal(await endOf(runId), "SUCCESS");
      assert.deepEqual(await marks("attempt %"), ["attempt 2"]);
    });

    test("is not stored with the record of an error", async () => {
      const runId = await start(async ({ join }) => {
        await join(mark("of a failed step"));
        throw new Error("no");
      });
      assert.equal(await endOf(runId), "ERROR");
      assert.deepEqual([await marks("of a failed step"), await steps(runId)], [[], ["only"]]);
    });

    test("is read committed, whatever the default of the database is", async () => {
      let level: unknown;
      const runId = await start(async ({ join }) => {
        await join(async (db) => {
          await db.query("set default_transaction_isolation = 'repeatable read'");
          level = (await db.query("show transaction_isolation")).rows[0]?.transaction_isolation;
        });
        return "done";
      });
      assert.equal(await endOf(runId), "SUCCESS");
      assert.equal(level, "read committed");
    });
  });

  describe("a write that is joined with the failure of a workflow", () => {
    test("is committed with DBOS's record of it", async () => {
      const { runId, lost } = await fail(mark("failed"));
      assert.equal(await endOf(runId), "ERROR");
      assert.deepEqual([await marks("failed"), lost], [["failed"], []]);
    });

    test("is not stored when the run belongs to another execution by then", async () => {
      const { runId } = await fail(mark("not its own"), (id) => engine.cancelWorkflow(id));
      await pollUntil("the run is cancelled", async () => (await statusOf(runId)) === "CANCELLED");
      failures.delete(runId);
      await engine.resumeWorkflow(runId);
      await engine.pollQueue();
      assert.equal(await endOf(runId), "SUCCESS");
      assert.deepEqual(await marks("not its own"), []);
    });

    test("is repeated on another connection, and given up when it fails", async () => {
      const broken = await fail(mark("again"), endSessions);
      assert.equal(await endOf(broken.runId), "ERROR");
      assert.deepEqual(await marks("again"), ["again"]);
      const refused = await fail((db) => db.query("no sql"));
      assert.equal(await endOf(refused.runId), "ERROR");
      assert.match(String(refused.lost), /syntax error/);
    });
  });

  test("a write that no record follows is rolled back, and its caller fails", async () => {
    const unrecorded = withRecordTransaction(pools.writes, "step", ({ join }) => join(mark("lost")));
    await assert.rejects(unrecorded, /DBOS made no step record/);
    const recordedElsewhere = withRecordTransaction(pools.writes, "fork", async ({ join }) => {
      await join(mark("lost"));
      await engine.cancelWorkflow(randomUUID());
    });
    await assert.rejects(recordedElsewhere, /DBOS made no fork record/);
    assert.deepEqual(await marks("lost"), []);
  });

  test("a start whose claim is refused leaves no workflow and no claim", async () => {
    const runId = randomUUID();
    await engine.startWorkflow(workflow, {
      runId,
      input: null,
      claim: mark("refused"),
      shouldStart: () => false,
      isFresh: () => true,
    });
    assert.deepEqual([await marks("refused"), await statusOf(runId)], [[], undefined]);
  });
});

function mark(word: string): Write<unknown> {
  return (db) => db.query("insert into mark (word) values ($1)", [word]);
}

async function marks(like = "%"): Promise<readonly string[]> {
  const rows = await database.query<{ word: string }>(
    "select word from mark where word like $1 order by id",
    [like],
  );
  return rows.map(({ word }) => word);
}

async function start(
  attempt: Attempt,
  claim: Write<unknown> = async () => null,
  runId = randomUUID(),
): Promise<string> {
  attempts.set(runId, attempt);
  await engine.startWorkflow(workflow, {
    runId,
    input: null,
    claim,
    shouldStart: () => true,
    isFresh: () => true,
  });
  return runId;
}

/** Starts a workflow that fails, with `write` joined; `before` runs in it first. */
async function fail(write: Write<unknown>, before?: (runId: string) => Promise<unknown>) {
  const runId = randomUUID();
  const lost: unknown[] = [];
  failures.set(runId, { write, lost, ...(before === undefined ? {} : { before: () => before(runId) }) });
  await start(async () => "not reached", undefined, runId);
  return { runId, lost };
}

async function statusOf(runId: string): Promise<string | undefined> {
  const sql = "select status from dbos.workflow_status where workflow_uuid = $1";
  return (await database.query<{ status: string }>(sql, [runId]))[0]?.status;
}

function endOf(runId: string): Promise<string> {
  return pollUntil(`${runId} ends`, async () => {
    const status = await statusOf(runId);
    return status === "SUCCESS" || status === "ERROR" ? status : null;
  });
}

async function steps(runId: string): Promise<readonly string[]> {
  const sql =
    "select function_name from dbos.operation_outputs where workflow_uuid = $1 order by function_id";
  const rows = await database.query<{ function_name: string }>(sql, [runId]);
  return rows.map(({ function_name }) => function_name);
}

/** Ends every session of the engine, as a crash of the server would. */
async function endSessions(): Promise<void> {
  await database.query(
    `select pg_terminate_backend(pid, 5000) from pg_stat_activity
      where datname = current_database() and application_name = 'jejakekal engine'`,
  );
}

type StatementLog = Readonly<{ list(): readonly string[]; clear(): void }>;

/** Lists the statements that go over a pool's connections: each up to its `VALUES`, `WHERE` or column list. */
function logStatements(pool: ConnectionPool): StatementLog {
  const statements: string[] = [];
  pool.on("connect", (client) => {
    const query = client.query.bind(client) as (...args: unknown[]) => unknown;
    client.query = ((...args: unknown[]) => {
      const [text] = args;
      if (typeof text === "string") {
        statements.push((text.trim().split(/\s*\(|\s+(?:set|where|values|left)\b|,|\n/i)[0] ?? "").trim());
      }
      return query(...args);
    }) as typeof client.query;
  });
  return { list: () => [...statements], clear: () => void statements.splice(0) };
}
