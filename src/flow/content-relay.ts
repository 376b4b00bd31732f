import type { Store } from "../store/index.ts";

/** Serialised bytes that may be kept; the values made of them take a few times as much. */
const BUDGET_BYTES = 16 * 1024 * 1024;

/**
 * Hands content from the step that made it to the step that reads it, so that a run that stays in one program need not
 * fetch and parse what it has just stored. Keyed by sha256, which is what makes it safe: the same key is the same content,
 * whether it comes from here or, after a crash or on another node, from the database. Derivations are kept alike, under what
 * they are derived from.
 */
export function contentRelay(store: Pick<Store, "readBlob">) {
  const kept = new Map<string, { value: unknown; bytes: number }>();
  let total = 0;

  const forget = (sha256: string) => {
    total -= kept.get(sha256)?.bytes ?? 0;
    kept.delete(sha256);
  };

  return {
    /** Keeps a value that is stored under this hash, in place of those that have been kept longest. */
    keep(sha256: string, value: unknown, bytes: number): void {
      forget(sha256);
      if (bytes > BUDGET_BYTES) return;
      kept.set(sha256, { value, bytes });
      total += bytes;
      for (const oldest of kept.keys()) {
        if (total <= BUDGET_BYTES) break;
        forget(oldest);
      }
    },

    /** What is kept under this name, if it still is. */
    find<Value>(name: string): Value | undefined {
      return kept.get(name)?.value as Value | undefined;
    },

    /** The value under this hash, from here or read from its stored and verified bytes; null when those are not sound. */
    async take<Value>(sha256: string, read: (bytes: Uint8Array) => Value): Promise<Value | null> {
      const here = kept.get(sha256);
      if (here !== undefined) return here.value as Value;
      const blob = await store.readBlob(sha256);
      return blob.state === "sound" ? read(blob.bytes) : null;
    },
  };
}

export type ContentRelay = ReturnType<typeof contentRelay>;
