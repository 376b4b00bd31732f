/** Waits for `work`, and rejects with what `late` makes when it takes longer; the work itself goes on. */
export async function within<Result>(
  limitMs: number,
  work: Promise<Result>,
  late: () => Error,
): Promise<Result> {
  const { promise: tooLate, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(late()), limitMs);
  try {
    return await Promise.race([work, tooLate]);
  } finally {
    clearTimeout(timer);
  }
}

/** Waits for `work` to end, in whatever way, and no longer than that. */
export async function settledWithin(limitMs: number, work: Promise<unknown>): Promise<void> {
  const { promise: tooLate, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, limitMs);
  await Promise.race([tooLate, Promise.allSettled([work])]);
  clearTimeout(timer);
}
