import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { runCommand } from "../testing/child.ts";
import { scriptCommand } from "../testing/runner.ts";
import { createSeededRandom } from "../testing/seeded-random.ts";
import { derive, randomSource } from "./test-kit.ts";

const SCRIPT = fileURLToPath(new URL("./test-digests.ts", import.meta.url));

/** Both runtimes in a place far from the first one; the golden comparison has both at home. */
const PROCESSES = [
  { runtime: "node", TZ: "UTC", LANG: "C" },
  { runtime: "node", TZ: "Pacific/Kiritimati", LANG: "tr_TR.UTF-8", LC_ALL: "tr_TR.UTF-8" },
  { runtime: "bun", TZ: "Pacific/Kiritimati", LANG: "tr_TR.UTF-8", LC_ALL: "tr_TR.UTF-8" },
] as const;

describe("the same input", () => {
  it("gives the same bytes on Node and Bun, in any time zone and locale", { timeout: 200_000 }, async () => {
    const digests = await Promise.all(
      PROCESSES.map(async ({ runtime, ...place }) => {
        const { code, stdout, stderr } = await runCommand(scriptCommand(runtime, SCRIPT), { env: place });
        assert.equal(code, 0, stderr);
        return stdout.trim();
      }),
    );
    assert.match(digests[0] ?? "", /^[0-9a-f]{64}$/);
    assert.equal(new Set(digests).size, 1, digests.join(" "));
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
