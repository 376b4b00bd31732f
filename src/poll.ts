import { setTimeout as sleep } from "node:timers/promises";

export type PollOptions = Readonly<{ timeoutMs?: number; intervalMs?: number }>;

/** Thrown by the function that `pollUntil` calls, when waiting longer cannot help. */
export class StopPolling extends Error {}

/**
 * Calls `ask` until it returns a value other than `null`, `undefined` and `false`, and returns that value. What `ask` throws
 * counts as no value.
 * @throws StopPolling when `ask` throws it; Error that names `what`, with the last thrown error as its cause, after `timeoutMs` (60 s)
 */
export async function pollUntil<Answer>(
  what: string,
  ask: () => Promise<Answer | null | undefined | false> | Answer | null | undefined | false,
  { timeoutMs = 60_000, intervalMs = 10 }: PollOptions = {},
): Promise<Answer> {
  const deadline = performance.now() + timeoutMs;
  let cause: unknown;
  for (;;) {
    try {
      const answer = await ask();
      if (answer !== null && answer !== undefined && answer !== false) return answer;
      cause = undefined;
    } catch (error) {
      if (error instanceof StopPolling) throw error;
      cause = error;
    }
    if (performance.now() > deadline) throw new Error(`not within ${timeoutMs} ms: ${what}`, { cause });
    await sleep(intervalMs);
  }
}
