import { canonicalJsonBytes } from "../bundle/canonical-json.ts";
import {
  buildChunkIndex,
  buildDocIR,
  buildMemo,
  type ChunkIndex,
  type DocIR,
  type Memo,
} from "../document/index.ts";
import type { DocArgs } from "../domain/command.ts";
import { sha256Of } from "../store/index.ts";
import type { ContentRelay } from "./content-relay.ts";

/** A value with the bytes that stand for it. */
export type Derived<Value> = Readonly<{ value: Value; bytes: Uint8Array; sha256: string }>;

/**
 * The derivations of a run: pure functions of what they are given, so what was derived once need not be derived again:
 * that is what happens when many runs are asked to read one document, or a run is forked.
 */
export function deriver(relay: ContentRelay) {
  const derive = <Value>(recipe: string, build: () => Value): Derived<Value> => {
    const known = relay.find<Derived<Value>>(recipe);
    if (known !== undefined) return known;
    const value = build();
    const bytes = canonicalJsonBytes(value);
    const derived = { value, bytes, sha256: sha256Of(bytes) };
    relay.keep(recipe, derived, bytes.length);
    return derived;
  };

  const docir = (bytes: Uint8Array, { source_sha256, media_type, filename }: DocArgs): Derived<DocIR> =>
    derive(`docir of ${JSON.stringify([source_sha256, media_type, filename])}`, () =>
      buildDocIR({ bytes, mediaType: media_type, filename }),
    );

  const chunkIndex = (of: Readonly<{ docir: DocIR; docirSha: string }>): Derived<ChunkIndex> =>
    derive(`chunk-index of ${of.docirSha}`, () => buildChunkIndex(of));

  const memo = (
    of: Readonly<{ docir: DocIR; docirSha: string; chunkIndex: ChunkIndex; chunkIndexSha: string }>,
  ): Derived<Memo> => derive(`memo of ${of.docirSha} ${of.chunkIndexSha}`, () => buildMemo(of));

  return {
    docir,
    chunkIndex,
    memo,
  };
}

export type Deriver = ReturnType<typeof deriver>;
