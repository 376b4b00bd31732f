import { type ChildProcess, spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { pollUntil, StopPolling } from "../poll.ts";
import { testEnvironment } from "./environment.ts";
import { REPOSITORY } from "./paths.ts";

/** A process that a test started. Disposing of it kills it, if it still lives. */
export type TestChild = Readonly<{
  pid: number;
  stdout: readonly string[];
  stderr: readonly string[];
  exited: Promise<number | null>;
  isAlive(): boolean;
  signal(signal: NodeJS.Signals): void;
  write(text: string): void;
  endInput(): void;
  /** The first value that `read` makes of a line on stdout, past lines included. */
  lineOf<Value>(what: string, read: (line: string) => Value | undefined): Promise<Value>;
}> &
  AsyncDisposable;

const alive = new Set<ChildProcess>();
process.once("exit", () => {
  for (const child of alive) child.kill("SIGKILL");
});

export function startChild(
  [file = "", ...args]: readonly string[],
  env: Readonly<Record<string, string>> = {},
): TestChild {
  const child = spawn(file, args, {
    cwd: REPOSITORY,
    env: { ...testEnvironment.inherited, ...env },
    stdio: ["pipe", "pipe", "pipe"],
  });
  alive.add(child);
  const [stdout, stderr] = [collect(child.stdout), collect(child.stderr)];
  // A write to a process that has ended fails; no test depends on it.
  child.stdin.on("error", () => {});
  const { promise: exited, resolve, reject } = Promise.withResolvers<number | null>();
  child.once("error", reject);
  // `close` instead of `exit`, because it is emitted when all output has been read.
  child.once("close", (code) => {
    alive.delete(child);
    resolve(code);
  });
  const isAlive = () => alive.has(child);
  return {
    pid: child.pid ?? -1,
    stdout,
    stderr,
    exited,
    isAlive,
    signal: (signal) => void child.kill(signal),
    write: (text) => void child.stdin.write(text),
    endInput: () => void child.stdin.end(),
    async lineOf(what, read) {
      const look = () => {
        for (const line of stdout) {
          const value = read(line);
          if (value !== undefined) return { value };
        }
        const said = [...stdout, ...stderr].join("\n");
        if (!isAlive()) throw new StopPolling(`it ended before ${what}: ${said}`);
        throw new Error(`so far it said: ${said}`);
      };
      return (await pollUntil(what, look, { timeoutMs: 120_000 })).value;
    },
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await exited;
    },
  };
}

function collect(stream: NodeJS.ReadableStream): string[] {
  const lines: string[] = [];
  createInterface({ input: stream }).on("line", (line) => lines.push(line));
  return lines;
}

/** Runs a command to its end. */
export async function runCommand(
  command: readonly string[],
  { env, input = "" }: { env?: Readonly<Record<string, string>>; input?: string } = {},
): Promise<{ code: number | null; stdout: string; stderr: string }> {
  await using child = startChild(command, env);
  child.write(input);
  child.endInput();
  const code = await child.exited;
  return { code, stdout: child.stdout.join("\n"), stderr: child.stderr.join("\n") };
}

/** The processes that a process has started and whose command line has this word. */
export function findChildren(parentPid: number, word: string): readonly number[] {
  const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  return pids.map(Number).filter((pid) => {
    try {
      const [, parent] = /^\d+ \(.*\) \S (\d+)/s.exec(readFileSync(`/proc/${pid}/stat`, "utf8")) ?? [];
      return (
        Number(parent) === parentPid &&
        readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0").includes(word)
      );
    } catch {
      return false; // It has ended meanwhile.
    }
  });
}
