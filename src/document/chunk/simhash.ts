import { sha256Hex } from "../../sha256.ts";
import { termsOf } from "../words.ts";

/**
 * Near-duplicates by SimHash over three-word shingles: 64 bits kept as two 32-bit integers, integer arithmetic only, so
 * that every host computes the same.
 */
export type SimHash = { high: number; low: number };

/** Two texts are near-duplicates when at most this many of 64 bits differ. */
const MAX_DISTANCE = 3;

/** Under this many words a hash says too little; only equal texts are duplicates then. */
const MIN_WORDS = 16;

/** Looked at per band and text, so that a crowd of similar texts stays linear. */
const MAX_CANDIDATES = 64;

/** The hash of the text's words, whatever their case; zero for a text without words. */
export function simHash(text: string): SimHash {
  const words = termsOf(text);
  const high = new Int32Array(32);
  const low = new Int32Array(32);
  for (let index = 0; index < Math.max(words.length - 2, Math.min(words.length, 1)); index += 1) {
    const shingle = words.slice(index, index + 3).join(" ");
    const hash = sha256Hex(shingle);
    addBits(high, Number.parseInt(hash.slice(0, 8), 16));
    addBits(low, Number.parseInt(hash.slice(8, 16), 16));
  }
  return { high: signs(high), low: signs(low) };
}

/** 16 hex digits. */
export function simHashHex({ high, low }: SimHash): string {
  return high.toString(16).padStart(8, "0") + low.toString(16).padStart(8, "0");
}

/** Finds, for one text after another, the earliest kept text that it repeats; texts that repeat nothing are kept. */
export class NearDuplicates<Id> {
  readonly #exact = new Map<string, Id>();
  readonly #bands = new Map<number, { hash: SimHash; id: Id }[]>();

  findOrKeep(entry: { id: Id; text: string; textSha: string; hash: SimHash }): Id | undefined {
    const same = this.#exact.get(entry.textSha);
    if (same !== undefined) return same;
    this.#exact.set(entry.textSha, entry.id);
    if (!hasWords(entry.text, MIN_WORDS)) return undefined;
    const near = this.#findNear(entry.hash);
    if (near !== undefined) this.#exact.set(entry.textSha, near);
    else this.#keep(entry.hash, entry.id);
    return near;
  }

  #findNear(hash: SimHash): Id | undefined {
    for (const band of bandsOf(hash)) {
      const found = this.#bands.get(band)?.find((kept) => distance(kept.hash, hash) <= MAX_DISTANCE);
      if (found) return found.id;
    }
    return undefined;
  }

  #keep(hash: SimHash, id: Id): void {
    for (const band of bandsOf(hash)) {
      const kept = this.#bands.get(band) ?? [];
      if (kept.length < MAX_CANDIDATES) kept.push({ hash, id });
      this.#bands.set(band, kept);
    }
  }
}

/** Of two hashes at distance 3, at least one of four 16-bit bands is equal. */
function bandsOf({ high, low }: SimHash): number[] {
  return [high >>> 16, high & 0xffff, low >>> 16, low & 0xffff].map((bits, band) => band * 0x10000 + bits);
}

function distance(a: SimHash, b: SimHash): number {
  return countOnes(a.high ^ b.high) + countOnes(a.low ^ b.low);
}

function countOnes(bits: number): number {
  let count = 0;
  for (let rest = bits; rest !== 0; rest &= rest - 1) count += 1;
  return count;
}

function hasWords(text: string, atLeast: number): boolean {
  return termsOf(text).length >= atLeast;
}

function addBits(votes: Int32Array, hash: number): void {
  for (let bit = 0; bit < 32; bit += 1) votes[bit] = (votes[bit] ?? 0) + ((hash >>> bit) & 1 ? 1 : -1);
}

function signs(votes: Int32Array): number {
  let bits = 0;
  for (let bit = 0; bit < 32; bit += 1) if ((votes[bit] ?? 0) > 0) bits |= 1 << bit;
  return bits >>> 0;
}
