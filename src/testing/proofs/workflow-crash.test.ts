import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { startRun, waitForEnd, waitForRun } from "../../client.ts";
import { ARTIFACT_TYPES } from "../../domain/artifact.ts";
import { RUN_STEPS } from "../../domain/run.ts";
import { ANSWER_TIMEOUT_MS } from "../../engine/pools.ts";
import { pollUntil } from "../../poll.ts";
import type { RunView } from "../../projection/run-view.ts";
import { cloneDatabase, type TestDatabase } from "../database.ts";
import { measureSlowness } from "../machine-speed.ts";
import { startProgram } from "../program.ts";
import { installStepProbe, STEP_MOMENTS, type StepMoment } from "../step-probe.ts";

const patient = { timeout: 240_000 } as const;
const SLEEP_MS = 8_000;

/** What is done twice when the program is killed at this moment; everything else is done once. */
function doneTwiceAt(moment: StepMoment): readonly StepMoment[] {
  if (moment === "receipt") return ["intent", "receipt"];
  // What a step stores is stored again, because its record was not committed.
  if (moment === "record side-effect") return ["intent", "receipt", moment];
  const work = STEP_MOMENTS.find(
    (other) => other.startsWith("work ") && moment === `record ${other.slice(5)}`,
  );
  return work === undefined ? [moment] : [work, moment];
}

describe("a program killed with SIGKILL", () => {
  test("in every step and in the sleep runs no completed step again", patient, async () => {
    await using database = await cloneDatabase();
    const held = STEP_MOMENTS.map((moment) => ({ moment, runId: `at-${moment.replace(" ", "-")}` }));
    const runs = [...held, { moment: null, runId: "asleep" }];
    const probe = await installStepProbe(
      database,
      runs.map(({ runId }) => runId),
    );
    await using first = await startProgram({ database });
    for (const { runId, moment } of held) await probe.hold(runId, moment);
    const heldSinceMs = performance.now();
    await Promise.all(
      held.map(({ runId, moment }) =>
        startRun(first.url, { source: `# Held\n\n${moment}`, workflowId: runId, sleepMs: 1 }),
      ),
    );
    await probe.allHeld();
    await startRun(first.url, { source: "# Asleep", workflowId: "asleep", sleepMs: SLEEP_MS });
    await waitForRun(first.url, "asleep", "is asleep", ({ timeline }) => timeline.length === 2);
    await first.kill9();
    const wasAnsweredInTime = performance.now() - heldSinceMs < ANSWER_TIMEOUT_MS;
    await first[Symbol.asyncDispose]();
    await probe.cutSessions();
    await probe.releaseAll();
    const before = await recordedSteps(database);
    for (const { runId, moment } of runs) {
      assert.equal(before.get(runId)?.length ?? 0, stepsBefore(moment), `${runId} stood where it was held`);
    }
    assert.deepEqual(
      await unrecordedArtifacts(database),
      [],
      "an artifact is there when its step is recorded",
    );

    await using second = await startProgram({ database });
    const takenUpAtMs = Date.now();
    for (const { runId, moment } of runs) {
      const run = await waitForEnd(second.url, runId);
      assertWhole(run);
      const passes = await probe.passes(runId);
      const again = moment === null || wasAnsweredInTime ? [] : doneTwiceAt(moment);
      assert.deepEqual(withoutRepetitions(passes, again), expectedPasses(moment), runId);
      assert.deepEqual(await effectExecutions(database, runId), [1], runId);
      const after = (await recordedSteps(database)).get(runId) ?? [];
      assert.deepEqual(
        after.slice(0, stepsBefore(moment)),
        before.get(runId) ?? [],
        `${runId} keeps its steps`,
      );
      assert.equal(run.header.recovery_attempts, 2, `${runId} was started once and recovered once`);
    }
    assertWokeInTime(await waitForEnd(second.url, "asleep"), before, takenUpAtMs);
  });

  test(
    "while the last step checks the artifacts: the step runs again, and nothing else does",
    patient,
    async () => {
      await using database = await cloneDatabase();
      const runId = "at-work-finalize";
      const probe = await installStepProbe(database, [runId]);
      await using first = await startProgram({ database });
      await probe.hold(runId, "record side-effect");
      await startRun(first.url, { source: "# Held at the end", workflowId: runId });
      await probe.allHeld();
      const unlock = await lockArtifacts(database);
      await probe.releaseAll();
      await pollUntil("the last step waits for the artifacts", () => isWaitedFor(database));
      await first.kill9();
      await first[Symbol.asyncDispose]();
      await probe.cutSessions();
      await unlock();
      await using second = await startProgram({ database });
      assertWhole(await waitForEnd(second.url, runId));
      assert.deepEqual(await probe.passes(runId), expectedPasses(null));
    },
  );

  test("in the sleep, and started after its end, continues the run at once", patient, async () => {
    await using database = await cloneDatabase();
    const probe = await installStepProbe(database, ["overslept"]);
    await using first = await startProgram({ database });
    await startRun(first.url, { source: "# Overslept", workflowId: "overslept", sleepMs: 5_000 });
    const asleep = await waitForRun(
      first.url,
      "overslept",
      "is asleep",
      ({ timeline }) => timeline.length === 2,
    );
    await first.kill9();
    await first[Symbol.asyncDispose]();
    const wakesAtMs = wakeOf(asleep);
    await pollUntil("the sleep would have ended", () => Date.now() > wakesAtMs);
    await using second = await startProgram({ database });
    const healthyAtMs = Date.now();
    const run = await waitForEnd(second.url, "overslept");
    assertWhole(run);
    assert.equal(wakeOf(run), wakesAtMs, "the end of the sleep stays as it was recorded");
    assert.deepEqual(await probe.passes("overslept"), expectedPasses(null));
    const goesOnAtMs = run.timeline[2]?.started_at_epoch_ms ?? 0;
    const limitMs = 1_400 * measureSlowness();
    assert.ok(goesOnAtMs < healthyAtMs + limitMs, `went on ${goesOnAtMs - healthyAtMs} ms after the start`);
  });
});

