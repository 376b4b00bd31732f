/**
 * Gives freed memory back to the system. Bun does so in pauses of its event loop, and the derivations of a large document leave none.
 * Node needs no call.
 */
export function releaseMemory(): void {
  if (process.versions.bun !== undefined) Bun.gc(true);
}

/** The same while other work goes on: this thread is held up for about a millisecond. */
export function releaseMemorySoon(): void {
  if (process.versions.bun !== undefined) Bun.gc(false);
}
