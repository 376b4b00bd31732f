import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { completeRun, startRun } from "../../client.ts";
import { postJson } from "../http.ts";
import { measureSlowness } from "../machine-speed.ts";
import { LONG_SLEEP_MS } from "../sleeping-run.ts";
import { changeRun, runIdOf, stepNames, submit, takeScreenshot, usePages, waitForState } from "./pages.ts";
import { checkCourse } from "./pages-course.ts";
import { NON_LOOPBACK_NAME } from "./service.ts";

const pages = usePages("embedded");

describe("the course, API and pages in one process", () => checkCourse(pages, "embedded"));

describe("copying", () => {
  test("copies the full hash by the keyboard and confirms it", () =>
    pages.inPage(
      async (page) => {
        const { run_id, artifacts } = await completeRun(pages.apiUrl, "to be copied");
        await page.goto(`${pages.uiUrl}/runs/${run_id}?step=0`);
        await page.locator("#copy-0-out-0").focus();
        // Waited for from before on: the word stays for two seconds.
        const confirmed = page.locator("#copy-0-out-0").getByText("Copied").waitFor();
        await page.keyboard.press("Enter");
        await confirmed;
        // Pasted, because reading the clipboard from a script waits for a permission without end in some browsers.
        await page.locator("#cmd").focus();
        await page.keyboard.press("ControlOrMeta+V");
        assert.equal(await page.locator("#cmd").inputValue(), artifacts[0]?.sha256);
        assert.equal(await page.locator("#announcer").textContent(), "Copied");
        await page
          .locator("#copy-0-out-0")
          .getByText(/^Copy /)
          .waitFor();
      },
      { permissions: ["clipboard-write"] },
    ));

  test("selects the text when the browser denies access to the clipboard", () =>
    pages.inPage(async (page) => {
      const { run_id } = await completeRun(pages.apiUrl, "to be selected");
      await page.goto(`${pages.uiUrl.replace("127.0.0.1", NON_LOOPBACK_NAME)}/runs/${run_id}`);
      const confirmed = page.locator("#copy-run-id").getByText("Selected").waitFor();
      await page.locator("#copy-run-id").click();
      await confirmed;
      assert.equal(await page.evaluate(() => String(getSelection())), run_id);
    }));
});

describe("back and forward", () => {
  test("to a page of a stopped service show a notice, and the page once the service is back", () =>
    pages.inPage(async (page) => {
      const first = await completeRun(pages.apiUrl, "first of the history");
      const second = await completeRun(pages.apiUrl, "second of the history");
      await page.goto(`${pages.uiUrl}/runs/${first.run_id}`);
      await page.locator(`#commands a[data-run="${second.run_id}"]`).click();
      await page.locator(`#exec[data-run-id="${second.run_id}"]`).waitFor();
      await pages.kill();
      await page.goBack();
      await page.locator("#run-status").getByText("The service does not answer").waitFor();
      await pages.restart();
      await page.locator(`#exec[data-run-id="${first.run_id}"]`).waitFor();
      await waitForState(page, "done");
    }));

  test("to a deleted run show that it is missing", () =>
    pages.inPage(async (page) => {
      const first = await completeRun(pages.apiUrl, "soon no more");
      const second = await completeRun(pages.apiUrl, "still there");
      await page.goto(`${pages.uiUrl}/runs/${first.run_id}`);
      await page.locator(`#commands a[data-run="${second.run_id}"]`).click();
      await page.locator(`#exec[data-run-id="${second.run_id}"]`).waitFor();
      await pages.changeRows("delete from dbos.workflow_status where workflow_uuid = $1", [first.run_id]);
      await page.goBack();
      await page.locator('#exec [data-code="run_not_found"]').waitFor();
      assert.equal(new URL(page.url()).pathname, `/runs/${first.run_id}`);
    }));

  test("to a citation mark the cited words", () =>
    pages.inPage(async (page) => {
      const { run_id } = await completeRun(pages.apiUrl, `${"A line.\n\n".repeat(200)}It cost $30.50.`);
      await page.goto(`${pages.uiUrl}/runs/${run_id}`);
      await page.locator(".cite", { hasText: "$30.50" }).last().click();
      await page.locator("mark#cited").waitFor();
      await page.locator("#artifact-memo").click();
      await page.locator('#artifact-view[data-artifact$=":memo"]').waitFor();
      await page.goBack();
      await page.locator("mark#cited").waitFor();
      const y = await page.locator("mark#cited").evaluate((mark) => mark.getBoundingClientRect().y);
      assert.ok(y > 0 && y < 900, `the mark is at ${y}`);
    }));
});

