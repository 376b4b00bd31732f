import { canonicalJson } from "../canonical-json.ts";
import { sha256Hex } from "../sha256.ts";

/** An id in the form of a UUID that follows from a value: the same value gives the same id. */
export function derivedId(value: unknown): string {
  const hash = sha256Hex(canonicalJson(value));
  return [
    [0, 8],
    [8, 12],
    [12, 16],
    [16, 20],
    [20, 32],
  ]
    .map(([from, to]) => hash.slice(from, to))
    .join("-");
}
