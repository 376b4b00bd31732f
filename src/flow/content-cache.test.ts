import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { BlobRead } from "../store/blobs.ts";
import { createContentCache } from "./content-cache.ts";

const SHA = "0".repeat(64);

function cacheOver(read: BlobRead = { state: "missing" }) {
  return createContentCache({ readBlob: async () => read });
}

describe("the content cache", () => {
  test("returns what was set, else what is stored, and null when that is missing or altered", async () => {
    const bytes = Buffer.from("the bytes");
    const cache = cacheOver({ state: "sound", bytes: Buffer.from("as stored") });
    assert.equal(String(await cache.readBytes(SHA)), "as stored");
    cache.set(SHA, bytes, bytes.length);
    assert.equal(await cache.readBytes(SHA), bytes);
    assert.equal(await cacheOver({ state: "altered" }).readBytes(SHA), null);
    assert.equal(await cacheOver().readBytes(SHA), null);
  });

  test("drops the oldest entries before it grows beyond its limit", () => {
    const cache = cacheOver();
    for (let serial = 0; serial < 5; serial += 1) cache.set(`key ${serial}`, serial, 4 * 1024 * 1024);
    assert.equal(cache.get("key 0"), undefined);
    assert.equal(cache.get("key 4"), 4);
  });
});