describe("a page that watches a run", () => {
  test("shows that the service was killed, and recovers when it is back: the run continues from its checkpoint", () =>
    pages.inPage(async (page) => {
      await page.goto(`${pages.uiUrl}/?sleepMs=${LONG_SLEEP_MS}&pollIntervalMs=200`);
      await submit(page, "/doc killed in its sleep");
      await page.locator("#timeline .step", { hasText: "DBOS.sleep" }).waitFor();
      await waitForState(page, "running");
      await pages.kill();
      await waitForState(page, "error");
      await page.locator("#run-status").getByText("The service does not answer").waitFor();
      assert.ok((await stepNames(page)).includes("prepare"), "what was known stays in sight");
      await takeScreenshot(page, "gone");
      await pages.endSleep(runIdOf(page));
      await pages.restart();
      await waitForState(page, "done");
      await page.locator(".run-head .mark", { hasText: "recovered" }).waitFor();
      await page.locator("#step-0 .mark", { hasText: "from checkpoint" }).waitFor();
      await page.locator('#journal[open] li[data-kind="recovered"]', { hasText: "after a gap of" }).waitFor();
      assert.equal((await stepNames(page)).filter((name) => name === "prepare").length, 1);
      await takeScreenshot(page, "recovered");
    }));

  test("shows that the service does not answer, and recovers when it does", () =>
    pages.inPage(async (page) => {
      const runId = await startRun(pages.apiUrl, { source: "hangs for a while", sleepMs: 60_000 });
      await page.goto(`${pages.uiUrl}/runs/${runId}`);
      await waitForState(page, "running");
      await pages.whileSuspended(async () => {
        await waitForState(page, "error");
        await page.locator("#run-status").getByText("The service does not answer").waitFor();
      });
      await waitForState(page, "running");
      await postJson(`${pages.apiUrl}/runs/${runId}/cancel`, {});
    }));

  test("keeps showing the run after a failed poll, shows a notice, and polls again", () =>
    pages.inPage(async (page) => {
      const runId = await startRun(pages.apiUrl, { source: "asked at a bad moment", sleepMs: 60_000 });
      await page.goto(`${pages.uiUrl}/runs/${runId}?pollIntervalMs=100`);
      await page.locator("#timeline .step", { hasText: "DBOS.sleep" }).waitFor();
      await pages.changeRows("alter table jejakekal.artifact rename to mislaid");
      await waitForState(page, "error");
      await page.locator("#run-status").getByText("internal_error").waitFor();
      assert.ok((await stepNames(page)).includes("prepare"));
      await pages.changeRows("alter table jejakekal.mislaid rename to artifact");
      await waitForState(page, "running");
      await postJson(`${pages.apiUrl}/runs/${runId}/cancel`, {});
    }));

  test("keeps the status of an ended run when another request fails, and removes the notice afterwards", () =>
    pages.inPage(async (page) => {
      const { run_id } = await completeRun(pages.apiUrl, "ended well");
      await page.goto(`${pages.uiUrl}/runs/${run_id}`);
      await waitForState(page, "done");
      await pages.kill();
      await page.locator("#download-title").click();
      await page.locator("#act-export").click();
      await page.locator("#notice").getByText("The service does not answer").waitFor();
      await waitForState(page, "done");
      await pages.restart();
      await page.locator("#artifact-raw").click();
      await page.locator('#artifact-view[data-artifact$=":raw"]').waitFor();
      await page.locator("#notice").waitFor({ state: "hidden" });
    }));

  test("keeps focus and opened steps over its polls, and moves nothing that has not changed", () =>
    pages.inPage(async (page) => {
      const runId = await startRun(pages.apiUrl, { source: "steady", sleepMs: 60_000 });
      await page.goto(`${pages.uiUrl}/runs/${runId}?pollIntervalMs=100`);
      await page.locator("#timeline .step", { hasText: "DBOS.sleep" }).waitFor();
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
      await waitForState(page, "error");
      await isSteady();
    }));

  test("keeps actions, journal and artifacts where they are, from the first step to the last", () =>
    pages.inPage(async (page) => {
      // The page must be there before the sleep is over.
      const sleepMs = Math.round(1_000 * measureSlowness());
      const runId = await startRun(pages.apiUrl, { source: "stays put", sleepMs });
      await page.goto(`${pages.uiUrl}/runs/${runId}?pollIntervalMs=50`);
      await page.locator("#timeline").getByText("prepare").waitFor();
      await waitForState(page, "running");
      const seen = await page.evaluate(
        () =>
          new Promise<string[]>((resolve) => {
            const places = new Set<string>();
            new MutationObserver(() => {
              for (const id of [
                "download-title",
                "act-json",
                "journal-title",
                "artifact-raw",
                "artifact-view",
              ]) {
                const { x, y } = document.getElementById(id)?.getBoundingClientRect() ?? { x: -1, y: -1 };
                places.add(`${id} ${Math.round(x)} ${Math.round(y)}`);
              }
              if (document.querySelector('#run-status[data-state="done"]') !== null) resolve([...places]);
            }).observe(document.body, { subtree: true, childList: true });
          }),
      );
      assert.deepEqual(seen.map((place) => place.split(" ")[0]).sort(), [
        "act-json",
        "artifact-raw",
        "artifact-view",
        "download-title",
        "journal-title",
      ]);
    }));

  test("polls a new run before the first regular poll", () =>
    pages.inPage(async (page) => {
      await page.clock.install();
      const runId = await startRun(pages.apiUrl, { source: "young", sleepMs: 60_000 });
      await page.goto(`${pages.uiUrl}/runs/${runId}`);
      await page.locator("#timeline .step", { hasText: "DBOS.sleep" }).waitFor();
      await page.clock.pauseAt(Date.now() + 3_600_000);
      const polled = page.waitForRequest(/\/poll/);
      await page.evaluate(() => {
        document.querySelector("#run-status [data-elapsed]")?.setAttribute("data-elapsed", "0");
        document.dispatchEvent(new CustomEvent("htmx:afterSettle"));
      });
      await page.clock.runFor(100);
      await polled;
      await postJson(`${pages.apiUrl}/runs/${runId}/cancel`, {});
    }));

  test("shows what another tab did to an ended run, when the reader returns and when a change is refused", () =>
    pages.inPage(async (page) => {
      const runId = await startRun(pages.apiUrl, { source: "in two tabs", sleepMs: 60_000 });
      const change = (verb: string) => postJson(`${pages.apiUrl}/runs/${runId}/${verb}`, {});
      await change("cancel");
      await page.goto(`${pages.uiUrl}/runs/${runId}`);
      await waitForState(page, "error");
      await change("resume");
      await changeRun(page, "resume");
      await page.locator('#notice [data-code="run_not_resumable"]').waitFor();
      await waitForState(page, "running");
      assert.equal(await page.locator("#act-resume").count(), 0);
      await change("cancel");
      await waitForState(page, "error");
      await change("resume");
      await page.evaluate(() => window.dispatchEvent(new FocusEvent("focus")));
      await waitForState(page, "running");
      await change("cancel");
    }));

  test("leaves the pane alone while only the time to the next poll changes", () =>
    pages.inPage(async (page) => {
      const runId = await startRun(pages.apiUrl, { source: "backing off", sleepMs: 60_000 });
      await page.goto(`${pages.uiUrl}/runs/${runId}?pollIntervalMs=100&pollMaxIntervalMs=300`);
      await page.locator("#timeline .step", { hasText: "DBOS.sleep" }).waitFor();
      await page.locator(".run-head").evaluate((head) => head.setAttribute("data-seen", ""));
      await page.waitForRequest(/polls=9$/);
      assert.equal(await page.locator(".run-head").getAttribute("data-seen"), "");
      await postJson(`${pages.apiUrl}/runs/${runId}/cancel`, {});
      await waitForState(page, "error");
    }));

  test("shows the theme and the zone of times that were chosen, and tells when the run has ended", () =>
    pages.inPage(
      async (page) => {
        await page.addInitScript({ content: OBSERVER });
        const runId = await startRun(pages.apiUrl, { source: "# Shown", sleepMs: 60_000 });
        await page.goto(`${pages.uiUrl}/runs/${runId}`);
        const root = page.locator("html");
        const started = page.locator(".facts time").first();
        const inUtc = (await started.textContent()) ?? "";
        assert.equal(await root.getAttribute("data-first"), "");
        await page.locator('[data-opens="display"]').click();
        await page.getByLabel("dark").check();
        await page.getByLabel("local time").check();
        await page.getByLabel("when the run or batch").check();
        await page.keyboard.press("Escape");
        assert.equal(
          await page.evaluate(() => getComputedStyle(document.body).getPropertyValue("color-scheme")),
          "dark",
        );
        const seven = new Date(Date.parse(`${inUtc.replace(" ", "T")}Z`) + 7 * 3_600_000);
        const inJakarta = seven.toISOString().slice(0, 19).replace("T", " ");
        assert.equal(await started.textContent(), inJakarta);
        await page.reload();
        assert.equal(await root.getAttribute("data-first"), "dark");
        assert.equal(await started.textContent(), inJakarta);
        assert.equal(await page.locator(".facts [data-zone]").textContent(), "UTC+07:00");
        assert.match((await page.locator("#tab-icon").getAttribute("href")) ?? "", /icon/);
        const running = await page.locator("#tab-icon").getAttribute("href");
        assert.equal(running, await page.locator("#tab-icon").getAttribute("data-running"));
        await postJson(`${pages.apiUrl}/runs/${runId}/cancel`, {});
        await page.locator('html[data-told="Cancelled: Document"]').waitFor();
        const ended = await page.locator("#tab-icon").getAttribute("href");
        assert.equal(ended, await page.locator("#tab-icon").getAttribute("data-error"));
        await page.locator('[data-opens="display"]').click();
        await page.getByLabel("UTC", { exact: true }).check();
        assert.equal(await started.textContent(), inUtc);
      },
      { timezoneId: "Asia/Jakarta" },
    ));

  test("has a list beside it with named views, in which many runs are changed in parts", () =>
    pages.inPage(async (page) => {
      const ids = Array.from({ length: 12 }, (_, serial) => `many-${serial}`);
      for (const workflowId of ids)
        await startRun(pages.apiUrl, { source: "one of many", sleepMs: 600_000, workflowId });
      const path = "/runs?q=many-&status=running";
      await page.goto(pages.uiUrl + path);
      await page.locator("#view-name").fill("my many");
      await page.locator("#view-name").press("Enter");
      await page.goto(`${pages.uiUrl}/runs`);
      await page.getByRole("link", { name: "my many", exact: true }).click();
      await page.locator('#views-list a[aria-current="page"]').waitFor();
      const { pathname, search } = new URL(page.url());
      assert.equal(pathname + search, path);
      await page.getByRole("button", { name: "Remove the view my many" }).click();
      assert.equal(await page.locator("#views-list li").count(), 0);

      const parts: number[] = [];
      page.on("request", (sent) => {
        const runs = sent.method() === "POST" ? new URLSearchParams(sent.postData() ?? "").getAll("run") : [];
        if (runs.length > 0) parts.push(runs.length);
      });
      await page.getByLabel("all matching runs").check();
      await page.getByRole("button", { name: "Cancel…" }).click();
      await page.getByPlaceholder("Reason").fill("too many");
      parts.length = 0;
      await page.getByRole("button", { name: "Cancel 12 runs" }).click();
      await page.locator("#bulk-result h1", { hasText: "Cancelled: 12 · refused: 0" }).waitFor();
      assert.deepEqual(parts, [10, 2]);
      assert.equal(await page.locator("#bulk-result li").count(), 12);
      assert.equal(await page.locator("form.bulk-confirm").isVisible(), false);
    }));

  test("does not replace a button while it is pressed, so that the click arrives", () =>
    pages.inPage(async (page) => {
      const runId = await startRun(pages.apiUrl, { source: "pressed for long", sleepMs: 60_000 });
      await page.goto(`${pages.uiUrl}/runs/${runId}?pollIntervalMs=100`);
      await page.locator("#act-cancel").hover();
      await page.mouse.down();
      await page.locator("#act-cancel").evaluate((button) => button.setAttribute("data-seen", ""));
      await page.locator("#exec").evaluate((exec) => exec.setAttribute("data-version", "earlier"));
      for (let polls = 0; polls < 3; polls += 1) await page.waitForResponse(/\/poll\?/);
      assert.equal(await page.locator("#act-cancel").getAttribute("data-seen"), "");
      await page.mouse.up();
      await page.locator("#change-yes").click();
      await waitForState(page, "error");
    }));

  test("asks for a reason in a dialog, and puts the focus on the heading, so that one more Enter undoes nothing", () =>
    pages.inPage(async (page) => {
      const runId = await startRun(pages.apiUrl, { source: "by keyboard", sleepMs: 60_000 });
      await page.goto(`${pages.uiUrl}/runs/${runId}`);
      const focused = (id: string) => page.waitForFunction((at) => document.activeElement?.id === at, id);
      const changes: string[] = [];
      page.on("request", (sent) => {
        if (sent.method() === "POST") changes.push(new URL(sent.url()).pathname);
      });
      await page.locator("#act-cancel").focus();
      // Both before the answer to the first: after it, the second Enter would be one in the dialog.
      await page.locator("#act-cancel").evaluate((button: HTMLElement) => {
        button.click();
        button.click();
      });
      await focused("change-reason");
      await takeScreenshot(page, "reason");
      await page.keyboard.press("Escape");
      await focused("act-cancel");
      assert.deepEqual(changes, []);
      await page.keyboard.press("Enter");
      await focused("change-reason");
      await page.keyboard.type("the wrong document");
      await page.keyboard.press("Enter");
      await focused("execution-title");
      await page.keyboard.press("Enter");
      await waitForState(page, "error");
      await page.locator("#journal").getByText("the wrong document").waitFor();
      assert.deepEqual(changes, [`/ui/runs/${runId}/cancel`]);
      await page.locator("#act-resume").focus();
      await page.keyboard.press("Enter");
      await focused("change-reason");
      await page.keyboard.press("Enter");
      await waitForState(page, "running");
      await focused("execution-title");
      await postJson(`${pages.apiUrl}/runs/${runId}/cancel`, {});
      await waitForState(page, "error");
    }));
});

/** Notes the theme of the page when its body begins, and the notifications, as attributes of its root. As text: the compiler adds helpers. */
const OBSERVER = `
  new MutationObserver(() => {
    const root = document.documentElement;
    if (document.body !== null) root.dataset.first ??= root.dataset.theme ?? "none";
  }).observe(document, { childList: true, subtree: true });
  Document.prototype.hasFocus = () => false;
  window.Notification = class {
    static permission = "granted";
    static requestPermission = async () => "granted";
    constructor(words, { body }) {
      document.documentElement.dataset.told = words + ": " + body;
    }
    addEventListener() {}
  };
`;
