import { estimateTokens } from "../document/index.ts";
import type { ContentRelay } from "./content-relay.ts";
import { type Derivation, type Derived, derive } from "./derivation.ts";
import type { DeriveApart } from "./derive-apart.ts";

/** What takes a tenth of a second or so. The program answers nobody while it derives, so more than this is done apart. */
const AT_ONCE_BYTES = 128 * 1024;
const AT_ONCE_TOKENS = 40_000;

export type Deriver = (derivation: Derivation, inputs: readonly Uint8Array[]) => Promise<Derived>;

/**
 * Derives here what is quickly done, and all else in a process of its own. What was derived once is not derived again: that is
 * what happens when many runs are asked to read one document, or a run is forked.
 */
export function deriver(relay: ContentRelay, apart: DeriveApart): Deriver {
  return async (derivation, inputs) => {
    const { artifact, from, args } = derivation;
    const name = JSON.stringify([artifact, from, args.media_type, args.filename]);
    const known = relay.find<Derived>(name);
    if (known !== undefined) return known;
    const derived = isQuick(derivation, inputs)
      ? await derive(derivation, inputs)
      : await apart(derivation, inputs);
    relay.keep(name, derived, derived.bytes.length);
    return derived;
  };
}

function isQuick({ artifact }: Derivation, inputs: readonly Uint8Array[]): boolean {
  const bytes = inputs.reduce((sum, { length }) => sum + length, 0);
  if (bytes > AT_ONCE_BYTES) return false;
  // The others parse JSON, and for them size says it all.
  return artifact !== "docir" || inputs.every((input) => estimateTokens(input) <= AT_ONCE_TOKENS);
}
