import { connect } from "node:net";
import { type Reply, request } from "../client.ts";
import type { RunView } from "../projection/run-view.ts";

export type JsonReply = Reply & Readonly<{ bytes: Uint8Array; json: unknown }>;

/** One connection per request, so that no connection of a killed program is reused. */
const ALONE = { connection: "close" };

/** As `ask`, over a connection that is reused, for measurements. */
export async function askKept(url: string, init: RequestInit = {}): Promise<unknown> {
  const response = await fetch(url, init);
  const answer = await response.json();
  if (!response.ok) throw new Error(`${new URL(url).pathname} answered ${response.status}`);
  return answer;
}

export async function ask(url: string, init: RequestInit = {}): Promise<JsonReply> {
  const reply = await request(url, { ...init, headers: { ...ALONE, ...Object(init.headers) } });
  return { ...reply, json: parseOrNull(reply.text) };
}

export function post(url: string, body: unknown): Promise<JsonReply> {
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

/** Sends `GET target` byte for byte. HTTP clients normalise a path before they send it, which would remove the traversal. */
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

export function stepNames(run: RunView): string[] {
  return run.timeline.map(({ function_name }) => function_name);
}
