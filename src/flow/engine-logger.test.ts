import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { engineLogger } from "./engine-logger.ts";

test("what the engine says over and over is told once a second, and all else at once", async () => {
  const told: string[] = [];
  const logger = engineLogger({ engine: (level, text) => void (level !== "debug" && told.push(text)) });
  for (let look = 0; look < 50; look += 1) logger.error("no connection", {});
  logger.warn("something else", {});
  assert.deepEqual(told, ["dbos: no connection", "dbos: something else"]);
  await sleep(1_050);
  logger.error("no connection", {});
  assert.equal(told.length, 3);
});
