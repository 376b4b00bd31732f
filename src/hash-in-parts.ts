import { createHash } from "node:crypto";
import { createByteTurns, TURN_BYTES } from "./byte-turns.ts";

/** What `sha256Hex` gives, in parts between which this process does other work. */
export async function sha256HexInParts(bytes: Uint8Array): Promise<string> {
  const hash = createHash("sha256");
  const giveTurn = createByteTurns();
  for (let at = 0; at < bytes.length; at += TURN_BYTES) {
    const part = bytes.subarray(at, at + TURN_BYTES);
    hash.update(part);
    await giveTurn(part.length);
  }
  return hash.digest("hex");
}
