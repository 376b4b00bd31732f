/**
 * Calls `act` when the signal aborts, and at once when it has aborted before, which a listener is not told.
 * @returns removes the listener
 */
export function whenAborted(signal: AbortSignal | undefined, act: () => void): () => void {
  if (signal?.aborted) act();
  signal?.addEventListener("abort", act);
  return () => signal?.removeEventListener("abort", act);
}
