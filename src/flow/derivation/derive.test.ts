import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { before, describe, test } from "node:test";
import { loadTokenizer, mediaTypeOf } from "../../document/index.ts";
import { sha256Hex } from "../../sha256.ts";
import {
  type ArtifactSink,
  type Derivation,
  type Derived,
  derivationAfter,
  derive,
  deriveChain,
} from "./derive.ts";

const CORPUS = new URL("../../../golden/corpus/", import.meta.url);
const MAX_BYTES = 20_000;

describe("a chain of derivations", () => {
  before(loadTokenizer);

  for (const name of onePerFormat()) {
    test(`makes of ${name} the artifacts that each derivation makes from the stored bytes`, async () => {
      const document = readFileSync(new URL(name, CORPUS));
      const source_sha256 = sha256Hex(document);
      const args = { source_sha256, media_type: mediaTypeOf({ filename: name }), filename: name };
      const first: Derivation = { artifact: "docir", from: [source_sha256], args };
      const stored = new Map<string, Uint8Array>([[source_sha256, document]]);
      let next: Derivation | null = first;
      let made = 0;
      for await (const { bytes, ...derived } of deriveChain(first, [document], collectPieces)) {
        assert.ok(next !== null);
        const alone: Derived = await derive(
          next,
          next.from.map((sha256) => stored.get(sha256) ?? new Uint8Array()),
        );
        assert.deepEqual(derived, { sha256: alone.sha256, facts: alone.facts });
        assert.equal(Buffer.compare(bytes, alone.bytes), 0);
        stored.set(alone.sha256, alone.bytes);
        next = derivationAfter(next, alone);
        made += 1;
      }
      assert.equal(made, 3);
    });
  }
});

function collectPieces(): ArtifactSink<Uint8Array> {
  const pieces: Uint8Array[] = [];
  return { write: (piece) => void pieces.push(piece), end: () => Buffer.concat(pieces) };
}

/** The smallest document of each format that has some text. */
function onePerFormat(): readonly string[] {
  const chosen = new Map<string, string>();
  for (const name of readdirSync(CORPUS).sort()) {
    const { length } = readFileSync(new URL(name, CORPUS));
    const extension = name.slice(name.lastIndexOf("."));
    if (length > 500 && length < MAX_BYTES && !chosen.has(extension)) chosen.set(extension, name);
  }
  return [...chosen.values()];
}
