import { estimateTokens } from "../../document/index.ts";
import type { ContentCache } from "../content-cache.ts";
import type { DeriveInChildProcess } from "./child-process.ts";
import { type Derivation, type Derived, derive } from "./derive.ts";

/** A derivation of this size takes about 100 ms, in which the process answers nobody; a larger one runs in a child process. */
const INLINE_MAX_BYTES = 128 * 1024;
const INLINE_MAX_TOKENS = 40_000;

export type Deriver = (derivation: Derivation, inputs: readonly Uint8Array[]) => Promise<Derived>;

/**
 * Derives small documents in this process and large ones in a child process. Results are cached, for runs of the same document and
 * for forks.
 */
export function createDeriver(cache: ContentCache, deriveInChildProcess: DeriveInChildProcess): Deriver {
  return async (derivation, inputs) => {
    const { artifact, from, args } = derivation;
    const key = JSON.stringify([artifact, from, args.media_type, args.filename]);
    const cached = cache.get<Derived>(key);
    if (cached !== undefined) return cached;
    const derived = isSmall(derivation, inputs)
      ? await derive(derivation, inputs)
      : await deriveInChildProcess(derivation, inputs);
    cache.set(key, derived, derived.bytes.length);
    return derived;
  };
}

function isSmall({ artifact }: Derivation, inputs: readonly Uint8Array[]): boolean {
  const bytes = inputs.reduce((sum, { length }) => sum + length, 0);
  if (bytes > INLINE_MAX_BYTES) return false;
  // Only a document has to be parsed; the inputs of the other artifacts are JSON, whose cost is its size.
  return artifact !== "docir" || inputs.every((input) => estimateTokens(input) <= INLINE_MAX_TOKENS);
}
