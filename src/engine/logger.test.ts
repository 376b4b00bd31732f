import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { createEngineLogger } from "./logger.ts";

test("a line of DBOS that repeats is logged once a second, every other line at once", async () => {
  const logged: string[] = [];
  const logger = createEngineLogger({
    engine: (level, text) => void (level !== "debug" && logged.push(text)),
  });
  for (let look = 0; look < 50; look += 1) logger.error("no connection", {});
  logger.warn("something else", {});
  assert.deepEqual(logged, ["dbos: no connection", "dbos: something else"]);
  await sleep(1_050);
  logger.error("no connection", {});
  assert.equal(logged.length, 3);
});
