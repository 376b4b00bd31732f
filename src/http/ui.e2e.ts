import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { postJson } from "../testing/http.ts";
import { isIn, shoot, stepNames, submit, usePages } from "../testing/pages.ts";
import { checkCourse } from "../testing/pages-course.ts";
import { finishedRun, startRun } from "../testing/runs.ts";

const pages = usePages("embedded");

describe("the course, API and pages in one process", () => checkCourse(pages, "embedded"));

describe("a page that watches a run", () => {
  test("says that the service was killed, and heals when it is back: the run goes on from its checkpoint", () =>
    pages.inPage(async (page) => {
      await page.goto(`${pages.uiUrl}/?sleepMs=2500&pollIntervalMs=200`);
      await submit(page, "/doc killed in its sleep");
      await page.locator("#timeline").getByText("DBOS.sleep").waitFor();
      await isIn(page, "running");
      await pages.kill();
      await isIn(page, "error");
      await page.locator("#run-status").getByText("The service does not answer").waitFor();
      assert.ok((await stepNames(page)).includes("prepare"), "what was known stays in sight");
      await shoot(page, "gone");
      await pages.revive();
      await isIn(page, "done");
      await page.locator(".run-head .mark", { hasText: "recovered" }).waitFor();
      await page.locator("#step-0 .mark", { hasText: "from checkpoint" }).waitFor();
      await page.locator('#journal[open] li[data-kind="recovered"]', { hasText: "after a gap of" }).waitFor();
      assert.equal((await stepNames(page)).filter((name) => name === "prepare").length, 1);
      await shoot(page, "recovered");
    }));

  test("says that the service hangs, and heals when it goes on", () =>
    pages.inPage(async (page) => {
      const runId = await startRun(pages.apiUrl, { source: "hangs for a while", sleepMs: 60_000 });
      await page.goto(`${pages.uiUrl}/runs/${runId}`);
      await isIn(page, "running");
      await pages.whileFrozen(async () => {
        await isIn(page, "error");
        await page.locator("#run-status").getByText("The service does not answer").waitFor();
      });
      await isIn(page, "running");
      await postJson(`${pages.apiUrl}/runs/${runId}/cancel`, {});
    }));

  test("keeps the run in sight over an answer that went wrong, says so, and asks again", () =>
    pages.inPage(async (page) => {
      const runId = await startRun(pages.apiUrl, { source: "asked at a bad moment", sleepMs: 60_000 });
      await page.goto(`${pages.uiUrl}/runs/${runId}?pollIntervalMs=100`);
      await page.locator("#timeline").getByText("DBOS.sleep").waitFor();
      await pages.tamper("alter table jejakekal.artifact rename to mislaid");
      await isIn(page, "error");
      await page.locator("#run-status").getByText("internal_error").waitFor();
      assert.ok((await stepNames(page)).includes("prepare"));
      await pages.tamper("alter table jejakekal.mislaid rename to artifact");
      await isIn(page, "running");
      await postJson(`${pages.apiUrl}/runs/${runId}/cancel`, {});
    }));

  test("leaves the status of an ended run alone when something else is out of reach, and the notice goes again", () =>
    pages.inPage(async (page) => {
      const { run_id } = await finishedRun(pages.apiUrl, "ended well");
      await page.goto(`${pages.uiUrl}/runs/${run_id}`);
      await isIn(page, "done");
      await pages.kill();
      await page.locator("#act-export").click();
      await page.locator("#notice").getByText("The service does not answer").waitFor();
      await isIn(page, "done");
      await pages.revive();
      await page.locator("#artifact-raw").click();
      await page.locator('#artifact-view[data-artifact$=":raw"]').waitFor();
      await page.locator("#notice").waitFor({ state: "hidden" });
    }));

  test("keeps focus and opened steps over its polls, and nothing moves that has not changed", () =>
    pages.inPage(async (page) => {
      const runId = await startRun(pages.apiUrl, { source: "steady", sleepMs: 60_000 });
      await page.goto(`${pages.uiUrl}/runs/${runId}?pollIntervalMs=100`);
      await page.locator("#timeline").getByText("DBOS.sleep").waitFor();
      await page.locator("#step-0-summary").click();
      await page.locator("#step-0-summary").focus();
      const shift = await page.evaluate(
        () =>
          new Promise<number>((resolve) => {
            let sum = 0;
            new PerformanceObserver((list) => {
              for (const entry of list.getEntries()) sum += "value" in entry ? Number(entry.value) : 0;
            }).observe({ type: "layout-shift", buffered: false });
            setTimeout(() => resolve(sum), 1_000);
          }),
      );
      assert.ok(shift < 0.001, `layout shift ${shift}`);
      const isSteady = async () => {
        assert.equal(await page.locator("#step-0").getAttribute("open"), "");
        assert.equal(await page.evaluate(() => document.activeElement?.id), "step-0-summary");
      };
      await isSteady();
      await postJson(`${pages.apiUrl}/runs/${runId}/cancel`, {});
      await isIn(page, "error");
      await isSteady();
    }));
});
