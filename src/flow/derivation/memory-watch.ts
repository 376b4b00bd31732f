import { readResidentBytes } from "./process-usage.ts";

/** How often memory is read: a derivation takes some tens of MiB more between two readings. */
const INTERVAL_MS = 100;

/** Watches the resident memory of a process; `stop` ends it. */
export type MemoryWatch = Readonly<{
  /** Rejects with `onLimit()` when the process takes more than the limit, and stays pending otherwise. */
  exceeded: Promise<never>;
  stop(): void;
}>;

/**
 * Watches from outside, because a derivation that takes much memory leaves no turn of its own event loop, and a limit of the
 * JavaScript heap exists in Node alone.
 */
export function watchMemory(pid: number, maxBytes: number, onLimit: () => Error): MemoryWatch {
  const { promise, reject } = Promise.withResolvers<never>();
  promise.catch(() => undefined);
  let timer: NodeJS.Timeout | undefined;
  let isStopped = false;
  const look = async () => {
    const bytes = await readResidentBytes(pid);
    if (isStopped) return;
    if (bytes > maxBytes) reject(onLimit());
    else timer = setTimeout(look, INTERVAL_MS);
  };
  void look();
  return {
    exceeded: promise,
    stop() {
      isStopped = true;
      clearTimeout(timer);
    },
  };
}
