import { canonicalJson } from "../canonical-json.ts";
import { sha256Hex } from "../sha256.ts";

/** A prefix and 16 hex digits of the sha256 over the canonical JSON of `parts`: short, stable, the same on every host. */
export function shortId(prefix: string, parts: readonly (string | number)[]): string {
  return prefix + sha256Hex(canonicalJson(parts)).slice(0, 16);
}

/**
 * Names things of one schema and source by what they say: [schema, source sha, type, text sha, nth of that pair].
 * Nothing that a later rule may move (confidence, token counts, order of other text) takes part.
 */
export function createIdSequence(prefix: string, schema: string, sourceSha: string) {
  const seen = new Map<string, number>();
  return (type: string, textSha: string): string => {
    const pair = `${type} ${textSha}`;
    const nth = seen.get(pair) ?? 0;
    seen.set(pair, nth + 1);
    return shortId(prefix, [schema, sourceSha, type, textSha, nth]);
  };
}
