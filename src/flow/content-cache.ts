import type { Store } from "../store/index.ts";

const MAX_BYTES = 16 * 1024 * 1024;

/**
 * A cache of content that the steps of a run pass to each other, so that a step need not read from the database what the step
 * before has just stored. Keys are hashes: bytes from here and from the database are the same. Derivations are cached too, under
 * the hashes of their inputs. The oldest entries go first.
 */
export function createContentCache(store: Pick<Store, "readBlob">) {
  const entries = new Map<string, { value: unknown; bytes: number }>();
  let totalBytes = 0;

  const remove = (key: string) => {
    totalBytes -= entries.get(key)?.bytes ?? 0;
    entries.delete(key);
  };

  return {
    /** `bytes` is the size that counts; an entry larger than the whole cache is not kept. */
    set(key: string, value: unknown, bytes: number): void {
      remove(key);
      if (bytes > MAX_BYTES) return;
      entries.set(key, { value, bytes });
      totalBytes += bytes;
      for (const oldest of entries.keys()) {
        if (totalBytes <= MAX_BYTES) break;
        remove(oldest);
      }
    },

    get<Value>(key: string): Value | undefined {
      return entries.get(key)?.value as Value | undefined;
    },

    /** The bytes of this hash, from the cache or from the database; null when they are missing or altered there. */
    async readBytes(sha256: string): Promise<Uint8Array | null> {
      const cached = entries.get(sha256);
      if (cached !== undefined) return cached.value as Uint8Array;
      const blob = await store.readBlob(sha256);
      return blob.state === "sound" ? blob.bytes : null;
    },
  };
}

export type ContentCache = ReturnType<typeof createContentCache>;
