import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { BlobRead } from "../store/blobs.ts";
import { contentRelay, nameOf } from "./content-relay.ts";

const SHA = "0".repeat(64);

function relayOver(read: BlobRead = { state: "missing" }) {
  return contentRelay({ readBlob: async () => read });
}

describe("content handed from step to step", () => {
  test("is told apart by what it is read as, when the same bytes are one run's source and another's docir", async () => {
    const relay = relayOver({ state: "sound", bytes: Buffer.from("the bytes") });
    relay.keep(nameOf({ artifact: "docir", sha256: SHA }), { blocks: [] }, 9);
    assert.deepEqual(await relay.take({ artifact: "docir", sha256: SHA }, String), { blocks: [] });
    assert.equal(await relay.take({ artifact: "raw", sha256: SHA }, String), "the bytes");
  });

  test("is read from where it is stored when it is not here, and is nothing when that is not sound", async () => {
    const bytes = Buffer.from("[1]");
    const parse = (stored: Uint8Array) => JSON.parse(Buffer.from(stored).toString());
    assert.deepEqual(
      await relayOver({ state: "sound", bytes }).take({ artifact: "memo", sha256: SHA }, parse),
      [1],
    );
    assert.equal(await relayOver({ state: "altered" }).take({ artifact: "memo", sha256: SHA }, parse), null);
  });

  test("is forgotten, the longest kept first, before it takes too much room", () => {
    const relay = relayOver();
    for (let serial = 0; serial < 5; serial += 1) relay.keep(`name ${serial}`, serial, 4 * 1024 * 1024);
    assert.equal(relay.find("name 0"), undefined);
    assert.equal(relay.find("name 4"), 4);
  });
});
