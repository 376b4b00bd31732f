import { createHash } from "node:crypto";

/** How long the workload takes on the two quiet cores that the limits in milliseconds are for. */
const REFERENCE_MS = 215;

/**
 * How many times slower than the reference machine this one is at the moment, at least 1. Limits in milliseconds are multiplied
 * by it, so that a busy machine fails no check.
 */
export function measureSlowness(): number {
  const began = performance.now();
  runWorkload();
  return Math.max(1, (performance.now() - began) / REFERENCE_MS);
}

/** Hashing and JSON, which is most of what the program does by itself. */
function runWorkload(): void {
  const hash = createHash("sha256");
  for (let serial = 0; serial < 100_000; serial += 1) {
    hash.update(JSON.stringify({ serial, words: ["alpha", "beta", "gamma"], text: "x".repeat(500) }));
  }
  hash.digest();
}
