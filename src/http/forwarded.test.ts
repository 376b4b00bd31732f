import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { createForwardedReader } from "./forwarded.ts";

const read = (peer: string, headers: Readonly<Record<string, string>>) =>
  createForwardedReader(["127.0.0.1", "10.0.0.0/8", "fd00::/8"])(peer, (name) => headers[name] ?? null);

const HEADERS = {
  host: "127.0.0.1:4110",
  "x-forwarded-for": "1.2.3.4",
  "x-forwarded-proto": "https",
  "x-forwarded-host": "runs.example",
};

describe("what a proxy says about its client", () => {
  test("counts when the proxy is trusted, in every spelling of its address", () => {
    for (const peer of ["127.0.0.1", "::ffff:127.0.0.1", "10.9.9.9", "fd00::1"]) {
      const { client, host } = read(peer, HEADERS);
      assert.deepEqual([client, host], [{ address: "1.2.3.4", isSecure: true }, "runs.example"], peer);
    }
  });

  test("is ignored from everybody else", () => {
    for (const peer of ["127.0.0.2", "192.168.0.1", "::1", ""]) {
      const { client, host } = read(peer, HEADERS);
      assert.deepEqual([client, host], [{ address: peer, isSecure: false }, "127.0.0.1:4110"], peer);
    }
  });

  test("is the last address that no trusted proxy has: what stands before it may be invented", () => {
    const addressOf = (list: string) => read("127.0.0.1", { "x-forwarded-for": list }).client.address;
    assert.equal(addressOf("6.6.6.6, 1.2.3.4, 10.0.0.7"), "1.2.3.4");
    assert.equal(addressOf("10.0.0.7"), "10.0.0.7");
    assert.equal(read("127.0.0.1", { host: "x" }).client.address, "127.0.0.1");
  });
});