function assertWhole(run: RunView): void {
  assert.deepEqual([run.dbos_status, run.status], ["SUCCESS", "done"], run.run_id);
  assert.deepEqual(
    run.timeline.map(({ function_name }) => function_name),
    [...RUN_STEPS],
  );
  assert.equal(run.artifacts.length, ARTIFACT_TYPES.length);
}

/** The sleep ends when it was to end, and not later by the time that the program was away or by its whole length. */
function assertWokeInTime(run: RunView, before: RecordedSteps, takenUpAtMs: number): void {
  const [, sleep, docir] = run.timeline;
  const wakesAtMs = wakeOf(run);
  assert.equal(Number(before.get(run.run_id)?.[1]?.completed_at_epoch_ms), wakesAtMs);
  assert.equal(wakesAtMs - (sleep?.started_at_epoch_ms ?? 0), SLEEP_MS);
  const goesOnAtMs = docir?.started_at_epoch_ms ?? 0;
  assert.ok(goesOnAtMs >= wakesAtMs, "not before its time");
  const lateMs = goesOnAtMs - Math.max(wakesAtMs, takenUpAtMs);
  assert.ok(lateMs < 1_500 * measureSlowness(), `${lateMs} ms late`);
}

/** DBOS records a sleep when it begins, with the moment at which it is to end. */
function wakeOf(run: RunView): number {
  const sleep = run.timeline[1];
  assert.equal(sleep?.function_name, "DBOS.sleep");
  return sleep.completed_at_epoch_ms ?? 0;
}

/** How many steps are recorded of a run that was stopped at this moment; null: in its sleep. */
function stepsBefore(moment: StepMoment | null): number {
  if (moment === null) return RUN_STEPS.indexOf("DBOS.sleep") + 1;
  if (moment === "intent" || moment === "receipt") return RUN_STEPS.indexOf("side-effect");
  return RUN_STEPS.findIndex((step) => moment.endsWith(` ${step}`));
}

function expectedPasses(moment: StepMoment | null): Readonly<Record<string, number>> {
  const twice: readonly StepMoment[] = moment === null ? [] : doneTwiceAt(moment);
  return Object.fromEntries(STEP_MOMENTS.map((each) => [each, twice.includes(each) ? 2 : 1]));
}

/**
 * The program sends a statement again, on another connection, that the database has not answered within its time limit. Where a slow
 * machine holds the runs for longer than that, the moments at which they are held are reached more than twice.
 */
function withoutRepetitions(
  passes: Readonly<Record<string, number>>,
  repeated: readonly StepMoment[],
): Readonly<Record<string, number>> {
  const capped = repeated.map((moment) => [moment, Math.min(passes[moment] ?? 0, 2)]);
  return { ...passes, ...Object.fromEntries(capped) };
}

type RecordedSteps = ReadonlyMap<string, readonly Readonly<Record<string, unknown>>[]>;

/** Artifacts of steps that DBOS has not recorded. */
async function unrecordedArtifacts(database: TestDatabase): Promise<readonly unknown[]> {
  return await database.query(
    `select a.run_id, a.type from jejakekal.artifact a
      where not exists (select from dbos.operation_outputs o
                         where o.workflow_uuid = a.run_id and o.function_id = a.producer_function_id)`,
  );
}

/** DBOS's rows, every column of them. */
async function recordedSteps(database: TestDatabase): Promise<RecordedSteps> {
  const rows = await database.query<{ workflow_uuid: string }>(
    "select * from dbos.operation_outputs order by workflow_uuid, function_id",
  );
  return Map.groupBy(rows, ({ workflow_uuid }) => workflow_uuid);
}

async function effectExecutions(database: TestDatabase, runId: string): Promise<number[]> {
  const rows = await database.query<{ executions: number }>(
    `select count(*)::int as executions
       from jejakekal.effect_intent i join jejakekal.effect_receipt using (effect_key)
      where i.run_id = $1 group by effect_key`,
    [runId],
  );
  return rows.map(({ executions }) => executions);
}

async function lockArtifacts(database: TestDatabase): Promise<() => Promise<void>> {
  const session = await database.connect();
  await session.query("begin");
  await session.query("lock table jejakekal.artifact in access exclusive mode");
  return async () => void (await session.query("rollback"));
}

async function isWaitedFor(database: TestDatabase): Promise<boolean> {
  const rows = await database.query(
    "select from pg_locks where relation = 'jejakekal.artifact'::regclass and not granted",
  );
  return rows.length > 0;
}
