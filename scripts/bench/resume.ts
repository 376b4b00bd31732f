/** `POST /runs/:id/resume` to the first new step in the database, beside a bare `DBOS.resumeWorkflow` and a poll of its queue. */

import { DBOS } from "@dbos-inc/dbos-sdk";
import pg from "pg";
import { startRun, waitForEnd, waitForRun } from "../../src/client.ts";
import { pollRecoveryQueue } from "../../src/engine/queue.ts";
import { onePageDocument, startBenchProgram } from "./program.ts";
import { round, summarise, writeReport } from "./support.ts";

const RUNS = 28;
const BARE_RUNS = 10;
const SLEEP_MS = 150;

const program = await startBenchProgram("resume");
const client = new pg.Client({ connectionString: program.databaseUrl });
await client.connect();

const resume: number[] = [];
const bare: number[] = [];
for (let serial = 0; serial < RUNS + BARE_RUNS; serial += 1) {
  const runId = await cancelledRun(serial);
  const began = performance.now();
  if (serial % 4 === 3 && bare.length < BARE_RUNS) {
    await DBOS.resumeWorkflow(runId);
    await pollRecoveryQueue();
    bare.push((await firstNewStep(runId)) - began);
  } else {
    const response = await fetch(`${program.apiUrl}/runs/${runId}/resume`, { method: "POST" });
    if (response.status !== 202) throw new Error(`resume answered ${response.status}`);
    resume.push((await firstNewStep(runId)) - began);
  }
  await waitForEnd(program.apiUrl, runId, { intervalMs: 5 });
}
await client.end();
await program.close();

const ours = summarise(resume);
const theirs = summarise(bare);
writeReport(
  "resume",
  {
    resume_latency_ms: ours.p95,
    resume_p50_ms: ours.p50,
    resume_to_bare_ratio: round(ours.p50 / theirs.p50),
  },
  { "POST /runs/:id/resume": ours, "bare DBOS.resumeWorkflow": theirs },
);
process.exit(0);

/** A run that was cancelled during its sleep, after the end of that sleep: a resume continues with the next step at once. */
async function cancelledRun(serial: number): Promise<string> {
  const runId = await startRun(program.apiUrl, { source: onePageDocument(serial), sleepMs: SLEEP_MS });
  await waitForRun(
    program.apiUrl,
    runId,
    "sleeps",
    ({ timeline }) => timeline.some((step) => step.function_name === "DBOS.sleep"),
    { intervalMs: 2 },
  );
  const response = await fetch(`${program.apiUrl}/runs/${runId}/cancel`, { method: "POST" });
  if (response.status !== 202) throw new Error(`cancel answered ${response.status}`);
  await new Promise((resolve) => setTimeout(resolve, SLEEP_MS + 50));
  return runId;
}

/** The time at which the step after the sleep is in the database. */
async function firstNewStep(runId: string): Promise<number> {
  for (;;) {
    const { rowCount } = await client.query({
      name: "first-new-step",
      text: "select from dbos.operation_outputs where workflow_uuid = $1 and function_id = 2",
      values: [runId],
    });
    if (rowCount === 1) return performance.now();
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}
