import { type ChildProcess, spawn } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inheritedEnvironment } from "../config.ts";
import { findFreePorts } from "../free-port.ts";
import { ownCommand } from "../own-command.ts";
import { pollUntil } from "../poll.ts";
import { ask } from "./client.ts";

/** The program under test, with a fresh data folder and free ports. Scenarios start, kill and query it as an operator does. */
export type Program = Readonly<{
  api: string;
  ui: string;
  /** The command line of this program, as a person types it. */
  name: string;
  command: readonly string[];
  start(): Promise<void>;
  /** Sends SIGKILL and waits for the end of the process. */
  kill9(): Promise<void>;
  /** Runs a subcommand to its end. */
  cli(...args: readonly string[]): Promise<CommandOutcome>;
  /** The result of a query: one line per row, columns separated by `|`. */
  psql(sql: string): Promise<string>;
  /** The log of the service, over all its starts. */
  logs(): readonly Readonly<Record<string, unknown>>[];
  /** Ends the service and its database, and removes its files. */
  close(): Promise<void>;
}>;

export type CommandOutcome = Readonly<{ code: number | null; stdout: string; stderr: string }>;

const START_TIMEOUT_MS = 30_000;

export async function startProgram(): Promise<Program> {
  const command = ownCommand();
  const folder = mkdtempSync(join(tmpdir(), "jejakekal-signoff-"));
  // When root starts the program, the database runs as an unprivileged user, who must reach this folder.
  chmodSync(folder, 0o755);
  const [apiPort = 0, uiPort = 0, pgPort = 0] = await findFreePorts(3);
  const { PATH, HOME, TMPDIR } = inheritedEnvironment();
  const env = {
    ...withoutUndefined({ PATH, HOME, TMPDIR }),
    API_PORT: String(apiPort),
    UI_PORT: String(uiPort),
    PGPORT: String(pgPort),
    JEJAKEKAL_HOME: join(folder, "home"),
    JEJAKEKAL_BUNDLES_ROOT: join(folder, "run-bundles"),
  };
  const api = `http://127.0.0.1:${apiPort}`;
  const children = new Set<ChildProcess>();
  const lines: string[] = [];
  let service: ChildProcess | null = null;
  let isClosing = false;
  process.once("exit", () => {
    for (const child of children) child.kill("SIGKILL");
  });

  const launch = (args: readonly string[]) => {
    const [file = "", ...own] = [...command, ...args];
    const child = spawn(file, own, { cwd: folder, env, stdio: ["ignore", "pipe", "pipe"] });
    children.add(child);
    child.once("close", () => children.delete(child));
    return child;
  };

  const cli = async (...args: readonly string[]): Promise<CommandOutcome> => {
    const child = launch(args);
    const [stdout, stderr, code] = await Promise.all([read(child.stdout), read(child.stderr), exitOf(child)]);
    return { code, stdout: stdout.trimEnd(), stderr: stderr.trimEnd() };
  };

  return {
    api,
    ui: `http://127.0.0.1:${uiPort}`,
    name: "jejakekal",
    command,
    cli,
    async start() {
      if (isClosing) throw new Error("the program is being closed");
      const started = launch(["serve"]);
      service = started;
      void read(started.stdout, (text) => lines.push(text));
      const stderr = read(started.stderr);
      const isUp = pollUntil(
        "the service is well",
        async () => (await ask(`${api}/healthz`)).status === 200,
        { timeoutMs: START_TIMEOUT_MS, intervalMs: 25 },
      );
      const ended = exitOf(started).then(async (code) => {
        throw new Error(`the service ended with ${code}: ${await stderr}`);
      });
      // After the start, a scenario ends the service on purpose.
      ended.catch(() => {});
      await Promise.race([isUp, ended]);
    },
    async kill9() {
      if (service === null) throw new Error("the service does not run");
      const gone = exitOf(service);
      service.kill("SIGKILL");
      await gone;
      service = null;
    },
    async psql(sql) {
      const { code, stdout, stderr } = await cli("psql", "-At", "-c", sql);
      if (code !== 0) throw new Error(`psql exited with ${code}: ${stderr}`);
      return stdout;
    },
    logs: () =>
      lines
        .join("")
        .split("\n")
        .filter((line) => line.startsWith("{") && line.endsWith("}"))
        .map((line) => JSON.parse(line)),
    async close() {
      isClosing = true;
      for (const child of children) child.kill("SIGTERM");
      await Promise.all([...children].map((child) => Promise.race([exitOf(child), wait(START_TIMEOUT_MS)])));
      // After a SIGKILL no program may be left to stop the database.
      await cli("down");
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function read(stream: NodeJS.ReadableStream | null, hear?: (text: string) => void): Promise<string> {
  let all = "";
  for await (const chunk of stream ?? []) {
    const text = String(chunk);
    hear?.(text);
    all += text;
  }
  return all;
}

function exitOf(child: ChildProcess): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve(child.exitCode);
  return new Promise((resolve, reject) => {
    child.once("exit", resolve);
    child.once("error", reject);
  });
}

function wait(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms).unref());
}

function withoutUndefined(values: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(values).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}
