/** A real service and a real browser, for the tests of the pages and for their picture. */
import { type ChildProcess, spawn } from "node:child_process";
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Browser, chromium } from "playwright-core";
import { findFreePorts } from "../../free-port.ts";
import { REPOSITORY } from "../paths.ts";

export type Place = Readonly<{ home: string; pgPort: number; apiPort: number; uiPort: number }>;

export type Service = Readonly<{
  apiUrl: string;
  uiUrl: string;
  /** As a power cut would: no signal that it could handle. */
  kill(): Promise<void>;
  stop(): Promise<void>;
  /** Holds it where it is, as a machine without memory would: it takes connections and answers nobody. */
  freeze(): void;
  thaw(): void;
}>;

/** A home and ports of their own: nobody else's service is in the way, and none is disturbed. */
export async function openPlace(): Promise<Place & AsyncDisposable> {
  const home = await mkdtemp(join(tmpdir(), "jejakekal-ui-"));
  // Root hands the database to an unprivileged user, who has to get here.
  await chmod(home, 0o755);
  const [pgPort = 0, apiPort = 0, uiPort = 0] = await findFreePorts(3);
  const place = { home, pgPort, apiPort, uiPort };
  return {
    ...place,
    async [Symbol.asyncDispose]() {
      // A service that ended of itself took its database along; one that was killed left it behind.
      if (await answers(pgPort)) await ended(run(place, ["down"], {}));
      await rm(home, { recursive: true, force: true });
    },
  };
}

/** Starts the program from source on the runtime that this is, and returns when its pages are well. */
export async function startService(
  place: Place,
  mode: "serve" | "api" | "split",
  env: Readonly<Record<string, string>> = {},
): Promise<Service> {
  const apiUrl = `http://127.0.0.1:${place.apiPort}`;
  const uiUrl = `http://127.0.0.1:${place.uiPort}`;
  const split = mode === "split" ? { UI_EMBED_API: "0" } : {};
  const child = run(place, [mode === "api" ? "api" : "serve"], { ...split, ...env });
  await isWell(mode === "api" ? apiUrl : uiUrl, child);
  return {
    apiUrl,
    uiUrl,
    kill: () => signal(child, "SIGKILL"),
    stop: () => signal(child, "SIGTERM"),
    freeze: () => child.kill("SIGSTOP"),
    thaw: () => child.kill("SIGCONT"),
  };
}

export const OTHER_HOST = "harbour.test";

export function openBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: [
      "--no-sandbox",
      // A name that browsers do not trust as they do loopback, for what only holds there.
      `--host-resolver-rules=MAP ${OTHER_HOST} 127.0.0.1`,
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
}

/** What Node needs to run the source; Bun needs nothing. */
const LOADERS =
  process.versions.bun === undefined ? ["--import", "tsx", "--import", "./scripts/text-modules.mjs"] : [];

function run(place: Place, args: readonly string[], env: Readonly<Record<string, string>>): ChildProcess {
  return spawn(process.execPath, [...LOADERS, "src/main.ts", ...args], {
    cwd: REPOSITORY,
    stdio: ["ignore", "ignore", "inherit"],
    env: {
      ...process.env,
      JEJAKEKAL_HOME: place.home,
      JEJAKEKAL_BUNDLES_ROOT: join(place.home, "bundles"),
      JEJAKEKAL_LOG_LEVEL: "error",
      PGPORT: String(place.pgPort),
      API_PORT: String(place.apiPort),
      UI_PORT: String(place.uiPort),
      NODE_NO_WARNINGS: "1",
      NODE_TEST_CONTEXT: "",
      ...env,
    },
  });
}

const START_TIMEOUT_MS = 60_000;

async function isWell(url: string, child: ChildProcess): Promise<void> {
  const deadline = Date.now() + START_TIMEOUT_MS;
  while (Date.now() < deadline) {
    if (child.exitCode !== null) throw new Error(`the service ended with ${child.exitCode}`);
    const answer = await fetch(`${url}/healthz`).catch(() => null);
    await answer?.body?.cancel();
    if (answer?.ok) return;
    await new Promise((wake) => setTimeout(wake, 50));
  }
  throw new Error(`${url} was not well within ${START_TIMEOUT_MS} ms`);
}

async function signal(child: ChildProcess, name: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill(name);
  await ended(child);
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  await new Promise((done) => child.once("exit", done));
}

function answers(port: number): Promise<boolean> {
  const socket = connect(port, "127.0.0.1");
  return new Promise<boolean>((done) => {
    socket.once("connect", () => done(true)).once("error", () => done(false));
  }).finally(() => socket.destroy());
}
