/** Scenarios of crashes, recovery and retries. */
import { startRun, waitForEnd, waitForRun } from "../client.ts";
import type { RunView } from "../projection/run-view.ts";
import { stepNames } from "./client.ts";
import type { Scenario, ScenarioContext } from "./scenario.ts";

export const crashScenarios: readonly Scenario[] = [
  { id: "7", title: "SIGKILL in mid-sleep, then resume", run: runKillInSleep },
  { id: "8", title: "SIGKILL right after the 202, then restart", run: runKillAfterStart },
  { id: "9", title: "A step that fails is retried with backoff", run: runFlakyStep },
];

async function runKillInSleep({ program, check }: ScenarioContext): Promise<void> {
  const runId = await startRun(program.api, { source: "kill9-demo", sleepMs: 2_000 });
  const before = await waitForRun(program.api, runId, "sleeps", (run) =>
    stepNames(run).includes("DBOS.sleep"),
  );
  await program.kill9();
  check(
    `kill -9, ${stepNames(before)} recorded`,
    "the run is cut off while it sleeps",
    before.dbos_status,
    before.dbos_status === "PENDING",
  );
  await program.start();
  const after = await waitForEnd(program.api, runId);
  check(
    `restart, GET /runs/${runId}`,
    "done / SUCCESS",
    `${after.status} / ${after.dbos_status}`,
    after.dbos_status === "SUCCESS",
  );
  const counts = await program.psql(
    `select function_name, count(*) from dbos.operation_outputs where workflow_uuid = '${runId}' and function_name in ('prepare', 'DBOS.sleep') group by 1 order by 1`,
  );
  check(
    "psql: rows of prepare and DBOS.sleep",
    "one each",
    counts.replaceAll("\n", ", "),
    counts.split("\n").sort().join() === "DBOS.sleep|1,prepare|1",
  );
  const [was, is] = [before, after].map((run) => prepareOf(run)?.completed_at_epoch_ms);
  check(
    "prepare.completed_at_epoch_ms",
    `${was}, as before the kill`,
    String(is),
    was === is && is !== undefined,
  );
}

function prepareOf(run: RunView) {
  return run.timeline.find(({ function_name }) => function_name === "prepare");
}

async function runKillAfterStart({ program, check }: ScenarioContext): Promise<void> {
  const runId = await startRun(program.api, { source: "durable start", sleepMs: 50 });
  await program.kill9();
  const left = await program.psql(`select status from dbos.workflow_status where workflow_uuid = '${runId}'`);
  check(
    "kill -9 on the 202; psql: workflow_status",
    "a row: what was answered 202 is not lost",
    left,
    left !== "",
  );
  await program.start();
  const run = await waitForEnd(program.api, runId);
  const names = stepNames(run);
  check(
    `restart, GET /runs/${runId}`,
    "done / SUCCESS",
    `${run.status} / ${run.dbos_status}`,
    run.dbos_status === "SUCCESS",
  );
  check("its steps", "each once", names, new Set(names).size === names.length && names.length > 0);
}

const FAILURES = 2;

/** Makes the database refuse the artifact of one step twice. A sequence counts, because a rollback does not undo it. */
const flakyTrigger = (runId: string) => `
create sequence public.signoff_attempts;
create function public.signoff_flaky() returns trigger language plpgsql as $$ begin
  if nextval('public.signoff_attempts') <= ${FAILURES} then raise exception 'flaky on purpose'; end if;
  return new;
end $$;
create trigger signoff_flaky before insert on jejakekal.artifact for each row
  when (new.run_id = '${runId}' and new.type = 'docir') execute function public.signoff_flaky()`;

const NO_TRIGGER =
  "drop trigger signoff_flaky on jejakekal.artifact; drop function public.signoff_flaky; drop sequence public.signoff_attempts";

async function runFlakyStep({ program, check, repository }: ScenarioContext): Promise<void> {
  const runId = "signoff-flaky";
  await program.psql(flakyTrigger(runId));
  try {
    await startRun(program.api, { source: "flaky on purpose", workflowId: runId, sleepMs: 5 });
    const run = await waitForEnd(program.api, runId);
    const tries = await program.psql("select last_value from public.signoff_attempts");
    const docir = run.timeline.find(({ function_name }) => function_name === "docir");
    const what = `a trigger refuses the artifact of docir ${FAILURES} times`;
    check(
      `${what}; GET /runs/${runId}`,
      "done / SUCCESS",
      `${run.status} / ${run.dbos_status}`,
      run.dbos_status === "SUCCESS",
    );
    check(
      "the trigger's count, timeline[docir].attempt",
      "3 and 3",
      `${tries} and ${docir?.attempt}`,
      tries === "3" && docir?.attempt === 3,
    );
    const [first = 0, second = 0] = failedAttemptsOf(program.logs(), runId);
    const [gap, nextGap] = [second - first, Number(docir?.completed_at_epoch_ms) - second];
    check(
      "pauses between the attempts",
      "the second longer than the first",
      `${gap} ms, then ${nextGap} ms`,
      first > 0 && nextGap > gap,
    );
  } finally {
    await program.psql(NO_TRIGGER);
  }
  await repository?.checkLane(check, "test:workflow");
}

/** The times at which attempts of the run's steps failed, in epoch milliseconds. */
function failedAttemptsOf(logs: readonly Readonly<Record<string, unknown>>[], runId: string): number[] {
  return logs
    .filter((line) => line.msg === "step attempt failed" && line.runId === runId)
    .map(({ time }) => Date.parse(String(time)));
}
