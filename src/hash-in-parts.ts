import { createHash } from "node:crypto";
import { setImmediate as nextTurn } from "node:timers/promises";

/** Hashed in a few milliseconds. */
const PART_BYTES = 2 ** 18;

/** What `sha256Hex` gives, in parts between which this process does other work. */
export async function sha256HexInParts(bytes: Uint8Array): Promise<string> {
  const hash = createHash("sha256");
  for (let at = 0; at < bytes.length; at += PART_BYTES) {
    if (at > 0) await nextTurn();
    hash.update(bytes.subarray(at, at + PART_BYTES));
  }
  return hash.digest("hex");
}
