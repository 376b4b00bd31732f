import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";

/** Linux counts in hundredths of a second, whatever the clock of its kernel. */
const MS_PER_TICK = 10;

/** A process that waits for something for so many times its limit, or that gets no core, has failed as well. */
const MAX_CLOCK_FACTOR = 10;

/** The least time between two looks. */
const MIN_INTERVAL_MS = 20;

/**
 * Waits for `work` of another process, and rejects with `onTimeout()` when that process has used `timeoutMs` of processor time
 * meanwhile: a loaded machine is no fault of a document. By the clock it may take `MAX_CLOCK_FACTOR` times as long.
 */
export async function withProcessorTimeout<Result>(
  work: Promise<Result>,
  { pid, timeoutMs }: Readonly<{ pid: number; timeoutMs: number }>,
  onTimeout: () => Error,
): Promise<Result> {
  const deadline = performance.now() + timeoutMs * MAX_CLOCK_FACTOR;
  const usedBefore = readProcessorMs(pid);
  const { promise: timedOut, reject } = Promise.withResolvers<never>();
  let timer: NodeJS.Timeout | undefined;
  let isSettled = false;
  const look = async () => {
    const usedMs = (await readProcessorMs(pid)) - (await usedBefore);
    if (isSettled) return;
    const leftMs = Math.min(timeoutMs - usedMs, deadline - performance.now());
    if (leftMs <= 0) reject(onTimeout());
    else timer = setTimeout(look, Math.max(MIN_INTERVAL_MS, leftMs));
  };
  timer = setTimeout(look, timeoutMs);
  try {
    return await Promise.race([work, timedOut]);
  } finally {
    isSettled = true;
    clearTimeout(timer);
  }
}

/** The processor time that a process has used, in milliseconds; 0 when it has ended, or when the system does not tell. */
async function readProcessorMs(pid: number): Promise<number> {
  try {
    const ms = process.platform === "linux" ? await readMsFromProc(pid) : await readMsFromPs(pid);
    return Number.isNaN(ms) ? 0 : ms;
  } catch {
    return 0;
  }
}

async function readMsFromProc(pid: number): Promise<number> {
  const [, fields = ""] = /^\d+ \(.*\) (.*)$/s.exec(await readFile(`/proc/${pid}/stat`, "utf8")) ?? [];
  const [user, system] = fields.split(" ").slice(11, 13);
  return (Number(user) + Number(system)) * MS_PER_TICK;
}

/** `ps` prints minutes, seconds and hundredths. */
async function readMsFromPs(pid: number): Promise<number> {
  const { stdout } = await promisify(execFile)("ps", ["-o", "time=", "-p", String(pid)]);
  return (
    stdout
      .trim()
      .split(":")
      .reduce((sum, part) => sum * 60 + Number(part), 0) * 1_000
  );
}
