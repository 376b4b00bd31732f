import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { startRun, waitForEnd, waitForRun } from "../../client.ts";
import { RUN_FAILURES } from "../../failure.ts";
import { DERIVE_SUBCOMMAND } from "../../flow/derivation/child-process.ts";
import { bypassTriggers } from "../bypass-triggers.ts";
import { findChildren } from "../child.ts";
import type { TestDatabase } from "../database.ts";
import { measureSlowness } from "../machine-speed.ts";
import type { LogLine } from "../program.ts";
import { useService } from "../service.ts";
import { startAsleep, wake } from "../sleeping-run.ts";

const patient = { timeout: 240_000 } as const;

/** What the steps are configured with: after the first attempt a tenth of a second, then three times as long each time. */
const INTERVALS_MS = [100, 300, 900, 2_700];
const MAX_ATTEMPTS = INTERVALS_MS.length + 1;

/** So large that each of its derivations is done in a process of its own. */
const LARGE = `# Large\n\n${"The tide was high and the wind stayed in the west.\n\n".repeat(4_000)}`;

describe("a step whose write fails", () => {
  const service = useService();

  test(
    "is tried again after growing intervals until it succeeds, and its record says how often",
    patient,
    async () => {
      const flaky = await makeFlaky(service.database, "flaky", { step: "docir", failures: 3 });
      await startRun(service.url, { source: "# Flaky", workflowId: "flaky" });
      const run = await waitForEnd(service.url, "flaky");
      assert.equal(run.dbos_status, "SUCCESS");
      assert.deepEqual(
        run.timeline.map(({ attempt }) => attempt),
        [1, 1, 4, 1, 1, 1, 1],
      );
      assertIntervals(await flaky.attemptTimes(), INTERVALS_MS.slice(0, 3));
      assert.deepEqual(failedAttempts("flaky"), [
        ["docir", 1],
        ["docir", 2],
        ["docir", 3],
      ]);
    },
  );

  test("fails the run after its last attempt, and no later step starts", patient, async () => {
    const flaky = await makeFlaky(service.database, "hopeless", { step: "chunk-index", failures: 100 });
    await startRun(service.url, { source: "# Hopeless", workflowId: "hopeless" });
    const run = await waitForEnd(service.url, "hopeless");
    assert.deepEqual([run.dbos_status, run.status], ["ERROR", "error"]);
    assert.deepEqual(
      run.timeline.map(({ function_name, error }) => [function_name, error?.code]),
      [
        ["prepare", undefined],
        ["DBOS.sleep", undefined],
        ["docir", undefined],
        ["chunk-index", "step_failed"],
      ],
    );
    const times = await flaky.attemptTimes();
    assert.equal(times.length, MAX_ATTEMPTS);
    assertIntervals(times, INTERVALS_MS);
    assert.ok(
      !JSON.stringify(run).includes("the database is in a mood"),
      "the run shows nothing of the inside",
    );
  });

  test("because its child process is killed is retried in the same way", patient, async () => {
    // Processes that wait for work are killed as well.
    using killer = killDerivations(service.program.pid, () => failuresOf("killed").length < 3);
    await startRun(service.url, { source: LARGE, workflowId: "killed" });
    const run = await waitForEnd(service.url, "killed");
    assert.equal(run.dbos_status, "SUCCESS");
    assert.deepEqual(
      run.timeline.map(({ attempt }) => attempt),
      [1, 1, 4, 1, 1, 1, 1],
    );
    assert.ok(killer.pids.size >= 3);
    const times = failuresOf("killed").map(({ time }) => Date.parse(String(time)));
    assertIntervals(times, INTERVALS_MS.slice(0, 2));
    assert.deepEqual(failedAttempts("killed"), [
      ["docir", 1],
      ["docir", 2],
      ["docir", 3],
    ]);
  });

  test("is not retried after a permanent failure", patient, async () => {
    await startAsleep(service.url, { source: "# Refused", workflowId: "refused" });
    await bypassTriggers(service.database, "delete from jejakekal.artifact where run_id = 'refused'");
    await wake(service, "refused");
    const run = await waitForEnd(service.url, "refused");
    assert.equal(run.dbos_status, "ERROR");
    assert.equal(run.header.error?.code, "FAILED_NO_ARTIFACT");
    assert.equal(failedAttempts("refused").length, 1);
  });

  test(
    "that failed permanently and is replayed from its record fails the run with the same code",
    patient,
    async () => {
      // No longer sleep that is ended: its execution would stay, and the run would not count as stranded.
      await startRun(service.url, { source: "# Replayed", workflowId: "replayed", sleepMs: 5_000 });
      await waitForRun(service.url, "replayed", "is asleep", ({ timeline }) => timeline.length === 2);
      await bypassTriggers(service.database, "delete from jejakekal.artifact where run_id = 'replayed'");
      await waitForEnd(service.url, "replayed");
      const wordsOf = async () => {
        const sql = "select error from dbos.workflow_output where workflow_uuid = 'replayed'";
        const [row] = await service.database.query<{ error: string }>(sql);
        return /"message":"[^"]*"/.exec(row?.error ?? "")?.[0];
      };
      const words = await wordsOf();
      assert.ok(words?.includes(RUN_FAILURES.FAILED_NO_ARTIFACT), words);
      // The state after a crash between the record of the step and the record of the run.
      await service.database.query("delete from dbos.workflow_output where workflow_uuid = 'replayed'");
      await service.database.query(
        `update dbos.workflow_status
          set status = 'PENDING', executor_id = 'local', owner_xid = 'lost', completed_at = null, updated_at = 1
        where workflow_uuid = 'replayed'`,
      );
      await waitForEnd(service.url, "replayed");
      assert.equal(await wordsOf(), words);
    },
  );

  /** Step and attempt of each failure that the program has logged of a run. */
  function failedAttempts(runId: string): readonly unknown[] {
    return failuresOf(runId).map(({ step, attempt }) => [step, attempt]);
  }

  function failuresOf(runId: string) {
    const isFailure = (line: LogLine) => line.msg === "step attempt failed" && line.runId === runId;
    return service.program.logs().filter(isFailure);
  }
});

