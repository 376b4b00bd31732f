import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { createSeededRandom } from "../testing/seeded-random.ts";
import { derive, randomSource } from "./test-kit.ts";

const SCRIPT = fileURLToPath(new URL("./test-digests.ts", import.meta.url));
const BIN = fileURLToPath(new URL("../../node_modules/.bin/", import.meta.url));

const RUNTIMES: [name: string, command: string, args: string[]][] = [
  ["node", `${BIN}node`, ["--import", "tsx", SCRIPT]],
  ["bun", `${BIN}bun`, [SCRIPT]],
];

const PLACES = [
  { TZ: "UTC", LANG: "C" },
  { TZ: "Pacific/Kiritimati", LANG: "tr_TR.UTF-8", LC_ALL: "tr_TR.UTF-8" },
];

describe("the same input", () => {
  it("gives the same bytes on Node and Bun, in any time zone and locale", { timeout: 120_000 }, () => {
    const digests = new Map<string, string>();
    for (const [name, command, args] of RUNTIMES) {
      if (!existsSync(command)) continue;
      for (const place of PLACES) {
        const run = spawnSync(command, args, {
          env: { PATH: process.env.PATH, ...place },
          encoding: "utf8",
          cwd: fileURLToPath(new URL("../../", import.meta.url)),
        });
        assert.equal(run.status, 0, run.stderr);
        digests.set(`${name} ${place.TZ}`, run.stdout.trim());
      }
    }
    assert.ok(digests.size >= 2);
    assert.equal(new Set(digests.values()).size, 1, JSON.stringify([...digests]));
  });

  it("gives the same bytes in any order of work", async () => {
    const random = createSeededRandom(9).next;
    const sources = Array.from({ length: 40 }, () => randomSource(random, 40));
    const shasOf = async (source: string) => (await derive(source)).shas.join();
    const inOrder: string[] = [];
    for (const source of sources) inOrder.push(await shasOf(source));
    const atOnce = await Promise.all(sources.toReversed().map(shasOf));
    assert.deepEqual(atOnce.toReversed(), inOrder);
  });
});
