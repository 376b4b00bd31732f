import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Page } from "playwright-core";
import { completeRun, startRunOfFile } from "../../client.ts";
import { mailOf } from "../mail.ts";
import { usePages, waitForState } from "./pages.ts";

const LONG = Array.from({ length: 300 }, (_, line) => `Line ${line} cost $${line}.50.`).join("\n\n");

const pages = usePages("embedded");

function focused(page: Page, id: string) {
  return page.waitForFunction((wanted) => document.activeElement?.id === wanted, id);
}

describe("what is opened in place", () => {
  test("sets the title of the tab and the heading, also after back and forward", () =>
    pages.inPage(async (page) => {
      const { run_id } = await completeRun(pages.apiUrl, "to be named");
      const isCalled = async (title: string) => {
        await page.waitForFunction((wanted) => document.title === wanted, title);
        assert.equal(await page.locator("h1").textContent(), title);
      };
      await page.goto(pages.uiUrl);
      await page.locator(`#commands a[data-run="${run_id}"]`).click();
      await isCalled("Done: to be named · jejakekal");
      await page.locator("#artifact-docir").click();
      await isCalled("docir: to be named · jejakekal");
      await page.goBack();
      await isCalled("Done: to be named · jejakekal");
      await page.goBack();
      await isCalled("jejakekal");
    }));

  test("begins at its top, with the focus on the heading of its plane", () =>
    pages.inPage(async (page) => {
      const { run_id } = await completeRun(pages.apiUrl, LONG);
      await page.goto(`${pages.uiUrl}/artifacts/${run_id}:raw`);
      const plane = page.locator("#artifact-plane");
      await plane.evaluate((scrolled) => scrolled.scrollTo(0, 4_000));
      await page.locator("#step-2-summary").click();
      await page.locator("#made-docir").click();
      await page.locator('#artifact-view[data-artifact$=":docir"]').waitFor();
      await focused(page, "artifact-title");
      assert.equal(await plane.evaluate(({ scrollTop }) => scrollTop), 0);
    }));

  test("is scrolled into view where planes are stacked", () =>
    pages.inPage(
      async (page) => {
        const { run_id } = await completeRun(pages.apiUrl, LONG);
        await page.goto(`${pages.uiUrl}/runs/${run_id}`);
        await page.locator("#step-2-summary").click();
        await page.locator("#made-docir").click();
        await focused(page, "artifact-title");
        const y = await page.locator("#artifact-title").evaluate((title) => title.getBoundingClientRect().y);
        assert.ok(y >= 0 && y < 200, `the heading is at ${y}`);
      },
      { viewport: { width: 800, height: 600 } },
    ));

  test("keeps the focus in the command box while a command is typed", () =>
    pages.inPage(async (page) => {
      await page.goto(`${pages.uiUrl}/?pollIntervalMs=100`);
      await page.locator("#cmd").fill("/doc one of several");
      await page.keyboard.press("Enter");
      await waitForState(page, "done");
      assert.equal(await page.evaluate(() => document.activeElement?.id), "cmd");
    }));
});

describe("a mail and its attachment", () => {
  test("lead to each other, and the list of the mail shows when the run of the attachment has ended", () =>
    pages.inPage(async (page) => {
      const mail = mailOf("Tides", [{ type: "text/markdown", content: "# High water", filename: "tide.md" }]);
      const mailId = await startRunOfFile(pages.apiUrl, {
        bytes: mail,
        mediaType: "message/rfc822",
        query: { workflowId: "tides" },
      });
      await page.goto(`${pages.uiUrl}/runs/${mailId}`);
      await page.locator("#attachments .state-mark[data-status=done]").waitFor();
      await page.locator("#attachment-1").click();
      await page.locator("#attachment-of").waitFor();
      await page.waitForFunction(() => document.title.startsWith("Done: High water"));
      await page.locator("#attachment-of").click();
      await page.waitForFunction(() => document.title.startsWith("Done: Tides"));
    }));
});
