/**
 * A real service and a real browser, for the tests of the pages and for their picture. playwright-core instead of playwright,
 * which would download browsers: the browser is Debian's Chromium.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Browser, chromium } from "playwright-core";
import { request } from "../../client.ts";
import { findFreePorts } from "../../free-port.ts";
import { pollUntil, StopPolling } from "../../poll.ts";
import { REPOSITORY } from "../paths.ts";
import { programCommand, runnerUnderTest } from "../runner.ts";

export type ServicePlace = Readonly<{ home: string; pgPort: number; apiPort: number; uiPort: number }>;

export type Service = Readonly<{
  apiUrl: string;
  uiUrl: string;
  /** SIGKILL. */
  kill(): Promise<void>;
  stop(): Promise<void>;
  /** SIGSTOP: connections are accepted and nothing is answered. */
  suspend(): void;
  resume(): void;
}>;

/** A data folder and free ports. Disposing of it stops the database and removes the folder. */
export async function createServicePlace(): Promise<ServicePlace & AsyncDisposable> {
  const home = await mkdtemp(join(tmpdir(), "jejakekal-ui-"));
  // When root runs the tests, Postgres runs as an unprivileged user, who needs access to this folder.
  await chmod(home, 0o755);
  const [pgPort = 0, apiPort = 0, uiPort = 0] = await findFreePorts(3);
  const place = { home, pgPort, apiPort, uiPort };
  return {
    ...place,
    async [Symbol.asyncDispose]() {
      // A killed service leaves its database running.
      if (await isListening(pgPort)) await waitForExit(run(place, ["down"], {}));
      await rm(home, { recursive: true, force: true });
    },
  };
}

/** Starts the program under test and returns when its pages are healthy. */
export async function startService(
  place: ServicePlace,
  mode: "serve" | "api" | "split",
  env: Readonly<Record<string, string>> = {},
): Promise<Service> {
  const apiUrl = `http://127.0.0.1:${place.apiPort}`;
  const uiUrl = `http://127.0.0.1:${place.uiPort}`;
  const split = mode === "split" ? { UI_EMBED_API: "0" } : {};
  const child = run(place, [mode === "api" ? "api" : "serve"], { ...split, ...env });
  await waitForHealthy(mode === "api" ? apiUrl : uiUrl, child);
  return {
    apiUrl,
    uiUrl,
    kill: () => sendSignal(child, "SIGKILL"),
    stop: () => sendSignal(child, "SIGTERM"),
    suspend: () => child.kill("SIGSTOP"),
    resume: () => child.kill("SIGCONT"),
  };
}

export const NON_LOOPBACK_NAME = "harbour.test";

export function openBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: [
      "--no-sandbox",
      // A name that is not loopback for the browser, which gives less to pages there.
      `--host-resolver-rules=MAP ${NON_LOOPBACK_NAME} 127.0.0.1`,
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
}

function run(
  place: ServicePlace,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): ChildProcess {
  const [file = "", ...own] = programCommand(runnerUnderTest());
  return spawn(file, [...own, ...args], {
    cwd: REPOSITORY,
    stdio: ["ignore", "ignore", "inherit"],
    env: {
      ...process.env,
      JEJAKEKAL_HOME: place.home,
      JEJAKEKAL_BUNDLES_ROOT: join(place.home, "bundles"),
      JEJAKEKAL_LOG_LEVEL: "error",
      JEJAKEKAL_ALLOWED_HOSTS: NON_LOOPBACK_NAME,
      PGPORT: String(place.pgPort),
      API_PORT: String(place.apiPort),
      UI_PORT: String(place.uiPort),
      NODE_NO_WARNINGS: "1",
      NODE_TEST_CONTEXT: "",
      ...env,
    },
  });
}

const START_TIMEOUT_MS = 120_000;

async function waitForHealthy(url: string, child: ChildProcess): Promise<void> {
  const isHealthy = async () => {
    if (child.exitCode !== null) throw new StopPolling(`the service exited with ${child.exitCode}`);
    return (await request(`${url}/healthz`)).status === 200;
  };
  await pollUntil(`${url} is healthy`, isHealthy, { timeoutMs: START_TIMEOUT_MS, intervalMs: 50 });
}

async function sendSignal(child: ChildProcess, name: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill(name);
  await waitForExit(child);
}

async function waitForExit(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  await new Promise((done) => child.once("exit", done));
}

function isListening(port: number): Promise<boolean> {
  const socket = connect(port, "127.0.0.1");
  return new Promise<boolean>((done) => {
    socket.once("connect", () => done(true)).once("error", () => done(false));
  }).finally(() => socket.destroy());
}
