import { isInterruptible } from "../../document/index.ts";
import { MAX_CONTENT_BYTES } from "../../domain/artifact.ts";
import { RunFailure } from "../../failure.ts";
import type { ContentCache } from "../content-cache.ts";
import type { DerivedLink, NextLink } from "./child-process.ts";
import { type Derivation, type Derived, derive } from "./derive.ts";
import type { DeriveInChildProcess } from "./process-pool.ts";
import { type Content, isSpooled } from "./spool.ts";
import { whenAborted } from "./when-aborted.ts";

/** So much is read and written as JSON in a few milliseconds. */
const INLINE_MAX_BYTES = 32 * 1024;

/**
 * A derivation that takes more processor time of its thread is given up and done in a child process. While it lasts this process answers
 * nobody. Processor time, because what waits for a core in this process would wait longer for a start of another.
 */
const INLINE_MAX_MICROS = 12_000;

/** How long the result of a derivation ahead is kept for the step that asks for it, which first stores what comes before. */
const AHEAD_MS = 60_000;
const STORED_BYTES_PER_MS = 2 ** 9;

const MAX_SLOW = 1_000;

/**
 * @param readInputs called where the result is not known yet
 * @param getCancelSignal called where the work is done in a child process; the signal aborts when the run is cancelled. When it throws,
 * nothing is derived
 */
export type Deriver = (
  derivation: Derivation,
  readInputs: () => Promise<readonly Uint8Array[]>,
  getCancelSignal?: () => AbortSignal | undefined,
) => Promise<Derived<Content>>;

/**
 * Derives in this process what takes a few milliseconds, and all else in a child process, which goes on with the derivations that a
 * run makes next. Results are cached, for runs of the same document and for forks.
 * @throws RunFailure `FAILED_TOO_LARGE` for an artifact of more than `maxBytes`, which may be larger than its source
 */
export function createDeriver(
  cache: ContentCache,
  deriveInChildProcess: DeriveInChildProcess,
  { maxBytes = MAX_CONTENT_BYTES } = {},
): Deriver {
  const deriveInline = createInlineDeriver();
  const ahead = createAheadDerivations();
  /** Derivations that took too long in this process, and that their callers left to their turn. */
  const slow = new Set<string>();
  return async (derivation, readInputs, getCancelSignal = () => undefined) => {
    const key = keyOf(derivation);
    const cached = cache.get<Derived>(key);
    if (cached !== undefined) return cached;
    const derived =
      (await ahead.take(key, getCancelSignal)) ??
      (await deriveNow(key, derivation, await readInputs(), getCancelSignal));
    const { bytes } = derived;
    if (bytes.length > maxBytes) {
      if (isSpooled(bytes)) bytes.release();
      throw new RunFailure("FAILED_TOO_LARGE");
    }
    if (!isSpooled(bytes)) cache.set(key, derived, bytes.length);
    return derived;
  };

  async function deriveNow(
    key: string,
    derivation: Derivation,
    inputs: readonly Uint8Array[],
    getCancelSignal: () => AbortSignal | undefined,
  ): Promise<Derived<Content>> {
    const inline = slow.has(key) ? null : await deriveInline(derivation, inputs);
    if (inline !== null) return inline;
    // Their runs may have ended.
    if (slow.size > MAX_SLOW) slow.clear();
    slow.add(key);
    const cancelSignal = getCancelSignal();
    slow.delete(key);
    return ahead.follow(await deriveInChildProcess(derivation, inputs, cancelSignal));
  }
}

function keyOf({ artifact, from, args }: Derivation): string {
  return JSON.stringify([artifact, from, args.media_type, args.filename]);
}

/** What child processes derive ahead of the steps that ask for it. */
function createAheadDerivations() {
  const ahead = new Map<string, NextLink>();
  const timers = new Map<string, NodeJS.Timeout>();

  /** The timer is of the link that is dropped; it holds the key alone, because it would keep the bytes of a link. */
  const drop = (key: string): void => {
    ahead.delete(key);
    clearTimeout(timers.get(key));
    timers.delete(key);
  };

  /** Keeps the link after this one until it is taken, or for a while: the run may have been cancelled. */
  const follow = ({ derived, next }: DerivedLink): Derived<Content> => {
    if (next === null) return derived;
    const key = keyOf(next.derivation);
    drop(key);
    ahead.set(key, next);
    const keptMs = AHEAD_MS + derived.bytes.length / STORED_BYTES_PER_MS;
    const dropLater = () => {
      if (ahead.get(key) === next) timers.set(key, setTimeout(drop, keptMs, key).unref());
    };
    next.link.then(dropLater, dropLater);
    return derived;
  };

  return {
    follow,
    /** Null when nobody derives it. */
    async take(
      key: string,
      getCancelSignal: () => AbortSignal | undefined,
    ): Promise<Derived<Content> | null> {
      const next = ahead.get(key);
      if (next === undefined) return null;
      const cancelSignal = getCancelSignal();
      drop(key);
      const stopListening = whenAborted(cancelSignal, next.cancel);
      try {
        return follow(await next.link);
      } finally {
        stopListening();
      }
    },
  };
}

/** Thrown where a derivation has taken `INLINE_MAX_MICROS`. */
class InlineTimeoutError extends Error {}

/**
 * Derives in this process, one artifact in each turn of the event loop; null for what takes too long. What decides is the
 * time that the work takes: its length tells little, because some short documents need much work.
 */
function createInlineDeriver() {
  let lastTurn: Promise<unknown> = Promise.resolve();
  return async (derivation: Derivation, inputs: readonly Uint8Array[]): Promise<Derived | null> => {
    if (!mayBeInline(derivation, inputs)) return null;
    const turn = lastTurn.then(() => new Promise((resolve) => setImmediate(resolve)));
    lastTurn = turn;
    await turn;
    try {
      const checkpoint = createCpuLimit(INLINE_MAX_MICROS, () => {
        throw new InlineTimeoutError();
      });
      return await derive(derivation, inputs, { checkpoint });
    } catch (error) {
      if (error instanceof InlineTimeoutError) return null;
      throw error;
    }
  };
}

/**
 * Returns a function that calls `onExceeded` when this thread has used more processor time since. It reads the clock first, which is
 * a cheap read in user space: the thread cannot have used more time than has passed, and its own time takes a system call.
 */
function createCpuLimit(maxMicros: number, onExceeded: () => never): () => void {
  const began = process.threadCpuUsage();
  let checkAt = performance.now() + maxMicros / 1_000;
  return () => {
    if (performance.now() < checkAt) return;
    const { user, system } = process.threadCpuUsage(began);
    const leftMicros = maxMicros - user - system;
    if (leftMicros < 0) onExceeded();
    checkAt = performance.now() + leftMicros / 1_000;
  };
}

function mayBeInline({ artifact, args }: Derivation, inputs: readonly Uint8Array[]): boolean {
  const bytes = inputs.reduce((sum, { length }) => sum + length, 0);
  if (bytes > INLINE_MAX_BYTES) return false;
  return artifact !== "docir" || inputs.every((input) => isInterruptible(input, args.media_type));
}
