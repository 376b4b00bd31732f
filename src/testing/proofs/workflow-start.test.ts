import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { readRun, waitForEnd } from "../../client.ts";
import { RUN_STEPS } from "../../domain/run.ts";
import { findFreePort } from "../../free-port.ts";
import { cloneDatabase } from "../database.ts";
import { temporaryFolder } from "../paths.ts";
import { runProgram, startProgram } from "../program.ts";
import { otherRunner, runnerUnderTest } from "../runner.ts";

const patient = { timeout: 240_000 } as const;
const ROUNDS = 3;
const AT_ONCE = 8;

describe("a start that was answered with 202", () => {
  test(
    `is run to its end by the next program when the first dies the moment the answer arrives (${ROUNDS} times)`,
    patient,
    async () => {
      await using database = await cloneDatabase();
      let runner = runnerUnderTest();
      await using undo = new AsyncDisposableStack();
      let program = undo.use(await startProgram({ database, runner }));
      for (let round = 1; round <= ROUNDS; round += 1) {
        const runIds = Array.from({ length: AT_ONCE }, (_, index) => `round-${round}-${index}`);
        const answered = await startThenKill(program, runIds);
        assert.ok(answered.length > 0);
        runner = runner === "executable" ? runner : otherRunner(runner);
        program = undo.use(await startProgram({ database, runner }));
        for (const runId of answered) {
          const run = await waitForEnd(program.url, runId);
          assert.equal(run.dbos_status, "SUCCESS", runId);
          assert.deepEqual(
            run.timeline.map(({ function_name }) => function_name),
            [...RUN_STEPS],
          );
        }
      }
    },
  );

  test("is answered before the first step is recorded", patient, async () => {
    await using database = await cloneDatabase();
    await using program = await startProgram({ database });
    const session = await database.connect();
    await session.query("begin");
    await session.query("lock table jejakekal.artifact in exclusive mode");
    const reply = await post(program.url, "waits");
    assert.equal(reply.status, 202);
    const { status, timeline } = await readRun(program.url, "waits");
    assert.deepEqual([status, timeline.length], ["running", 0]);
    await session.query("rollback");
    assert.equal((await waitForEnd(program.url, "waits")).status, "done");
  });
});

test(
  "two workers on the embedded Postgres leave their runs to the next two when the supervisor is killed",
  patient,
  async () => {
    await using undo = new AsyncDisposableStack();
    const options = {
      // Empty counts as unset.
      database: { url: "" },
      env: {
        JEJAKEKAL_HOME: undo.use(temporaryFolder()).path,
        JEJAKEKAL_PGPORT: String(await findFreePort()),
        JEJAKEKAL_WORKERS: "2",
      },
    };
    undo.defer(async () => void (await runProgram(["down"], options)));
    const first = undo.use(await startProgram(options));
    const runIds = Array.from({ length: AT_ONCE }, (_, index) => `worker-${index}`);
    const answered = await startThenKill(first, runIds);
    const next = undo.use(await startProgram(options));
    for (const runId of answered) {
      assert.equal((await waitForEnd(next.url, runId)).dbos_status, "SUCCESS", runId);
    }
    const { workers } = (await (await fetch(`${next.url}/healthz`)).json()) as {
      workers: { configured: number };
    };
    assert.equal(workers.configured, 2);
    assert.equal(await next.stop(), 0);
  },
);

/** Kills the program when the first of several starts is answered. Returns the starts that were answered before it died. */
async function startThenKill(
  program: Awaited<ReturnType<typeof startProgram>>,
  runIds: readonly string[],
): Promise<readonly string[]> {
  const answered: string[] = [];
  const asking = runIds.map(async (runId) => {
    const reply = await post(program.url, runId);
    assert.equal(reply.status, 202);
    answered.push(runId);
  });
  await Promise.any(asking);
  await program.kill9();
  await Promise.allSettled(asking);
  await program[Symbol.asyncDispose]();
  return answered;
}

/** Resolves with the head of the answer, and does not wait for its body. */
function post(url: string, workflowId: string): Promise<Response> {
  return fetch(`${url}/runs`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ source: `# ${workflowId}`, workflowId, sleepMs: 20 }),
  });
}
