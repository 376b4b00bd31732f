import assert from "node:assert/strict";
import { test } from "node:test";
import type { TokenRecord } from "../domain/access.ts";
import { Failure } from "../failure.ts";
import { createAccess } from "./access.ts";
import { clientNetworkOf } from "./client-network.ts";

test("a client is its IPv4 address, or the network of its IPv6 address", () => {
  for (const [address, network] of [
    ["192.0.2.7", "192.0.2.7"],
    ["::ffff:192.0.2.7", "192.0.2.7"],
    ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"],
    ["2001:db8:1:2::", "2001:db8:1:2::/64"],
    ["fe80::1%eth0", "fe80::/64"],
    ["::1", "::/64"],
    ["no address", "no address"],
    ["", ""],
  ] as const) {
    assert.equal(clientNetworkOf(address), network, address);
  }
});

test("guesses from all addresses of one IPv6 network are slowed together, and those of another are not", async () => {
  const store = {
    listTokens: async (): Promise<readonly TokenRecord[]> => [],
    openSession: async () => 0,
    findSessionToken: async () => null,
    endSession: async () => undefined,
  };
  const access = createAccess(store, () => false);
  const guessFrom = (address: string): Promise<string> =>
    access.identify({ bearer: "wrong", session: null }, address).then(
      () => "identified",
      (error: unknown) => (error instanceof Failure ? error.code : assert.fail(String(error))),
    );
  const codes: string[] = [];
  for (let serial = 1; serial <= 12; serial += 1) codes.push(await guessFrom(`2001:db8:1:2::${serial}`));
  assert.deepEqual(
    codes.map((code) => code === "too_many_requests"),
    codes.map((_, index) => index >= 10),
  );
  assert.equal(await guessFrom("2001:db8:1:3::1"), "unauthenticated");
});
