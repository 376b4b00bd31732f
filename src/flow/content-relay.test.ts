import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { BlobRead } from "../store/blobs.ts";
import { contentRelay } from "./content-relay.ts";

const SHA = "0".repeat(64);

function relayOver(read: BlobRead = { state: "missing" }) {
  return contentRelay({ readBlob: async () => read });
}

describe("content handed from step to step", () => {
  test("is what was kept, or else what is stored, and nothing when that is not sound", async () => {
    const bytes = Buffer.from("the bytes");
    const relay = relayOver({ state: "sound", bytes: Buffer.from("as stored") });
    assert.equal(String(await relay.take(SHA)), "as stored");
    relay.keep(SHA, bytes, bytes.length);
    assert.equal(await relay.take(SHA), bytes);
    assert.equal(await relayOver({ state: "altered" }).take(SHA), null);
    assert.equal(await relayOver().take(SHA), null);
  });

  test("is forgotten, the longest kept first, before it takes too much room", () => {
    const relay = relayOver();
    for (let serial = 0; serial < 5; serial += 1) relay.keep(`name ${serial}`, serial, 4 * 1024 * 1024);
    assert.equal(relay.find("name 0"), undefined);
    assert.equal(relay.find("name 4"), 4);
  });
});
