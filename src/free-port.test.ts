import assert from "node:assert/strict";
import { createServer } from "node:net";
import { test } from "node:test";
import { findFreePorts, isPortFree } from "./free-port.ts";

test("free ports are different, below those of outgoing connections, and can be listened on", async () => {
  const ports = await findFreePorts(20);
  assert.equal(new Set(ports).size, 20);
  for (const port of ports) {
    assert.ok(port >= 1_024 && port < 32_768, String(port));
    const server = createServer();
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject).listen(port, "127.0.0.1", resolve);
    });
    assert.equal(await isPortFree(port), false);
    await new Promise((closed) => server.close(closed));
    assert.equal(await isPortFree(port), true);
  }
});
