import assert from "node:assert/strict";
import { test } from "node:test";
import { completeRun, startRun } from "../../client.ts";
import { ARTIFACT_TYPES } from "../../domain/artifact.ts";
import { RUN_STEPS } from "../../domain/run.ts";
import { objectOf, postJson, request } from "../http.ts";
import { LONG_SLEEP_MS } from "../sleeping-run.ts";
import {
  changeRun,
  HARBOUR_REPORT,
  isPolling,
  type Mode,
  type Pages,
  recordStatesUntil,
  runIdOf,
  stepNames,
  submit,
  takeScreenshot,
  waitForState,
} from "./pages.ts";

/** The operator course's checklist of the pages, its sections 1 and 6 in their order: the same in both modes. */

/** To be called in the body of a `describe`. */
export function checkCourse(pages: Pages, mode: Mode): void {
  test("1.2 the page has the ids of the contract, once each", () =>
    pages.inPage(async (page) => {
      await page.goto(pages.uiUrl);
      for (const id of ["conversation-plane", "execution-plane", "artifact-plane", "run-status"])
        assert.equal(await page.locator(`#${id}`).count(), 1, id);
      for (const id of ["timeline", "artifacts", "conv", "exec"])
        assert.equal(await page.locator(`#${id}`).count(), 1, id);
      await waitForState(page, "idle");
      await takeScreenshot(page, `${mode}-home`);
    }));

  test("1.4 a command goes from idle to running to done, fills three planes, and never returns to an earlier state", () =>
    pages.inPage(async (page) => {
      await page.goto(`${pages.uiUrl}/?sleepMs=4000`);
      const states = recordStatesUntil(page, "done");
      const answered = page.waitForResponse((answer) => answer.request().method() === "POST");
      await submit(page, "/doc alpha beta gamma");
      assert.match(await (await answered).text(), /id="exec"[^>]* hx-trigger="every 1s"/);
      await waitForState(page, "running");
      await takeScreenshot(page, `${mode}-running`);
      assert.deepEqual(await states, ["idle", "running", "done"]);
      assert.match(page.url(), /\/runs\/[0-9a-f-]{36}\?sleepMs=4000$/);
      assert.deepEqual(await stepNames(page), [...RUN_STEPS]);
      const made = await page.locator("#artifacts .artifact-type").allTextContents();
      assert.deepEqual(made, [...ARTIFACT_TYPES]);
      assert.equal(await isPolling(page), false, "a run that is done is not asked for again");
      await page.locator('#artifact-view[data-artifact$=":memo"]').waitFor();
      await page.locator('#commands a[aria-current="true"] .state-mark[data-status="done"]').waitFor();
      assert.equal(
        await page.locator("#cmd").inputValue(),
        "",
        "a command that was taken leaves an empty box",
      );
      await takeScreenshot(page, `${mode}-done`);
    }));

  test("1.4 links of runs and artifacts open full pages in a new tab and link to each other", () =>
    pages.inPage(async (page) => {
      const { run_id } = await completeRun(pages.apiUrl, HARBOUR_REPORT);
      await page.goto(`${pages.uiUrl}/artifacts/${run_id}:docir`);
      await waitForState(page, "done");
      const [tab] = await Promise.all([
        page.context().waitForEvent("page"),
        page.locator("#artifact-chunk-index").click({ modifiers: ["ControlOrMeta"] }),
      ]);
      await tab.locator('#artifact-view[data-artifact$=":chunk-index"] .card').first().waitFor();
      assert.equal(await tab.locator("#conversation-plane").count(), 1);
      await page.locator("#artifact-view .origin-line").click();
      await page.locator(`#artifact-view a[href="/runs/${run_id}?step=2"]`).click();
      await page.locator('#step-2[open][aria-current="step"]').waitFor();
      await takeScreenshot(page, `${mode}-step`);
    }));

  test("6.1 a cancelled run is an error that offers resume, and then ends done with no step run twice", () =>
    pages.inPage(async (page) => {
      await page.goto(`${pages.uiUrl}/?sleepMs=${LONG_SLEEP_MS}&pollIntervalMs=200`);
      await submit(page, "/doc resume drill");
      await page.locator("#timeline .step", { hasText: "DBOS.sleep" }).waitFor();
      await waitForState(page, "running");
      assert.equal(await page.locator("#act-resume").count(), 0);
      await changeRun(page, "cancel");
      await waitForState(page, "error");
      await page.locator("#run-status").getByText("Cancelled", { exact: true }).waitFor();
      assert.equal(await isPolling(page), false);
      await takeScreenshot(page, `${mode}-cancelled`);
      await pages.endSleep(runIdOf(page));
      const states = recordStatesUntil(page, "done");
      await changeRun(page, "resume");
      assert.deepEqual(await states, ["error", "running", "done"]);
      assert.equal(await page.locator("#act-resume").count(), 0);
      const steps = await stepNames(page);
      assert.deepEqual(steps, [...new Set(steps)]);
    }));

  test("6.1 a run is forked from a step, and the fork copies the steps before it", () =>
    pages.inPage(async (page) => {
      const { run_id } = await completeRun(pages.apiUrl, `${mode}: to be forked`);
      await page.goto(`${pages.uiUrl}/runs/${run_id}?pollIntervalMs=100`);
      await page.locator("#step-4-summary").click();
      await page.locator("#fork-4").click();
      await page.locator(".run-head .mark", { hasText: "forked at step 4" }).waitFor();
      await waitForState(page, "done");
      assert.notEqual(runIdOf(page), run_id);
      assert.match(page.url(), /pollIntervalMs=100/, "a fork is watched as its parent was");
      await page.locator("#step-3 .mark", { hasText: "from checkpoint" }).waitFor();
      assert.equal(await page.locator("#step-4 .mark", { hasText: "from checkpoint" }).count(), 0);
      await takeScreenshot(page, `${mode}-forked`);
      await page.locator(`.facts a[href="/runs/${run_id}?step=4"]`).click();
      await page.locator('#step-4[aria-current="step"]').waitFor();
      await page.locator('#journal[open] li[data-kind="forked"]').waitFor();
    }));

  test("6.1 a failed run shows its error, and offers neither cancel nor resume", () =>
    pages.inPage(async (page) => {
      const runId = await startRun(pages.apiUrl, { source: `${mode}: to be damaged`, sleepMs: 12_000 });
      await page.goto(`${pages.uiUrl}/runs/${runId}?pollIntervalMs=100`);
      await page.locator("#timeline .step", { hasText: "DBOS.sleep" }).waitFor();
      const states = recordStatesUntil(page, "error");
      await pages.changeRows(
        `update jejakekal.blob set bytes = 'other bytes' where sha256 in
           (select sha256 from jejakekal.artifact where run_id = $1)`,
        [runId],
      );
      assert.deepEqual(await states, ["running", "error"]);
      await page.locator("#run-status").getByText("FAILED_NO_ARTIFACT").waitFor();
      await page.locator('.step[data-failed="true"] .step-name .mark', { hasText: "failed" }).waitFor();
      assert.equal(await page.locator("#act-resume, #act-cancel").count(), 0);
      assert.equal(await isPolling(page), false);
      await takeScreenshot(page, `${mode}-failed`);
    }));

  test("6.1 an unknown status is an error and is not polled", () =>
    pages.inPage(async (page) => {
      const { run_id } = await completeRun(pages.apiUrl, `${mode}: of unknown status`);
      await pages.changeRows(
        "update dbos.workflow_status set status = 'SUSPENDED' where workflow_uuid = $1",
        [run_id],
      );
      await page.goto(`${pages.uiUrl}/runs/${run_id}`);
      await waitForState(page, "error");
      await page.locator("#run-status").getByText("Unknown status").waitFor();
      await page.locator("#run-status").getByText("SUSPENDED").waitFor();
      assert.equal(await isPolling(page), false);
      await takeScreenshot(page, `${mode}-unknown`);
    }));

  test("6.1 a missing run is an error, and an invalid id is refused", () =>
    pages.inPage(async (page) => {
      const missing = await page.goto(`${pages.uiUrl}/runs/no-such-run`);
      assert.equal(missing?.status(), 404);
      await waitForState(page, "error");
      assert.equal(await isPolling(page), false);
      await takeScreenshot(page, `${mode}-missing`);
      const poll = await request(`${pages.uiUrl}/ui/runs/no-such-run/poll`);
      assert.equal(poll.status, 404);
      assert.match(poll.text, /id="run-status" data-state="error"/);
      const refused = await page.goto(`${pages.uiUrl}/runs/a..b`);
      assert.equal(refused?.status(), 400);
      await waitForState(page, "error");
    }));

  test("6.1 htmx gets a fragment, other clients the full page, and those that prefer JSON get JSON", async () => {
    const { run_id } = await completeRun(pages.apiUrl, "one page or its part");
    const get = (path: string, headers: Record<string, string> = {}) =>
      request(pages.uiUrl + path, { headers });
    for (const path of [`/runs/${run_id}`, `/artifacts/${run_id}:memo`, "/"]) {
      const whole = await get(path);
      assert.match(whole.text, /^<!doctype html>/, path);
      assert.match(whole.headers.get("vary") ?? "", /Accept.*HX-Request/);
      const part = await get(path, { "hx-request": "true" });
      assert.doesNotMatch(part.text, /<html|<!doctype/i, path);
      const restored = await get(path, { "hx-request": "true", "hx-history-restore-request": "true" });
      assert.match(restored.text, /^<!doctype html>/, path);
    }
    const json = await get(`/runs/${run_id}`, { accept: "application/json" });
    assert.equal(objectOf(json).run_id, run_id);
    if (mode === "split") return;
    const onApi = await request(`${pages.apiUrl}/runs/${run_id}`, {
      headers: { accept: "text/html,*/*;q=0.8" },
    });
    assert.match(onApi.text, /^<!doctype html>/);
    assert.equal(objectOf(await request(`${pages.apiUrl}/runs/${run_id}`)).run_id, run_id);
    const headers = { accept: "*/*", "hx-request": "true" };
    assert.match(
      (await request(`${pages.apiUrl}/runs/${run_id}`, { headers })).text,
      /^<title>[^<]*<.title><h1 /,
    );
  });

  test("6.2 one poll answers with run, artifacts and status together, out of band", async () => {
    const { run_id } = await completeRun(pages.apiUrl, "polled once");
    const poll = await request(`${pages.uiUrl}/ui/runs/${run_id}/poll`, {
      headers: { "hx-request": "true" },
    });
    for (const id of ["exec", "artifacts", "run-status"])
      assert.match(poll.text, new RegExp(`id="${id}"[^>]*hx-swap-oob="true"`), id);
    assert.equal(poll.headers.get("hx-trigger"), "run-ended, runs-changed");
  });

  test("6.2 a reload during a run continues polling, and back and forward restore their pages", () =>
    pages.inPage(async (page) => {
      await page.goto(`${pages.uiUrl}/?sleepMs=3000&pollIntervalMs=200`);
      await submit(page, "/doc first of two");
      await waitForState(page, "running");
      const [first, firstRun] = [page.url(), runIdOf(page)];
      await page.reload();
      await waitForState(page, "done");
      await submit(page, "/doc second of two");
      await waitForState(page, "running");
      const [second, secondRun] = [page.url(), runIdOf(page)];
      assert.notEqual(first, second);
      await page.goBack();
      await page.locator(`#exec[data-run-id="${firstRun}"]`).waitFor();
      assert.equal(page.url(), first);
      await waitForState(page, "done");
      await page.goForward();
      await page.locator(`#exec[data-run-id="${secondRun}"]`).waitFor();
      assert.equal(page.url(), second);
      await waitForState(page, "done");
      assert.equal(
        await page.locator("#conversation-plane").count(),
        1,
        "a whole page, and not one in another",
      );
    }));

  test("6.2 a long run is polled at growing intervals, up to the count in the address, and the page says when polling stops", () =>
    pages.inPage(async (page) => {
      const runId = await startRun(pages.apiUrl, { source: "watch me", sleepMs: 60_000 });
      const intervalsMs: number[] = [];
      page.on("response", async (answer) => {
        if (!answer.url().includes("/poll")) return;
        const [, ms] = /hx-trigger="every (\d+)ms"/.exec(await answer.text()) ?? [];
        if (ms !== undefined) intervalsMs.push(Number(ms));
      });
      const watch = "pollIntervalMs=100&pollMaxIntervalMs=800&pollTimeoutMs=6000";
      await page.goto(`${pages.uiUrl}/runs/${runId}?${watch}`);
      await waitForState(page, "running");
      await waitForState(page, "error");
      await page.locator("#run-status").getByText("No longer watching").waitFor();
      assert.equal(await isPolling(page), false);
      const expected = [150, 225, 338, 506, 759, ...Array.from({ length: 20 }, () => 800)];
      assert.ok(intervalsMs.length >= 2, `asked again after ${intervalsMs} ms`);
      assert.deepEqual(intervalsMs, expected.slice(0, intervalsMs.length));
      await page.getByRole("link", { name: "Watch again" }).click();
      await waitForState(page, "running");
      await postJson(`${pages.apiUrl}/runs/${runId}/cancel`, {});
      await waitForState(page, "error");
    }));
}
