import { readProcessorMs } from "./process-usage.ts";

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
