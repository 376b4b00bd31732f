import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";

const BYTES_PER_KIB = 1024;

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

/** The resident memory of a process in bytes; 0 when it has ended, or when the system does not tell. */
export async function readResidentBytes(pid: number): Promise<number> {
  try {
    const kib = process.platform === "linux" ? await readKibFromProc(pid) : await readKibFromPs(pid);
    return Number.isNaN(kib) ? 0 : kib * BYTES_PER_KIB;
  } catch {
    return 0;
  }
}

async function readKibFromProc(pid: number): Promise<number> {
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(await readFile(`/proc/${pid}/status`, "utf8"))?.[1]);
}

async function readKibFromPs(pid: number): Promise<number> {
  const { stdout } = await promisify(execFile)("ps", ["-o", "rss=", "-p", String(pid)]);
  return Number.parseInt(stdout, 10);
}
