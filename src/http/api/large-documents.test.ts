import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { completeRun, waitForEnd } from "../../client.ts";
import { objectOf, request } from "../../testing/http.ts";
import { measureSlowness } from "../../testing/machine-speed.ts";
import { REPOSITORY } from "../../testing/paths.ts";
import { useService } from "../../testing/service.ts";

const PAGE = readFileSync(join(REPOSITORY, "golden", "corpus", "harbour-log.md"), "utf8");
const LARGE = PAGE.repeat(Math.ceil((3 * 1024 * 1024) / PAGE.length));

/** Three megabytes take half a minute of computing on a slow machine. */
const patient = { timeout: 180_000 } as const;

describe("a document of megabytes", () => {
  const service = useService();

  test("is read without delaying other requests", patient, async () => {
    const posted = await request(`${service.url}/runs?workflowId=large`, {
      method: "POST",
      headers: { "content-type": "text/markdown" },
      body: LARGE,
    });
    assert.equal(posted.status, 202, posted.text);
    const waits: number[] = [];
    let isDone = false;
    const watching = (async () => {
      while (!isDone) {
        const began = performance.now();
        assert.equal((await request(`${service.url}/healthz`)).status, 200);
        waits.push(performance.now() - began);
        await sleep(20);
      }
    })();
    const meanwhile = await completeRun(service.url, "# A page\n\nThat comes in the middle.");
    const run = await waitForEnd(service.url, "large", { timeoutMs: 150_000, intervalMs: 100 });
    isDone = true;
    await watching;
    assert.equal(run.dbos_status, "SUCCESS", JSON.stringify(run.header.error));
    assert.ok(
      (meanwhile.header.completed_at ?? 0) < (run.header.completed_at ?? 0),
      "nobody queues behind it",
    );
    // Derived in this process, it would be one wait of half a minute at the same slowness.
    const limitMs = 1_000 * measureSlowness();
    assert.ok(Math.max(...waits) < limitMs, `the longest wait was ${Math.max(...waits).toFixed(0)} ms`);
  });

  test("is left out of JSON answers and complete in its download", patient, async () => {
    await waitForEnd(service.url, "large", { timeoutMs: 150_000 });
    const small = objectOf(await request(`${service.url}/artifacts/large:raw?max_bytes=1000`));
    assert.equal(small.content, null);
    const { content, meta } = objectOf(await request(`${service.url}/artifacts/large:docir`)) as {
      content: { text: string };
      meta: { bytes: number };
    };
    assert.ok(content.text.length > 2 * 1024 * 1024 && meta.bytes > LARGE.length);
    assert.equal((await request(`${service.url}/artifacts/large:raw/download`)).text, LARGE);
    const page = await request(`${service.url}/artifacts/large:docir`, { headers: { accept: "text/html" } });
    assert.match(page.text, /class="document"/);
    // Most of it is the memo beside the document.
    assert.ok(page.text.length < 1_000_000, `the page shows a part: ${page.text.length} characters`);
    assert.equal((await request(`${service.url}/artifacts/large:docir?max_bytes=x`)).status, 400);
  });
});
