/**
 * A client of the HTTP API, for all that drive the program from outside: tests, benchmarks, the demo, the smoke test and the
 * signoff. It knows the course's happy path: start a document, poll the run to its end, check its steps and artifacts, export it.
 */
import { ARTIFACT_TYPES } from "./domain/artifact.ts";
import { isTerminal, RUN_STEPS } from "./domain/run.ts";
import { type PollOptions, pollUntil } from "./poll.ts";
import type { RunView } from "./projection/run-view.ts";

/** A response with its body read. */
export type Reply = Readonly<{ status: number; headers: Headers; text: string }>;

/** The body of `GET /runs/:id/export`, as far as a client checks it. */
export type ExportedRun = Readonly<{
  run_id: string;
  dbos_status: string;
  artifacts: readonly Readonly<{ id: string; sha256: string; bytes: number }>[];
  run_bundle_path: string;
}>;

const REQUEST_TIMEOUT_MS = 30_000;
const RUN_TIMEOUT_MS = 120_000;

/** Follows no redirect and throws only when there is no response within 30 s. */
export async function request(
  url: string,
  init: RequestInit = {},
): Promise<Reply & Readonly<{ bytes: Uint8Array }>> {
  const response = await fetch(url, {
    redirect: "manual",
    signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
    ...init,
  });
  const bytes = new Uint8Array(await response.arrayBuffer());
  return { status: response.status, headers: response.headers, bytes, text: new TextDecoder().decode(bytes) };
}

/** Posts a value as JSON, or a string as it is under the media type of JSON. */
export function postJson(url: string, body: unknown): Promise<Reply> {
  return request(url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });
}

/**
 * Posts a document as JSON and returns the id of its run.
 * @throws Error with the response when it is not 202
 */
export async function startRun(
  apiUrl: string,
  body: Readonly<Record<string, unknown>> | string = { source: "# Title\n\nA line.\n" },
): Promise<string> {
  const url = `${apiUrl}/runs`;
  return runIdOf(await postJson(url, typeof body === "string" ? { source: body } : body));
}

/** As `startRun`, with the document's bytes as the body and its options in the query. */
export async function startRunOfFile(
  apiUrl: string,
  {
    bytes,
    mediaType,
    query,
  }: Readonly<{ bytes: Uint8Array; mediaType: string; query: Record<string, string> }>,
): Promise<string> {
  const url = `${apiUrl}/runs?${new URLSearchParams(query)}`;
  return runIdOf(
    await request(url, { method: "POST", headers: { "content-type": mediaType }, body: Buffer.from(bytes) }),
  );
}

function runIdOf({ status, text }: Reply): string {
  if (status !== 202) throw new Error(`POST /runs answered ${status} ${text}`);
  const { run_id } = JSON.parse(text) as { run_id: string };
  return run_id;
}

export async function readRun(apiUrl: string, runId: string): Promise<RunView> {
  return (await getJson(`${apiUrl}/runs/${runId}`)) as RunView;
}

/** Polls the run until `matches` is true of it, and returns it. */
export function waitForRun(
  apiUrl: string,
  runId: string,
  what: string,
  matches: (run: RunView) => boolean,
  options?: PollOptions,
): Promise<RunView> {
  const ask = async () => {
    const run = await readRun(apiUrl, runId);
    return matches(run) ? run : null;
  };
  return pollUntil(`run ${runId} ${what}`, ask, { timeoutMs: RUN_TIMEOUT_MS, ...options });
}

/** Polls the run until it has ended, whatever its status then is. */
export function waitForEnd(apiUrl: string, runId: string, options?: PollOptions): Promise<RunView> {
  return waitForRun(apiUrl, runId, "ends", (run) => isTerminal(run.dbos_status), options);
}

/** Starts a run and returns it once it has completed. */
export async function completeRun(apiUrl: string, body?: Parameters<typeof startRun>[1]): Promise<RunView> {
  const run = await waitForEnd(apiUrl, await startRun(apiUrl, body));
  checkCompleted(run);
  return run;
}

export async function exportRun(apiUrl: string, runId: string): Promise<ExportedRun> {
  return (await getJson(`${apiUrl}/runs/${runId}/export`)) as ExportedRun;
}

/** @throws Error that names the first difference from a run that completed with every step in order */
export function checkCompleted({ run_id, status, dbos_status, header, timeline }: RunView): void {
  if (status !== "done" || dbos_status !== "SUCCESS")
    throw new Error(`run ${run_id} ended as ${status} (${dbos_status}): ${JSON.stringify(header.error)}`);
  checkList(
    `the steps of run ${run_id}`,
    timeline.map(({ function_id, function_name }) => `${function_id} ${function_name}`),
    RUN_STEPS.map((step, functionId) => `${functionId} ${step}`),
  );
}

/** @throws Error that names the first difference from the export of a completed run */
export function checkExported({ run_id, dbos_status, artifacts }: ExportedRun): void {
  if (dbos_status !== "SUCCESS") throw new Error(`the export of run ${run_id} says ${dbos_status}`);
  checkList(
    `the artifacts of run ${run_id}`,
    artifacts.map(({ id }) => id),
    ARTIFACT_TYPES,
  );
}

function checkList(what: string, actual: readonly string[], expected: readonly string[]): void {
  if (actual.join() !== expected.join())
    throw new Error(`${what} are ${actual.join(", ")} instead of ${expected.join(", ")}`);
}

async function getJson(url: string): Promise<unknown> {
  const { status, text } = await request(url);
  if (status !== 200) throw new Error(`GET ${new URL(url).pathname} answered ${status} ${text}`);
  return JSON.parse(text);
}
