import { setTimeout as sleep } from "node:timers/promises";

const PATIENCE_MS = 30_000;

/** Asks until the answer is more than null. What goes wrong on the way is no answer: a program may just be coming up. */
export async function until<Answer>(
  what: string,
  ask: () => Promise<Answer | null>,
  everyMs = 25,
): Promise<Answer> {
  const deadline = performance.now() + PATIENCE_MS;
  while (performance.now() < deadline) {
    const answer = await ask().catch(() => null);
    if (answer !== null) return answer;
    await sleep(everyMs);
  }
  throw new Error(`waited ${PATIENCE_MS / 1000} s in vain: ${what}`);
}
