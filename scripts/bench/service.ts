import { spawn } from "node:child_process";
import { rmSync } from "node:fs";
import { createInterface } from "node:readline";
import { findFreePort } from "../../src/free-port.ts";
import { ownCommand } from "../../src/own-command.ts";
import { postgresTree, processTree } from "./cpu.ts";
import { ROOT } from "./support.ts";

/** A free one: another benchmark may be running on this machine. */
export const BENCH_PORT = await findFreePort();

/** A line of a service's log. */
export type LogEntry = Readonly<{ msg?: string; url?: string; runId?: string }>;

/** A service in a process of its own, on a new embedded Postgres. */
export type BenchService = Readonly<{
  apiUrl: string;
  home: string;
  pid: number;
  /** The service and its child processes, without the server that it has started. */
  listProcesses(): readonly number[];
  /** Calls `listener` with each line of the log from now on. */
  onLog(listener: (entry: LogEntry) => void): void;
  /** The processes of its Postgres. */
  listDatabaseProcesses(): readonly number[];
  stop(): Promise<void>;
}>;

export async function startBenchService(
  name: string,
  {
    command = ownCommand(),
    env = {},
  }: { command?: readonly string[]; env?: Readonly<Record<string, string>> } = {},
): Promise<BenchService> {
  const home = `${ROOT}.cache/bench/${name}`;
  rmSync(home, { recursive: true, force: true });
  const [file = "", ...args] = command;
  const service = spawn(file, [...args, "api"], {
    cwd: ROOT,
    env: {
      ...process.env,
      API_PORT: "0",
      JEJAKEKAL_PGPORT: String(BENCH_PORT),
      JEJAKEKAL_HOME: home,
      JEJAKEKAL_WORKERS: "1",
      ...env,
    },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const pid = service.pid ?? -1;
  const lines = createInterface(service.stdout);
  const onLog: BenchService["onLog"] = (listener) =>
    void lines.on("line", (line) => {
      if (line.startsWith("{")) listener(JSON.parse(line));
    });
  const apiUrl = await new Promise<string>((resolve, reject) => {
    lines.once("close", () => reject(new Error("the service does not listen")));
    onLog(({ msg, url }) => {
      if (msg === "listening" && url !== undefined) resolve(url);
    });
  });
  return {
    apiUrl,
    home,
    pid,
    onLog,
    listProcesses: () => {
      const database = new Set(postgresTree(home));
      return processTree(pid).filter((process) => !database.has(process));
    },
    listDatabaseProcesses: () => postgresTree(home),
    async stop() {
      const ended = new Promise((resolve) => service.once("exit", resolve));
      service.kill("SIGTERM");
      await ended;
    },
  };
}
