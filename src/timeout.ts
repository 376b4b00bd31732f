/** Waits for `work`, and rejects with `onTimeout()` after `timeoutMs`. The work itself goes on. */
export async function withTimeout<Result>(
  work: Promise<Result>,
  timeoutMs: number,
  onTimeout: () => Error,
): Promise<Result> {
  const { promise: timedOut, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(onTimeout()), timeoutMs);
  try {
    return await Promise.race([work, timedOut]);
  } finally {
    clearTimeout(timer);
  }
}

/** Waits until `work` has settled, for `timeoutMs` at most. Never rejects. */
export async function settleWithin(work: Promise<unknown>, timeoutMs: number): Promise<void> {
  const { promise: timedOut, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, timeoutMs);
  await Promise.race([timedOut, Promise.allSettled([work])]);
  clearTimeout(timer);
}
