/**
 * Short fingerprint of what a fragment shows. The script skips a swap when the fingerprint is unchanged, which keeps the
 * reader's selection, focus and opened steps. Not a secure hash: FNV-1a, 32 bits, twice.
 */
export function versionOf(shown: unknown): string {
  const text = JSON.stringify(shown);
  return (fnv1a(text, 0x811c9dc5) >>> 0).toString(36) + (fnv1a(text, 0x01000193) >>> 0).toString(36);
}

function fnv1a(text: string, seed: number): number {
  let hash = seed;
  for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return hash;
}
