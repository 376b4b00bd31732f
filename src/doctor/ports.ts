import { createServer } from "node:http";
import { assertDistinctPorts, type Config } from "../config.ts";
import { codeOf } from "../error-code.ts";
import { StartFailure } from "../failure.ts";
import { bindServer } from "../http/bind.ts";
import { type Check, failed, failedAs, passed } from "./check.ts";
import { findPortOwner } from "./port-owner.ts";

type ListenerPort = Readonly<{ variable: "API_PORT" | "UI_PORT"; port: number }>;

type PortSettings = Pick<Config, "host" | "apiPort" | "uiPort" | "pgPort" | "databaseUrl" | "embedApi">;

/**
 * A check for each port of the listeners: it is free, or this program listens there already. One check that fails when settings have
 * the same port.
 */
export async function checkPorts(config: PortSettings): Promise<readonly Check[]> {
  const { host, apiPort, uiPort, embedApi } = config;
  try {
    assertDistinctPorts(config, embedApi ? ["api", "ui"] : ["ui"]);
  } catch (error) {
    if (error instanceof StartFailure) return [failedAs("ports", error.message, "change one of them")];
    throw error;
  }
  const ui: ListenerPort = { variable: "UI_PORT", port: uiPort };
  const ports = embedApi ? [{ variable: "API_PORT", port: apiPort } as const, ui] : [ui];
  return Promise.all(ports.map((listener) => checkPort(host, listener)));
}

async function checkPort(host: string, { variable, port }: ListenerPort): Promise<Check> {
  if (port === 0) return passed(variable, "is 0: each start takes a free port");
  const refusal = await tryToBind(host, port, variable);
  if (refusal === null) return passed(variable, `port ${port} on ${host} is free`);
  if (codeOf(refusal.cause) !== "EADDRINUSE") {
    return failedAs(
      variable,
      refusal.message.slice(`${variable}: `.length),
      `set ${variable} to another port`,
    );
  }
  const service = await findService(host, port);
  if (service !== null) return passed(variable, `port ${port} on ${host} is that of ${service}`);
  return failed(
    variable,
    `port ${port} on ${host} is taken by ${findPortOwner(port) ?? "another program"}`,
    `stop what listens there, or set ${variable} to a free port`,
  );
}

/** Null when the port could be opened; it is closed again. */
async function tryToBind(host: string, port: number, variable: string): Promise<Error | null> {
  const server = createServer();
  try {
    await bindServer(server, host, port, variable);
    await new Promise((closed) => server.close(closed));
    return null;
  } catch (error) {
    if (error instanceof Error) return error;
    throw error;
  }
}

const ANSWER_TIMEOUT_MS = 3_000;

/** This program, running, in words; null when something else answers. */
async function findService(host: string, port: number): Promise<string | null> {
  const address =
    host === "0.0.0.0" ? "127.0.0.1" : host === "::" ? "[::1]" : host.includes(":") ? `[${host}]` : host;
  try {
    const response = await fetch(`http://${address}:${port}/healthz`, {
      headers: { accept: "application/json" },
      redirect: "error",
      signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS),
    });
    const health: unknown = await response.json();
    // Other programs answer /healthz with `ok` as well.
    if (typeof health !== "object" || health === null || !("worker" in health && "ok" in health)) return null;
    const { ok, version, node } = health as Readonly<Record<string, unknown>>;
    const identity = version === undefined ? "" : ` ${version}, node ${node}`;
    return `jejakekal${identity}, which is ${ok === true ? "well" : "not well: see its /healthz"}`;
  } catch {
    return null;
  }
}
