import { join } from "node:path";
import { type PollOptions, pollUntil } from "../poll.ts";
import { runCommand, startChild, type TestChild } from "./child.ts";
import { temporaryFolder } from "./paths.ts";
import { programCommand, type Runner, runnerUnderTest } from "./runner.ts";

export type LogLine = Readonly<Record<string, unknown> & { level: string; msg: string }>;

/** The real program in a process of its own, serving. Disposing of it kills it, if it still lives. */
export type TestProgram = Readonly<{
  url: string;
  pid: number;
  runner: Runner;
  bundlesRoot: string;
  /** What it has logged so far. */
  logs(): readonly LogLine[];
  /** The first line of its log that `matches`, waited for. */
  logged(what: string, matches: (line: LogLine) => boolean, patience?: PollOptions): Promise<LogLine>;
  /** Its exit code, once it has ended. */
  exited: Promise<number | null>;
  /** SIGKILL, and the process is gone. */
  kill9(): Promise<void>;
  /** SIGTERM, and its exit code. */
  stop(): Promise<number | null>;
}> &
  AsyncDisposable;

export type ProgramOptions = Readonly<{
  database: Readonly<{ url: string }>;
  runner?: Runner;
  env?: Readonly<Record<string, string>>;
  /** Where it writes bundles; a folder of its own where not given. */
  bundlesRoot?: string;
}>;

/** Starts `jejakekal api` on a free port and returns once `/healthz` says that all is well. */
export async function startProgram(options: ProgramOptions): Promise<TestProgram> {
  const program = await launchProgram(options);
  try {
    await pollUntil(`${program.url}/healthz is well`, async () => (await fetch(`${program.url}/healthz`)).ok);
    return program;
  } catch (error) {
    await program[Symbol.asyncDispose]();
    throw error;
  }
}

async function launchProgram({ database, runner = runnerUnderTest(), env, bundlesRoot }: ProgramOptions) {
  const undo = new AsyncDisposableStack();
  try {
    const folder = undo.use(temporaryFolder()).path;
    const bundles = bundlesRoot ?? join(folder, "bundles");
    const child = undo.use(
      startChild([...programCommand(runner), "api"], {
        API_PORT: "0",
        DBOS_SYSTEM_DATABASE_URL: database.url,
        JEJAKEKAL_HOME: folder,
        JEJAKEKAL_BUNDLES_ROOT: bundles,
        JEJAKEKAL_WARM_PROCESSES: "0",
        JEJAKEKAL_WORKERS: "1",
        ...env,
      }),
    );
    const url = await child.lineOf("it listens", (line) => {
      const entry = readLogLine(line);
      return entry.msg === "listening" ? String(entry.url) : undefined;
    });
    return { ...describe(child, url, runner, bundles), [Symbol.asyncDispose]: () => undo.disposeAsync() };
  } catch (error) {
    await undo.disposeAsync();
    throw error;
  }
}

function describe(child: TestChild, url: string, runner: Runner, bundlesRoot: string) {
  const logs = () => child.stdout.map(readLogLine);
  return {
    url,
    pid: child.pid,
    runner,
    bundlesRoot,
    logs,
    logged: (what: string, matches: (line: LogLine) => boolean, patience?: PollOptions) =>
      pollUntil(`a log line: ${what}`, () => logs().find(matches), patience),
    exited: child.exited,
    async kill9() {
      child.signal("SIGKILL");
      await child.exited;
    },
    async stop() {
      child.signal("SIGTERM");
      return await child.exited;
    },
  };
}

function readLogLine(line: string): LogLine {
  try {
    return JSON.parse(line);
  } catch {
    return { level: "none", msg: line };
  }
}

/** Runs a subcommand of the program to its end; what it printed on stdout is its answer. */
export async function runProgram(
  args: readonly string[],
  { database, runner = runnerUnderTest(), env, bundlesRoot }: ProgramOptions,
): Promise<{ code: number | null; stdout: string; stderr: string }> {
  using folder = temporaryFolder();
  return await runCommand([...programCommand(runner), ...args], {
    env: {
      DBOS_SYSTEM_DATABASE_URL: database.url,
      JEJAKEKAL_HOME: folder.path,
      JEJAKEKAL_BUNDLES_ROOT: bundlesRoot ?? join(folder.path, "bundles"),
      ...env,
    },
  });
}