/** No interval is shorter than it should be, nor longer than a busy machine makes it. */
function assertIntervals(times: readonly number[], expectedMs: readonly number[]): void {
  const marginMs = 1_500 * measureSlowness();
  const intervalsMs = times.slice(1).map((time, index) => time - (times[index] ?? 0));
  assert.equal(intervalsMs.length, expectedMs.length, JSON.stringify(intervalsMs));
  expectedMs.forEach((expected, index) => {
    const actual = intervalsMs[index] ?? 0;
    assert.ok(actual >= expected - 5 && actual < expected + marginMs, `${actual} ms for ${expected} ms`);
  });
}

/**
 * Has the database refuse what a step of a run wants to store, for a number of times. The times of the attempts are kept in
 * sequences, which stay set when the statement that set them is undone.
 */
async function makeFlaky(
  database: TestDatabase,
  runId: string,
  { step, failures }: { step: string; failures: number },
): Promise<{ attemptTimes(): Promise<number[]> }> {
  const times = Array.from(
    { length: MAX_ATTEMPTS + 1 },
    (_, index) => `create sequence "${runId} ${index + 1}";`,
  );
  await database.query(`
    create sequence "${runId} attempts";
    ${times.join("\n")}
    create function "${runId} refuse"() returns trigger language plpgsql as $$
    declare
      attempt bigint := nextval('"${runId} attempts"');
    begin
      perform setval(format('%I', '${runId} ' || attempt), (extract(epoch from clock_timestamp()) * 1000)::bigint);
      if attempt <= ${failures} then
        raise exception 'the database is in a mood';
      end if;
      return new;
    end;
    $$;
    create trigger "${runId} refuse" before insert on jejakekal.artifact for each row
      when (new.run_id = '${runId}' and new.producer_step = '${step}') execute function "${runId} refuse"();`);
  return {
    async attemptTimes() {
      const rows = await database.query<{ at: number }>(
        `select last_value::float8 as at from pg_sequences
          where sequencename ~ ('^' || $1 || ' [0-9]+$') and last_value is not null
          order by sequencename`,
        [runId],
      );
      return rows.map(({ at }) => at);
    },
  };
}

/** Kills the processes that derive for a program, as a machine short of memory would, while `isWanted`. */
function killDerivations(programPid: number, isWanted: () => boolean) {
  const pids = new Set<number>();
  const timer = setInterval(() => {
    if (!isWanted()) return;
    for (const pid of findChildren(programPid, DERIVE_SUBCOMMAND)) {
      if (pids.has(pid)) continue;
      pids.add(pid);
      process.kill(pid, "SIGKILL");
    }
  }, 5);
  return { pids: pids as ReadonlySet<number>, [Symbol.dispose]: () => clearInterval(timer) };
}
