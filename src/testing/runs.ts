import assert from "node:assert/strict";
import { isTerminal } from "../domain/run.ts";
import type { RunView } from "../projection/run-view.ts";
import { jsonOf, objectOf, postJson, request } from "./http.ts";
import { type Patience, until } from "./poll.ts";

/** Posts a run that must be accepted, and returns its id. */
export async function startRun(
  url: string,
  body: Readonly<Record<string, unknown>> | string = { source: "# Title\n\nA line.\n" },
): Promise<string> {
  const reply = await postJson(`${url}/runs`, typeof body === "string" ? { source: body } : body);
  assert.equal(reply.status, 202, reply.text);
  return String(objectOf(reply).run_id);
}

export async function readRun(url: string, runId: string): Promise<RunView> {
  const reply = await request(`${url}/runs/${runId}`);
  assert.equal(reply.status, 200, reply.text);
  return jsonOf(reply) as RunView;
}

/** The run once `matches` is true of it. */
export function waitForRun(
  url: string,
  runId: string,
  what: string,
  matches: (run: RunView) => boolean,
  patience?: Patience,
): Promise<RunView> {
  const look = async () => {
    const run = await readRun(url, runId);
    return matches(run) ? run : null;
  };
  return until(`run ${runId} ${what}`, look, { timeoutMs: 30_000, ...patience });
}

/** The run once it has ended, well or not. */
export function endOfRun(url: string, runId: string, patience?: Patience): Promise<RunView> {
  return waitForRun(url, runId, "has ended", (run) => isTerminal(run.dbos_status), patience);
}

/** Starts a run and returns it once it has ended well. */
export async function finishedRun(url: string, body?: Parameters<typeof startRun>[1]): Promise<RunView> {
  const run = await endOfRun(url, await startRun(url, body));
  assert.equal(run.dbos_status, "SUCCESS", JSON.stringify(run.header.error));
  return run;
}
