import type { ArtifactType } from "../domain/artifact.ts";
import type { Store } from "../store/index.ts";

/** Serialised bytes that may be kept; the values made of them take a few times as much. */
const BUDGET_BYTES = 16 * 1024 * 1024;

/**
 * Hands content from the step that made it to the step that reads it, so that a run that stays in one program need not
 * fetch and parse what it has just stored. Keyed by what the content is read as and its sha256, which is what makes it safe:
 * the same key is the same value, whether it comes from here or, after a crash or on another node, from the database.
 * Derivations are kept alike, under what they are derived from.
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

    /** What the bytes of this hash are read as: from here, or from where they are stored; null when those are not sound. */
    async take<Value>(content: Content, read: (bytes: Uint8Array) => Value): Promise<Value | null> {
      const here = kept.get(nameOf(content));
      if (here !== undefined) return here.value as Value;
      const blob = await store.readBlob(content.sha256);
      return blob.state === "sound" ? read(blob.bytes) : null;
    },
  };
}

/** The same bytes may be one run's source and another's docir, so a hash alone does not say what is kept. */
export type Content = Readonly<{ artifact: ArtifactType; sha256: string }>;

export function nameOf({ artifact, sha256 }: Content): string {
  return `${artifact} ${sha256}`;
}

export type ContentRelay = ReturnType<typeof contentRelay>;
