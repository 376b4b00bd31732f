import { createHash } from "node:crypto";
import { availableParallelism, loadavg } from "node:os";

/** How long the workload takes on two quiet cores on which the executable starts in 650 ms, which the limits are for. */
const REFERENCE_MS = 70;

/**
 * How many times slower than the reference machine this one is at the moment, at least 1: by the time of a fixed workload, or by the
 * processes that wait for a core, which slow down a start of several processes more than one workload. Limits in milliseconds are
 * multiplied by it, so that a busy machine fails no check.
 */
export function measureSlowness(): number {
  const began = performance.now();
  runWorkload();
  const byWorkload = (performance.now() - began) / REFERENCE_MS;
  const byLoad = (loadavg()[0] ?? 0) / availableParallelism();
  return Math.max(1, byWorkload, byLoad);
}

/** Hashing and JSON, which is most of what the program does by itself. */
function runWorkload(): void {
  const hash = createHash("sha256");
  for (let serial = 0; serial < 100_000; serial += 1) {
    hash.update(JSON.stringify({ serial, words: ["alpha", "beta", "gamma"], text: "x".repeat(500) }));
  }
  hash.digest();
}
