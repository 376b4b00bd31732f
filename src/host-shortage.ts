import { open } from "node:fs/promises";
import { devNull } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";

/** What the operating system reports when it lacks file descriptors, processes or memory. */
const SHORTAGE_CODES = new Set(["EMFILE", "ENFILE", "ENOMEM", "ENOBUFS", "EAGAIN"]);

/** Whether an error, or a cause of it, means that the host lacks a resource. It passes, and is no fault of the work that met it. */
export function isHostShortage(error: unknown): boolean {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if ("code" in cause && SHORTAGE_CODES.has(String(cause.code))) return true;
  }
  return false;
}

const PROBE_INTERVAL_MS = 500;

/** Calls `work` again after each shortage of the host, and reports the shortage first. */
export async function retryHostShortage<Result>(
  work: () => Promise<Result>,
  onShortage: (error: unknown) => void,
): Promise<Result> {
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (!isHostShortage(error)) throw error;
      onShortage(error);
      await whenFilesCanBeOpened();
    }
  }
}

async function whenFilesCanBeOpened(): Promise<void> {
  for (;;) {
    await sleep(PROBE_INTERVAL_MS);
    try {
      await (await open(devNull)).close();
      return;
    } catch (error) {
      if (!isHostShortage(error)) throw error;
    }
  }
}
