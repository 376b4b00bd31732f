import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import { completeRun, readRun, startRun, waitForEnd, waitForRun } from "../../client.ts";
import { assertFailure, request } from "../../testing/http.ts";
import { slow, useService } from "../../testing/service.ts";

const PNG = Buffer.from("\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "latin1");

describe("several runs of the list", () => {
  const service = useService();

  before(async () => {
    await startRun(service.url, { source: "words", sleepMs: 600_000, workflowId: "asleep-1" });
    await startRun(service.url, { source: "words", sleepMs: 600_000, workflowId: "asleep-2" });
    await completeRun(service.url, { source: "words", workflowId: "done" });
    const headers = { "content-type": "text/plain" };
    await request(`${service.url}/runs?workflowId=failed`, { method: "POST", headers, body: PNG });
    await waitForEnd(service.url, "failed");
    for (const id of ["asleep-1", "asleep-2"])
      await waitForRun(service.url, id, "is asleep", ({ timeline }) => timeline.length === 2);
  }, slow);

  const send = (fields: readonly (readonly [string, string])[]) =>
    request(`${service.url}/ui/runs/changes`, {
      method: "POST",
      headers: { "content-type": "application/x-www-form-urlencoded", accept: "text/html" },
      body: new URLSearchParams(fields.map(([name, value]): [string, string] => [name, value])).toString(),
      redirect: "manual",
    });
  const namedRuns = (html: string) =>
    [...html.matchAll(/name="run" value="([^"]*)"/g)].map(([, runId]) => runId);

  const countsOf = (html: string) =>
    /<h1>(\w+): <span data-count="changed">(\d+)<\/span>[^<]*<span data-count="refused">(\d+)</
      .exec(html)
      ?.slice(1);

  test(
    "are changed only after a confirmation that names them: of all that match, those it suits",
    slow,
    async () => {
      const page = await request(`${service.url}/runs`, { headers: { accept: "text/html" } });
      assert.deepEqual(namedRuns(page.text).sort(), ["asleep-1", "asleep-2", "done", "failed"]);
      const asked = await send([
        ["action", "cancel"],
        ["all", "on"],
      ]);
      assert.match(asked.text, /<h1 id="bulk-title">Cancel 2 runs\?<\/h1>/);
      assert.deepEqual(namedRuns(asked.text).sort(), ["asleep-1", "asleep-2"]);
      assert.equal((await readRun(service.url, "asleep-1")).status, "running");
      const none = await send([
        ["action", "resume"],
        ["all", "on"],
        ["status", "done"],
      ]);
      assert.match(none.text, /no run is chosen/);
    },
  );

  test("are cancelled, resumed and retried, and the page says what became of each", slow, async () => {
    const change = (action: string, ...runIds: readonly string[]) =>
      send([["action", action], ["confirmed", "yes"], ...runIds.map((runId) => ["run", runId] as const)]);
    const cancelled = await change("cancel", "asleep-1", "done", "nobody");
    assert.deepEqual(countsOf(cancelled.text), ["Cancelled", "1", "2"]);
    assert.match(cancelled.text, /run_not_cancellable/);
    assert.match(cancelled.text, /run_not_found/);
    assert.equal((await readRun(service.url, "asleep-1")).dbos_status, "CANCELLED");
    assert.deepEqual(countsOf((await change("resume", "asleep-1")).text), ["Resumed", "1", "0"]);
    await change("cancel", "asleep-1", "asleep-2");
    const retried = await change("retry", "failed", "done");
    assert.deepEqual(countsOf(retried.text), ["Retried", "1", "1"]);
    assert.match(retried.text, /run_not_forkable/);
    const [, forkId = ""] = /continued by <a href="\/runs\/([^"]+)"/.exec(retried.text) ?? [];
    assert.equal((await waitForEnd(service.url, forkId)).header.from_step, 2);
    const sentTwice = await change("retry", "failed");
    assert.match(
      sentTwice.text,
      new RegExp(`continued by <a href="/runs/${forkId}"`),
      "it makes no second fork",
    );
    const again = await send([
      ["action", "retry"],
      ["all", "on"],
      ["q", "failed"],
    ]);
    assert.match(again.text, /no run is chosen/, "a run that a fork continued is not retried again");
  });

  test("are downloaded as one zip file with a folder for each", slow, async () => {
    const redirect = await send([
      ["action", "download"],
      ["run", "done"],
      ["run", "failed"],
    ]);
    assert.equal(redirect.status, 303);
    const address = redirect.headers.get("location") ?? "";
    assert.equal(address, "/bundles.zip?run=done&run=failed");
    const zip = await request(`${service.url}${address}`);
    assert.equal(zip.status, 200);
    assert.equal(zip.headers.get("content-type"), "application/zip");
    assert.match(zip.text, /done\/manifest\.json/);
    assert.match(zip.text, /failed\/manifest\.json/);
    for (const [query, field] of [
      ["", "run"],
      ["?run=..", "run"],
      ["?run=done&colour=red", "colour"],
    ] as const) {
      const refused = await request(`${service.url}/bundles.zip${query}`);
      assert.equal(refused.status, 400, refused.text);
      assert.equal(JSON.parse(refused.text).field, field);
    }
    assertFailure(await request(`${service.url}/bundles.zip?run=nobody`), 404, {
      error: "run_not_found",
      run_id: "nobody",
    });
  });
});
