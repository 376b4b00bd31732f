import { isInterruptible } from "../../document/index.ts";
import { MAX_CONTENT_BYTES } from "../../domain/artifact.ts";
import { RunFailure } from "../../failure.ts";
import type { ContentCache } from "../content-cache.ts";
import { type Derivation, type Derived, derive } from "./derive.ts";
import type { DeriveInChildProcess } from "./process-pool.ts";

/** So much is read and written as JSON in a few milliseconds. */
const INLINE_MAX_BYTES = 32 * 1024;

/**
 * A derivation that takes more processor time is given up and done in a child process. While it lasts this process answers
 * nobody. Processor time, because what waits for a core in this process would wait longer for a start of another.
 */
const INLINE_MAX_MICROS = 12_000;

export type Deriver = (derivation: Derivation, inputs: readonly Uint8Array[]) => Promise<Derived>;

/**
 * Derives in this process what takes a few milliseconds, and all else in a child process. Results are cached, for runs of the
 * same document and for forks.
 * @throws RunFailure `FAILED_TOO_LARGE` for an artifact of more than `maxBytes`, which may be larger than its source
 */
export function createDeriver(
  cache: ContentCache,
  deriveInChildProcess: DeriveInChildProcess,
  { maxBytes = MAX_CONTENT_BYTES } = {},
): Deriver {
  const deriveInline = createInlineDeriver();
  return async (derivation, inputs) => {
    const { artifact, from, args } = derivation;
    const key = JSON.stringify([artifact, from, args.media_type, args.filename]);
    const cached = cache.get<Derived>(key);
    if (cached !== undefined) return cached;
    const derived =
      (await deriveInline(derivation, inputs)) ?? (await deriveInChildProcess(derivation, inputs));
    if (derived.bytes.length > maxBytes) throw new RunFailure("FAILED_TOO_LARGE");
    cache.set(key, derived, derived.bytes.length);
    return derived;
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
    const began = process.cpuUsage();
    try {
      return await derive(derivation, inputs, () => {
        const { user, system } = process.cpuUsage(began);
        if (user + system > INLINE_MAX_MICROS) throw new InlineTimeoutError();
      });
    } catch (error) {
      if (error instanceof InlineTimeoutError) return null;
      throw error;
    }
  };
}

function mayBeInline({ artifact, args }: Derivation, inputs: readonly Uint8Array[]): boolean {
  const bytes = inputs.reduce((sum, { length }) => sum + length, 0);
  if (bytes > INLINE_MAX_BYTES) return false;
  return artifact !== "docir" || inputs.every((input) => isInterruptible(input, args.media_type));
}
