import { createSlots } from "../slots.ts";
import {
  type DerivedLink,
  type DerivingProcess,
  type ProcessEnvironment,
  startDerivingProcess,
} from "./child-process.ts";
import type { Derivation } from "./derive.ts";
import { isWorn } from "./process-wear.ts";
import { isSpooled } from "./spool.ts";
import { sampleDerivation } from "./warm-up.ts";
import { whenAborted } from "./when-aborted.ts";

/** @param cancelSignal aborts when the run is cancelled: the process is killed */
export type DeriveInChildProcess = (
  derivation: Derivation,
  inputs: readonly Uint8Array[],
  cancelSignal?: AbortSignal,
) => Promise<DerivedLink>;

/** Each process uses one core, and memory by the size of its document. */
const MAX_PROCESSES = 3;

/** Large documents take many seconds, so they leave one process to small ones. */
const MAX_LARGE_DOCUMENTS = 2;
const SMALL_DOCUMENT_BYTES = 32 * 1024;

/** How long a process above the warm ones waits for further work; the end of it frees memory. */
const IDLE_MS = 10_000;

/** Of processor time, several times what a slow machine takes. A document that takes longer is refused, because a retry would too. */
const BASE_TIMEOUT_MS = 60_000;
const TIMEOUT_MS_PER_MIB = 10_000;

/** A scanned page takes some seconds, and a megabyte holds ten or more of them. */
const OCR_FACTOR = 10;

/** A process is replaced after this time, with whatever it has collected. */
const MAX_AGE_MS = 3_600_000;

/** So many samples have the code of a process loaded and compiled before its first document. */
const WARM_UP_SAMPLES = 40;

type PoolOptions = Readonly<{
  /** The resident memory of each process, above which its document is refused. */
  maxBytes: number;
  /** Of each process; that of this process where not given. */
  environment?: ProcessEnvironment;
  /** How many processes `keepWarm` keeps ready. */
  warmProcesses?: number;
  idleMs?: number;
  /** Whether pictures are read, which takes much longer. */
  hasOcr?: boolean;
  maxAgeMs?: number;
  /** Of the files through which large artifacts come; that of temporary files where not given. */
  spoolFolder?: string;
}>;

/** What a process has done so far. */
type Use = { readonly startedAt: number; documents: number };

/**
 * Derives in child processes, so that this process stays responsive. Processes are started when they are needed, and kept for
 * further work. At most `MAX_PROCESSES` derive at once, and at most `MAX_LARGE_DOCUMENTS` of them a large document; further documents
 * wait in order.
 * @param command the command line that runs this program with `DERIVE_SUBCOMMAND`
 */
export function createProcessPool(
  command: readonly string[],
  {
    maxBytes,
    environment,
    warmProcesses = 0,
    idleMs = IDLE_MS,
    hasOcr = false,
    maxAgeMs = MAX_AGE_MS,
    spoolFolder,
  }: PoolOptions,
) {
  const slots = createSlots(MAX_PROCESSES);
  const largeSlots = createSlots(MAX_LARGE_DOCUMENTS);
  const idle = new Map<DerivingProcess, NodeJS.Timeout>();
  const uses = new WeakMap<DerivingProcess, Use>();
  let warming: Promise<void> | undefined;
  let isClosed = false;

  const start = () => startDerivingProcess(command, environment, spoolFolder);

  const run = (process: DerivingProcess, derivation: Derivation, inputs: readonly Uint8Array[]) => {
    const use = uses.get(process) ?? { startedAt: performance.now(), documents: 0 };
    use.documents += 1;
    uses.set(process, use);
    return process.derive(derivation, inputs, {
      timeoutMs: timeoutMsFor(inputs) * (hasOcr ? OCR_FACTOR : 1),
      maxBytes,
    });
  };

  /** The most recently used one, so that others can end. */
  const takeProcess = async (): Promise<DerivingProcess> => {
    // What is being prepared is ready sooner than what would be started now.
    if (idle.size === 0) await warming;
    for (const [process, timer] of [...idle].toReversed()) {
      clearTimeout(timer);
      idle.delete(process);
      if (!process.hasEnded()) return process;
    }
    return await start();
  };

  const putBack = async (process: DerivingProcess): Promise<void> => {
    const { documents = 0, startedAt = performance.now() } = uses.get(process) ?? {};
    const residentBytes = await process.readResidentBytes();
    const wear = { documents, ageMs: performance.now() - startedAt, residentBytes };
    // The end of a process gives its memory back, and the place of what was in its spool.
    if (isClosed || process.hasSpooled() || isWorn(wear, { maxAgeMs, maxBytes })) process.kill();
    if (process.hasEnded()) return keepWarm();
    const timer = setTimeout(() => {
      if (idle.size <= warmProcesses) return;
      idle.delete(process);
      process.kill();
    }, idleMs);
    idle.set(process, timer);
  };

  /** Starts a process ahead of its first document, when fewer than `warmProcesses` wait for work. */
  const keepWarm = (): void => {
    if (isClosed || warming !== undefined || idle.size >= warmProcesses) return;
    // A start beside so much work would slow it down.
    if (slots.use().working >= MAX_LARGE_DOCUMENTS) return;
    const prepare = async () => {
      const process = await start();
      const { derivation, input } = sampleDerivation(WARM_UP_SAMPLES);
      const chain = run(process, derivation, [input]);
      await Promise.all([chain.first, chain.whenEnded]);
      await putBack(process);
    };
    warming = prepare()
      // A document that needs a process reports why none can be started.
      .catch(() => undefined)
      .finally(() => {
        warming = undefined;
      });
  };

  /** Waits until a process may be used, and returns what ends that use. */
  const takeSlots = async (isLarge: boolean): Promise<() => void> => {
    if (isLarge) await largeSlots.take();
    await slots.take();
    return () => {
      slots.leave();
      if (isLarge) largeSlots.leave();
    };
  };

  const derive: DeriveInChildProcess = async (derivation, inputs, cancelSignal) => {
    const leave = await takeSlots(lengthOf(inputs) > SMALL_DOCUMENT_BYTES);
    let process: DerivingProcess;
    try {
      cancelSignal?.throwIfAborted();
      process = await takeProcess();
    } catch (error) {
      leave();
      throw error;
    }
    const chain = run(process, derivation, inputs);
    void chain.whenEnded.then(() => putBack(process)).finally(leave);
    const stopListening = whenAborted(cancelSignal, process.kill);
    try {
      const link = await chain.first;
      // To store so much takes the database as much memory as to derive it takes the process. The one comes after the other.
      if (isSpooled(link.derived.bytes)) await chain.whenEnded;
      cancelSignal?.throwIfAborted();
      return link;
    } finally {
      stopListening();
    }
  };

  return {
    derive,
    keepWarm,
    /** Ends the processes that wait for work. Those at work end with this process. */
    close(): void {
      isClosed = true;
      for (const [process, timer] of idle) {
        clearTimeout(timer);
        process.kill();
      }
      idle.clear();
    },
  };
}

function timeoutMsFor(inputs: readonly Uint8Array[]): number {
  return BASE_TIMEOUT_MS + TIMEOUT_MS_PER_MIB * (lengthOf(inputs) / 2 ** 20);
}

function lengthOf(inputs: readonly Uint8Array[]): number {
  return inputs.reduce((sum, { length }) => sum + length, 0);
}
