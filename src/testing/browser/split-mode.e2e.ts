import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { completeRun } from "../../client.ts";
import { request } from "../http.ts";
import { LONG_SLEEP_MS } from "../sleeping-run.ts";
import { runIdOf, submit, takeScreenshot, usePages, waitForState } from "./pages.ts";
import { checkCourse } from "./pages-course.ts";

const pages = usePages("split");

describe("the course, pages in a process of their own", () => checkCourse(pages, "split"));

describe("pages in a process of their own", () => {
  test("show that the API is unavailable, recover when it is back, and pass downloads through unchanged", () =>
    pages.inPage(async (page) => {
      await page.goto(`${pages.uiUrl}/?sleepMs=${LONG_SLEEP_MS}&pollIntervalMs=200`);
      await submit(page, "/doc split in two");
      await page.locator("#timeline .step", { hasText: "DBOS.sleep" }).waitFor();
      await waitForState(page, "running");
      const runId = runIdOf(page);
      await pages.kill();
      await waitForState(page, "error");
      await page.locator("#run-status").getByText("The API does not answer").waitFor();
      await takeScreenshot(page, "api-gone");
      assert.equal((await request(`${pages.uiUrl}/healthz`)).status, 503);
      const fresh = await request(`${pages.uiUrl}/runs/${runId}`, { headers: { accept: "text/html" } });
      assert.equal(fresh.status, 503);
      assert.match(fresh.text, /data-state="error"/);
      await pages.endSleep(runId);
      await pages.restart();
      await waitForState(page, "done");
      for (const path of [
        `/artifacts/${runId}:memo/download`,
        `/artifacts/${runId}:raw/download`,
        `/runs/${runId}/bundle`,
        `/runs/${runId}/export`,
      ]) {
        const [there, here] = await Promise.all(
          [pages.apiUrl, pages.uiUrl].map((base) => answerOf(base + path)),
        );
        assert.deepEqual(here, there, path);
      }
      const { etag = "" } = (await answerOf(`${pages.uiUrl}/artifacts/${runId}:raw/download`)).headers;
      const again = await request(`${pages.uiUrl}/artifacts/${runId}:raw/download`, {
        headers: { "if-none-match": etag },
      });
      assert.equal(again.status, 304);
    }));

  test("opened while the API is unavailable, show run and artifacts once it is back", () =>
    pages.inPage(async (page) => {
      const { run_id } = await completeRun(pages.apiUrl, "asked for too early");
      await pages.kill();
      const early = {
        run: { path: `/runs/${run_id}`, shows: '#artifact-view[data-artifact$=":memo"]' },
        artifact: { path: `/artifacts/${run_id}:docir`, shows: '#artifact-view[data-artifact$=":docir"]' },
        list: { path: "/artifacts?type=raw", shows: "#artifact-view .all-artifacts td" },
      };
      const tabs = await Promise.all(Object.values(early).map(() => page.context().newPage()));
      for (const [index, { path }] of Object.values(early).entries()) {
        await tabs[index]?.goto(pages.uiUrl + path);
        await tabs[index]?.locator("[data-code='api_unavailable']").first().waitFor();
      }
      await pages.restart();
      for (const [index, { shows }] of Object.values(early).entries())
        await tabs[index]?.locator(shows).first().waitFor();
      for (const tab of tabs.slice(0, 2)) await waitForState(tab, "done");
    }));
});

/** Headers that are about one connection and one moment, not about the answer. */
const OF_THE_MOMENT = new Set(["x-request-id", "date", "connection", "keep-alive", "transfer-encoding"]);

async function answerOf(url: string) {
  const answer = await fetch(url, { headers: { accept: "*/*" } });
  const headers = Object.fromEntries([...answer.headers].filter(([name]) => !OF_THE_MOMENT.has(name)));
  return {
    status: answer.status,
    headers,
    base64: Buffer.from(await answer.arrayBuffer()).toString("base64"),
  };
}
