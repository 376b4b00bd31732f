import assert from "node:assert/strict";
import { join } from "node:path";
import { describe, test } from "node:test";
import { completeRun, readRun, waitForEnd } from "../../client.ts";
import type { RunView } from "../../projection/run-view.ts";
import { bypassTriggers } from "../bypass-triggers.ts";
import { runCommand } from "../child.ts";
import { request } from "../http.ts";
import { REPOSITORY } from "../paths.ts";
import { runProgram } from "../program.ts";
import { otherRunner, runnerUnderTest } from "../runner.ts";
import { type Service, useService } from "../service.ts";
import { startAsleep, wake } from "../sleeping-run.ts";

const patient = { timeout: 240_000 } as const;
const DBOS_COMMAND = join(REPOSITORY, "node_modules", ".bin", "dbos");

/**
 * Makes a run with each status that this program can meet, including one that this DBOS does not have, and returns its id. Steps
 * are compared only where they can differ: a status that is set in the database afterwards changes no step.
 */
const RUNS: Readonly<Record<string, Case>> = {
  done: {
    statuses: ["SUCCESS", "done"],
    compareSteps: true,
    make: async ({ url }) => (await completeRun(url, "# Done")).run_id,
  },
  running: {
    statuses: ["PENDING", "running"],
    compareSteps: true,
    make: ({ url }) => startAsleep(url, { source: "# Asleep" }),
  },
  cancelled: {
    statuses: ["CANCELLED", "error"],
    compareSteps: true,
    make: async ({ url }) => {
      const runId = await startAsleep(url, { source: "# Asleep" });
      assert.equal((await request(`${url}/runs/${runId}/cancel`, { method: "POST" })).status, 202);
      return runId;
    },
  },
  failed: {
    statuses: ["ERROR", "error"],
    compareSteps: true,
    make: async ({ url, database }) => {
      const runId = await startAsleep(url, { source: "# Asleep" });
      await bypassTriggers(database, "delete from jejakekal.artifact where run_id = $1", [runId]);
      await wake({ url, database }, runId);
      return (await waitForEnd(url, runId)).run_id;
    },
  },
  waiting: withStatus("ENQUEUED", "running"),
  delayed: withStatus("DELAYED", "running"),
  "out of retries": withStatus("RETRIES_EXCEEDED", "error"),
  "out of recovery attempts": withStatus("MAX_RECOVERY_ATTEMPTS_EXCEEDED", "error"),
  "in a status that nobody knows yet": withStatus("PAUSED", "unknown"),
};

type Case = Readonly<{
  statuses: readonly [dbosStatus: string, status: string];
  compareSteps: boolean;
  make: (service: Service) => Promise<string>;
}>;

describe("a run", () => {
  const service = useService();

  for (const [what, { statuses, compareSteps, make }] of Object.entries(RUNS)) {
    test(
      `${what} is the same in DBOS's command line, in this program's and in the API`,
      patient,
      async () => {
        const runId = await make(service);
        const run = await readRun(service.url, runId);
        assert.deepEqual([run.dbos_status, run.status], statuses);
        assertWorkflowIs(await agreedAnswer("get", runId), run);
        if (compareSteps) assertStepsAre(await agreedAnswer("steps", runId), run);
      },
    );
  }

  /** The output of DBOS's command line. Checks that this program's command line, on the other runtime, prints the same. */
  async function agreedAnswer(subcommand: "get" | "steps", runId: string): Promise<unknown> {
    const { database } = service;
    const [theirs, ours] = await Promise.all([
      runCommand([DBOS_COMMAND, "workflow", subcommand, "-s", database.url, runId]).then(answerOf),
      runProgram([subcommand, runId], { database, runner: otherRunner(runnerUnderTest()) }).then(answerOf),
    ]);
    assert.deepEqual(ours, theirs);
    return theirs;
  }
});

function answerOf({ code, stdout, stderr }: Awaited<ReturnType<typeof runCommand>>): unknown {
  assert.equal(code, 0, stderr);
  return JSON.parse(stdout);
}

function assertWorkflowIs(workflow: unknown, run: RunView): void {
  const {
    workflowID,
    status,
    workflowName,
    createdAt,
    updatedAt,
    executorId,
    recoveryAttempts,
    applicationVersion,
  } = fieldsOf(workflow);
  const { header } = run;
  assert.deepEqual(
    {
      workflowID,
      status,
      workflowName,
      createdAt,
      updatedAt,
      executorId,
      recoveryAttempts,
      applicationVersion,
    },
    {
      workflowID: run.run_id,
      status: run.dbos_status,
      workflowName: header.name,
      createdAt: header.created_at,
      updatedAt: header.updated_at,
      executorId: header.executor_id,
      recoveryAttempts: header.recovery_attempts,
      applicationVersion: header.application_version,
    },
  );
}

function assertStepsAre(steps: unknown, run: RunView): void {
  assert.ok(Array.isArray(steps));
  assert.deepEqual(
    steps
      .map(fieldsOf)
      .map(({ functionID, name, startedAtEpochMs, completedAtEpochMs, error }) => [
        functionID,
        name,
        startedAtEpochMs,
        completedAtEpochMs,
        error !== null,
      ]),
    run.timeline.map((step) => [
      step.function_id,
      step.function_name,
      step.started_at_epoch_ms,
      step.completed_at_epoch_ms,
      step.error !== null,
    ]),
  );
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  assert.ok(typeof value === "object" && value !== null);
  return Object.fromEntries(Object.entries(value));
}

/** A run whose status in DBOS is changed in the database to one that this program does not set. */
function withStatus(dbosStatus: string, status: string): Case {
  return {
    statuses: [dbosStatus, status],
    compareSteps: false,
    async make({ url, database }) {
      const { run_id } = await completeRun(url, `# ${dbosStatus}`);
      await database.query("update dbos.workflow_status set status = $2 where workflow_uuid = $1", [
        run_id,
        dbosStatus,
      ]);
      return run_id;
    },
  };
}
