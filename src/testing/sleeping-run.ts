import assert from "node:assert/strict";
import { postJson, startRun, waitForRun } from "../client.ts";
import type { TestDatabase } from "./database.ts";

/** Longer than any test, so that what is to happen during the sleep has the time that a slow machine needs. */
export const LONG_SLEEP_MS = 3_600_000;

/** Starts a run and returns its id once it sleeps, which it does for an hour. */
export async function startAsleep(
  apiUrl: string,
  body: Readonly<{ source: string; workflowId?: string }>,
): Promise<string> {
  const runId = await startRun(apiUrl, { ...body, sleepMs: LONG_SLEEP_MS });
  await waitForRun(apiUrl, runId, "sleeps", ({ timeline }) => timeline.length === 2);
  return runId;
}

/** Has the sleep of a run end now: the next execution of the run goes on at once. The one under way sleeps on. */
export async function endSleep(database: Pick<TestDatabase, "query">, runId: string): Promise<void> {
  const changed = await database.query(
    `update dbos.operation_outputs
        set output = jejakekal.now_epoch_ms()::text, completed_at_epoch_ms = jejakekal.now_epoch_ms()
      where workflow_uuid = $1 and function_name = 'DBOS.sleep'
      returning function_id`,
    [runId],
  );
  assert.equal(changed.length, 1, `${runId} sleeps`);
}

/** Cancels a run that sleeps, and resumes it with its sleep ended. */
export async function wake(
  { url, database }: Readonly<{ url: string; database: Pick<TestDatabase, "query"> }>,
  runId: string,
): Promise<void> {
  assert.equal((await postJson(`${url}/runs/${runId}/cancel`, {})).status, 202);
  await endSleep(database, runId);
  assert.equal((await postJson(`${url}/runs/${runId}/resume`, {})).status, 202);
}
