import { setTimeout as sleep } from "node:timers/promises";

export type Patience = Readonly<{ timeoutMs?: number; everyMs?: number }>;

/** Thrown by what `until` asks, when waiting any longer makes no sense. */
export class Hopeless extends Error {}

/**
 * Asks again and again until there is an answer, and returns it. `null`, `undefined` and `false` are no answer.
 * @throws Error that says what was waited for, and what the last attempt threw, once `timeoutMs` (15 s) have passed
 */
export async function until<Answer>(
  what: string,
  ask: () => Promise<Answer | null | undefined | false> | Answer | null | undefined | false,
  { timeoutMs = 15_000, everyMs = 10 }: Patience = {},
): Promise<Answer> {
  const deadline = performance.now() + timeoutMs;
  let cause: unknown;
  for (;;) {
    try {
      const answer = await ask();
      if (answer !== null && answer !== undefined && answer !== false) return answer;
      cause = undefined;
    } catch (error) {
      if (error instanceof Hopeless) throw error;
      cause = error;
    }
    if (performance.now() > deadline) throw new Error(`not within ${timeoutMs} ms: ${what}`, { cause });
    await sleep(everyMs);
  }
}
