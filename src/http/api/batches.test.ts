import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { waitForEnd } from "../../client.ts";
import { pollUntil } from "../../poll.ts";
import type { BatchView } from "../../projection/batch-view.ts";
import { assertFailure, objectOf, postJson, request } from "../../testing/http.ts";
import { startProgram } from "../../testing/program.ts";
import { slow, useService } from "../../testing/service.ts";

const LIMIT_BYTES = 20_000;

describe("a batch", () => {
  const service = useService({ env: { JEJAKEKAL_MAX_BODY_BYTES: String(LIMIT_BYTES) } });
  const waitForBatch = (id: string, url = service.url) =>
    pollUntil(
      "every run of the batch has ended",
      async () => {
        const batch: BatchView = JSON.parse((await request(`${url}/batches/${id}`)).text);
        return batch.status === "running" ? null : batch;
      },
      { timeoutMs: 60_000, intervalMs: 50 },
    );
  const send = (id: string, query: Record<string, string>, body: string, type = "text/plain") =>
    request(`${service.url}/batches/${id}/documents?${new URLSearchParams(query)}`, {
      method: "POST",
      headers: { "content-type": type },
      body,
    });
  const startBatch = async (body: unknown = {}) =>
    String(objectOf(await postJson(`${service.url}/batches`, body)).batch_id);

  test("has an item for each document of a form, also for those that are refused", slow, async () => {
    const body = new FormData();
    for (const [name, text] of [
      ["a.md", "# The first\n\nwords"],
      ["same.md", "# The first\n\nwords"],
      ["empty.txt", ""],
      ["picture.png", "\u0089PNG\r\n"],
    ] as const)
      body.append("file", new File([text], name));
    const reply = await request(`${service.url}/batches`, { method: "POST", body });
    const started: BatchView = JSON.parse(reply.text);
    assert.equal(reply.status, 202);
    assert.equal(reply.headers.get("location"), `/batches/${started.batch_id}`);
    const { status, summary, items } = await waitForBatch(started.batch_id);
    assert.equal(status, "error");
    assert.deepEqual(summary, {
      total: 4,
      done: 1,
      running: 0,
      failed: 0,
      cancelled: 0,
      refused: 2,
      repeated: 1,
    });
    assert.deepEqual(
      items.map(({ state, title, repeats, refusal }) => [state, title, repeats, refusal?.error ?? null]),
      [
        ["done", "The first", null, null],
        ["repeated", "The first", 0, null],
        ["refused", null, null, "invalid_run_payload"],
        ["refused", null, null, "unsupported_media_type"],
      ],
    );
    assert.equal(items[0]?.run_id, items[1]?.run_id);
  });

  test("takes documents one by one, and one that is sent again under its name once", slow, async () => {
    const id = await startBatch({ batchId: "one-by-one" });
    assert.equal(id, "one-by-one");
    assert.equal(await startBatch({ batchId: id }), id, "the request may be repeated");
    const first = await send(id, { item: "0", filename: "a.txt" }, "words");
    const again = await send(id, { item: "0", filename: "a.txt" }, "words");
    assert.deepEqual([first.status, again.status], [202, 202]);
    assert.equal(objectOf(again).run_id, objectOf(first).run_id);
    assert.equal(objectOf(again).deduplicated, true);
    const large = await send(id, { item: "1", filename: "large.txt" }, "x".repeat(LIMIT_BYTES + 1));
    assert.equal(large.status, 413);
    assert.equal((await send(id, { item: "2", workflowId: "mine" }, "words")).status, 400);
    const { items } = await waitForBatch(id);
    assert.deepEqual(
      items.map(({ filename, state, bytes }) => [filename, state, bytes]),
      [
        ["a.txt", "done", 5],
        ["large.txt", "refused", LIMIT_BYTES + 1],
        [null, "refused", 5],
      ],
    );
  });

  test("is one run for the same bytes in one batch, and another run in another batch", slow, async () => {
    const [one, other] = [await startBatch(), await startBatch()];
    const runOf = async (id: string, filename: string) =>
      objectOf(await send(id, { filename }, "the same words")).run_id;
    const runId = await runOf(one, "a.txt");
    const together = await Promise.all(["b.txt", "c.txt", "d.txt"].map((name) => runOf(one, name)));
    assert.deepEqual(together, [runId, runId, runId]);
    assert.notEqual(await runOf(other, "a.txt"), runId);
    await waitForEnd(service.url, String(runId));
    assert.equal((await waitForBatch(one)).summary.repeated, 3);
  });

  test("is refused with a typed failure when it is malformed or not there", slow, async () => {
    const message = "There is no batch with this id.";
    assertFailure(await send("nobody", {}, "words"), 404, {
      error: "batch_not_found",
      message,
      batch_id: "nobody",
    });
    assert.equal((await postJson(`${service.url}/batches`, { batchId: "../x" })).status, 400);
    assert.equal((await postJson(`${service.url}/batches`, { sources: [] })).status, 400);
    assert.equal((await send(await startBatch(), { item: "a b" }, "words")).status, 400);
  });

  test("has a page for people", slow, async () => {
    const id = await startBatch();
    await send(id, { filename: "a.txt" }, "words on a page");
    await send(id, { filename: "a.bin" }, "words", "image/png");
    await waitForBatch(id);
    const headers = { accept: "text/html" };
    const { text } = await request(`${service.url}/batches/${id}`, { headers });
    assert.match(text, /<h1>Batch: 1 done, 1 refused<\/h1>/);
    assert.match(text, /refused: This format is not read\. Takes /);
    assert.doesNotMatch(text, /hx-trigger="every/, "nothing more will change");
    const missing = await request(`${service.url}/batches/nobody`, { headers });
    assert.equal(missing.status, 404);
    assert.match(missing.text, /data-code="batch_not_found"/);
  });

  test("is a row that a restart of the program keeps", slow, async () => {
    const id = await startBatch();
    await send(id, { filename: "kept.txt", sleepMs: "400" }, "kept words");
    await service.program.kill9();
    await using next = await startProgram({ database: service.database });
    const { summary, items } = await waitForBatch(id, next.url);
    assert.deepEqual([summary.total, summary.done, items[0]?.filename], [1, 1, "kept.txt"]);
  });
});
