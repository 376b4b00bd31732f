import type { Store } from "../store/index.ts";

/** So much may be kept. */
const BUDGET_BYTES = 16 * 1024 * 1024;

/**
 * Hands content from the step that made it to the step that reads it, so that a run that stays in one program need not
 * fetch what it has just stored. Keyed by sha256, which is what makes it safe: the same key is the same bytes, whether they come
 * from here or, after a crash or on another node, from the database. Derivations are kept alike, under what they are derived from.
 */
export function contentRelay(store: Pick<Store, "readBlob">) {
  const kept = new Map<string, { value: unknown; bytes: number }>();
  let total = 0;

  const forget = (name: string) => {
    total -= kept.get(name)?.bytes ?? 0;
    kept.delete(name);
  };

  return {
    /** Keeps a value under a name, in place of those that have been kept longest. */
    keep(name: string, value: unknown, bytes: number): void {
      forget(name);
      if (bytes > BUDGET_BYTES) return;
      kept.set(name, { value, bytes });
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

    /** The bytes of this hash: from here, or from where they are stored; null when those are not sound. */
    async take(sha256: string): Promise<Uint8Array | null> {
      const here = kept.get(sha256);
      if (here !== undefined) return here.value as Uint8Array;
      const blob = await store.readBlob(sha256);
      return blob.state === "sound" ? blob.bytes : null;
    },
  };
}

export type ContentRelay = ReturnType<typeof contentRelay>;
