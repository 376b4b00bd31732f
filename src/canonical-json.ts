import canonicalize from "canonicalize";

/**
 * The canonical JSON text of a value (RFC 8785): sorted keys, no white space, one spelling per number. Keys whose value is
 * undefined are left out.
 * @throws TypeError for undefined or a function; Error for NaN, Infinity, a lone surrogate or a cycle
 */
export function canonicalJson(value: unknown): string {
  const text = canonicalize(value);
  if (text === undefined) throw new TypeError(`A value of type ${typeof value} has no JSON text.`);
  return text;
}

/** Canonical JSON in UTF-8 and one newline: what is stored and hashed. Throws as `canonicalJson` does. */
export function canonicalJsonBytes(value: unknown): Uint8Array {
  return new TextEncoder().encode(`${canonicalJson(value)}\n`);
}
