import { type DerivingProcess, startDerivingProcess } from "./child-process.ts";
import type { Derivation, Derived } from "./derive.ts";

export type DeriveInChildProcess = (
  derivation: Derivation,
  inputs: readonly Uint8Array[],
) => Promise<Derived>;

/** Each process uses one core, and memory by the size of its document; a second one lets small documents pass a large one. */
const MAX_PROCESSES = 2;

/** A start takes half a second, so a process waits for further work; the end of it frees the memory of a large document. */
const IDLE_MS = 10_000;

/** Several times what a slow machine takes. A document that takes longer is refused, because a retry would take as long. */
const BASE_TIMEOUT_MS = 60_000;
const TIMEOUT_MS_PER_MIB = 10_000;

/** A process that an earlier document has left with a larger part of its memory is not used again. */
const MAX_IDLE_PART = 1 / 4;

/**
 * Derives in child processes, so that this process stays responsive. Processes are started when they are needed, and kept for
 * `idleMs`. At most `MAX_PROCESSES` derive at once; further derivations wait in order.
 * @param command the command line that runs this program with `DERIVE_SUBCOMMAND`
 * @param options `maxBytes`: the resident memory of each process, above which its document is refused
 */
export function createProcessPool(
  command: readonly string[],
  { maxBytes, idleMs = IDLE_MS }: Readonly<{ maxBytes: number; idleMs?: number }>,
) {
  const waiting: (() => void)[] = [];
  const idle = new Map<DerivingProcess, NodeJS.Timeout>();
  let freeSlots = MAX_PROCESSES;

  /** The most recently used one, so that others can end. */
  const takeProcess = async (): Promise<DerivingProcess> => {
    for (const [process, timer] of [...idle].toReversed()) {
      clearTimeout(timer);
      idle.delete(process);
      if (!process.hasEnded()) return process;
    }
    return await startDerivingProcess(command);
  };

  const putBack = async (process: DerivingProcess): Promise<void> => {
    if (process.hasEnded()) return;
    if ((await process.readResidentBytes()) > maxBytes * MAX_IDLE_PART) {
      process.kill();
      return;
    }
    const timer = setTimeout(() => {
      idle.delete(process);
      process.kill();
    }, idleMs);
    idle.set(process, timer);
  };

  const derive: DeriveInChildProcess = async (derivation, inputs) => {
    if (freeSlots === 0) await new Promise<void>((start) => waiting.push(start));
    else freeSlots -= 1;
    try {
      const process = await takeProcess();
      try {
        return await process.derive(derivation, inputs, { timeoutMs: timeoutMsFor(inputs), maxBytes });
      } finally {
        await putBack(process);
      }
    } finally {
      const next = waiting.shift();
      if (next === undefined) freeSlots += 1;
      else next();
    }
  };

  return {
    derive,
    /** Ends the processes that wait for work. Those at work end with this process. */
    close(): void {
      for (const [process, timer] of idle) {
        clearTimeout(timer);
        process.kill();
      }
      idle.clear();
    },
  };
}

function timeoutMsFor(inputs: readonly Uint8Array[]): number {
  const bytes = inputs.reduce((sum, { length }) => sum + length, 0);
  return BASE_TIMEOUT_MS + TIMEOUT_MS_PER_MIB * (bytes / 2 ** 20);
}
