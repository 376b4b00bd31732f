import canonicalize from "canonicalize";

/**
 * The canonical JSON text of a value (RFC 8785): sorted keys, no blanks, one spelling per number.
 * Throws a TypeError for what JSON cannot say (undefined, a function) and an Error for NaN, Infinity, a lone surrogate
 * or a cycle. Keys whose value is undefined are left out.
 */
export function canonicalJson(value: unknown): string {
  const text = canonicalize(value);
  if (text === undefined) throw new TypeError(`A value of type ${typeof value} has no JSON text.`);
  return text;
}

/** The bytes that are stored and hashed: canonical JSON in UTF-8 and one newline. Throws as `canonicalJson` does. */
export function canonicalJsonBytes(value: unknown): Uint8Array {
  return new TextEncoder().encode(`${canonicalJson(value)}\n`);
}
