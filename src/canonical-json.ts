/** Text is handed over when it is longer than this, so that the JSON of a large value is never one string. */
const FLUSH_UNITS = 64 * 1024;

/** The longest string of V8: what is stored is parsed as one. */
const MAX_UNITS = 2 ** 29 - 24;

/** Fewer keys than this are sorted faster without a call for each comparison. */
const FEW_KEYS = 32;

/**
 * The canonical JSON text of a value (RFC 8785): sorted keys, no white space, one spelling per number. Keys whose value is
 * undefined are left out.
 * @throws TypeError for undefined, a function, a Map, a Set or bytes; Error for NaN, Infinity, a lone surrogate or a cycle
 */
export function canonicalJson(value: unknown): string {
  const parts: string[] = [];
  const writer = new CanonicalWriter((text) => parts.push(text));
  writer.write(value);
  writer.flush();
  return parts.join("");
}

/**
 * Canonical JSON in UTF-8 and one newline: what is stored and hashed. Throws as `canonicalJson` does, and RangeError for a text
 * that no string can hold.
 */
export function canonicalJsonBytes(value: unknown): Uint8Array {
  const pieces: Uint8Array[] = [];
  writeCanonicalJson(value, (piece) => pieces.push(piece));
  return joinPieces(pieces);
}

/** Hands over the bytes of `canonicalJsonBytes` in pieces, one after the other, so that they need not be in memory as a whole. */
export function writeCanonicalJson(value: unknown, handOver: (piece: Uint8Array) => void): void {
  const encoder = new TextEncoder();
  let units = 1;
  const writer = new CanonicalWriter((text) => {
    units += text.length;
    if (units > MAX_UNITS) throw new RangeError("The JSON text is longer than a string can be.");
    handOver(encoder.encode(text));
  });
  writer.write(value);
  writer.flush();
  handOver(Uint8Array.of(0x0a));
}

export function joinPieces(pieces: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return bytes;
}

class CanonicalWriter {
  readonly #emit: (text: string) => void;
  #text = "";
  /** The objects and arrays around the value that is being written. */
  readonly #around: object[] = [];
  /** The JSON of each key that was met, with its colon. */
  readonly #keys = new Map<string, string>();

  constructor(emit: (text: string) => void) {
    this.#emit = emit;
  }

  flush(): void {
    if (this.#text !== "") this.#emit(this.#text);
    this.#text = "";
  }

  write(value: unknown): void {
    switch (typeof value) {
      case "string":
        this.#text += quote(value);
        break;
      case "number":
        if (!Number.isFinite(value)) throw new Error(`${value} has no JSON text.`);
        // String(-0) is "0", as RFC 8785 asks.
        this.#text += String(value);
        break;
      case "boolean":
        this.#text += value ? "true" : "false";
        break;
      case "object":
        if (value === null) this.#text += "null";
        else this.#writeComposite(value);
        break;
      default:
        throw new TypeError(`A value of type ${typeof value} has no JSON text.`);
    }
  }

  #writeComposite(value: object): void {
    if (this.#around.includes(value)) throw new Error("A value that holds itself has no JSON text.");
    // Their content is not in keys of theirs: it would be lost, or written as an object of numbers.
    if (value instanceof Map || value instanceof Set || ArrayBuffer.isView(value))
      throw new TypeError(`A value of type ${value.constructor.name} has no JSON text.`);
    this.#around.push(value);
    if (Array.isArray(value)) this.#writeArray(value);
    else if ("toJSON" in value && typeof value.toJSON === "function") this.write(value.toJSON());
    else this.#writeObject(value as Readonly<Record<string, unknown>>);
    this.#around.pop();
    if (this.#text.length > FLUSH_UNITS) this.flush();
  }

  #writeArray(values: readonly unknown[]): void {
    this.#text += "[";
    for (let index = 0; index < values.length; index += 1) {
      if (index > 0) this.#text += ",";
      const value = values[index];
      if (value === undefined) this.#text += "null";
      else this.write(value);
    }
    this.#text += "]";
  }

  #writeObject(object: Readonly<Record<string, unknown>>): void {
    let before = "{";
    for (const key of sortKeys(Object.keys(object))) {
      const value = object[key];
      if (value === undefined) continue;
      this.#text += before + this.#keyText(key);
      before = ",";
      this.write(value);
    }
    this.#text += before === "{" ? "{}" : "}";
  }

  #keyText(key: string): string {
    const known = this.#keys.get(key);
    if (known !== undefined) return known;
    const text = `${quote(key)}:`;
    this.#keys.set(key, text);
    return text;
  }
}

function quote(text: string): string {
  if (!text.isWellFormed()) throw new Error("A lone surrogate has no JSON text.");
  return JSON.stringify(text);
}

/** Sorts by UTF-16 units, in place. */
function sortKeys(keys: string[]): readonly string[] {
  if (keys.length > FEW_KEYS) return keys.sort();
  for (let end = 1; end < keys.length; end += 1) {
    const key = keys[end] ?? "";
    let at = end;
    for (; at > 0 && (keys[at - 1] ?? "") > key; at -= 1) keys[at] = keys[at - 1] ?? "";
    keys[at] = key;
  }
  return keys;
}
