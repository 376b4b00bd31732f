import { spawn } from "node:child_process";
import { rmSync } from "node:fs";
import { createInterface } from "node:readline";
import { findFreePort } from "../../src/free-port.ts";
import { ownCommand } from "../../src/own-command.ts";
import { postgresTree, processTree } from "./cpu.ts";
import { ROOT } from "./support.ts";

/** A free one: another benchmark may be running on this machine. */
export const BENCH_PORT = await findFreePort();

/** A service in a process of its own, on a new embedded Postgres. */
export type BenchService = Readonly<{
  apiUrl: string;
  home: string;
  pid: number;
  /** The service and its child processes, without the server that it has started. */
  listProcesses(): readonly number[];
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
  let apiUrl = "";
  const lines = createInterface(service.stdout);
  for await (const line of lines) {
    const entry: { msg?: string; url?: string } = line.startsWith("{") ? JSON.parse(line) : {};
    if (entry.msg !== "listening") continue;
    apiUrl = entry.url ?? "";
    break;
  }
  if (apiUrl === "") throw new Error("the service does not listen");
  service.stdout.resume();
  return {
    apiUrl,
    home,
    pid,
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
