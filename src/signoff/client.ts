import { connect } from "node:net";
import { z } from "zod";
import { until } from "./patience.ts";

export type Reply = Readonly<{
  status: number;
  headers: Headers;
  bytes: Uint8Array;
  text: string;
  json: unknown;
}>;

/** A connection for each request: a program that is killed must not be remembered by a connection to it. */
const ALONE = { connection: "close" };

/** As `ask`, over a connection that is kept: as a client measures. */
export async function askKept(url: string, init: RequestInit = {}): Promise<unknown> {
  const response = await fetch(url, init);
  const answer = await response.json();
  if (!response.ok) throw new Error(`${new URL(url).pathname} answered ${response.status}`);
  return answer;
}

export async function ask(url: string, init: RequestInit = {}): Promise<Reply> {
  const response = await fetch(url, {
    ...init,
    redirect: "manual",
    headers: { ...ALONE, ...Object(init.headers) },
  });
  const bytes = new Uint8Array(await response.arrayBuffer());
  const text = new TextDecoder().decode(bytes);
  return { status: response.status, headers: response.headers, bytes, text, json: parseOrNull(text) };
}

export function post(url: string, body: unknown): Promise<Reply> {
  return ask(url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });
}

function parseOrNull(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** `GET target`, byte for byte: every client tidies a path up before it sends it, and then there is nothing hostile left. */
export async function askRaw(url: string, target: string): Promise<{ status: number; body: string }> {
  const { hostname, port } = new URL(url);
  const socket = connect({ host: hostname, port: Number(port) });
  socket.setTimeout(10_000, () => socket.destroy(new Error("no answer within 10 s")));
  socket.write(
    `GET ${target} HTTP/1.1\r\nhost: ${hostname}\r\naccept: application/json\r\nconnection: close\r\n\r\n`,
  );
  let answer = "";
  for await (const chunk of socket) answer += Buffer.from(chunk).toString("utf8");
  const [head = "", ...rest] = answer.split("\r\n\r\n");
  const body = /\{.*\}/s.exec(rest.join("\r\n\r\n"))?.[0] ?? "";
  return { status: Number(head.split(" ")[1]), body };
}

const runSchema = z.object({
  run_id: z.string(),
  status: z.string(),
  dbos_status: z.string(),
  header: z.looseObject({
    name: z.string(),
    recovery_attempts: z.number(),
    executor_id: z.string().nullable(),
  }),
  timeline: z.array(
    z.looseObject({
      function_id: z.number(),
      function_name: z.string(),
      started_at_epoch_ms: z.number().nullable(),
      completed_at_epoch_ms: z.number().nullable(),
      attempt: z.number().nullable(),
      output: z.unknown(),
    }),
  ),
});

export type Run = z.output<typeof runSchema>;

const startedSchema = z.object({ run_id: z.string() });

/** Starts a run and returns its id; anything but a 202 is an error that shows the answer. */
export async function startRun(api: string, body: unknown): Promise<string> {
  const { status, text, json } = await post(`${api}/runs`, body);
  if (status !== 202) throw new Error(`POST /runs answered ${status} ${text}`);
  return startedSchema.parse(json).run_id;
}

export async function getRun(api: string, runId: string): Promise<Run> {
  return runSchema.parse((await ask(`${api}/runs/${runId}`)).json);
}

/** The run once it `isSo`. */
export function runWhen(api: string, runId: string, what: string, isSo: (run: Run) => boolean, everyMs = 25) {
  return until(
    `run ${runId} ${what}`,
    async () => {
      const run = await getRun(api, runId);
      return isSo(run) ? run : null;
    },
    everyMs,
  );
}

export function endedRun(api: string, runId: string): Promise<Run> {
  return runWhen(api, runId, "ends", ({ status }) => status !== "running");
}

export function stepNames(run: Run): string[] {
  return run.timeline.map(({ function_name }) => function_name);
}
