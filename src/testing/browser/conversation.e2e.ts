import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { describe, test } from "node:test";
import type { Page } from "playwright-core";
import { completeRun, startRun, waitForEnd } from "../../client.ts";
import { request } from "../http.ts";
import { REPOSITORY } from "../paths.ts";
import {
  AXE,
  changeRun,
  HARBOUR_REPORT,
  runIdOf,
  submit,
  takeScreenshot,
  usePages,
  violations,
  waitForState,
} from "./pages.ts";

const LIMIT_BYTES = 200_000;

const pages = usePages("embedded", { JEJAKEKAL_MAX_BODY_BYTES: String(LIMIT_BYTES) });

describe("the command box", () => {
  test("lists its commands, refuses an unknown one with a message, and keeps the typed text", () =>
    pages.inPage(async (page) => {
      await page.goto(pages.uiUrl);
      await submit(page, "/help");
      await page.locator("#notice").getByText("/doc TEXT").waitFor();
      await submit(page, "/nonsense");
      await page.locator('#notice [data-code="invalid_command"]').waitFor();
      assert.equal(await page.locator("#cmd").inputValue(), "/nonsense");
      await submit(page, "/doc ");
      await page.locator("#notice").getByText("There is no text after /doc").waitFor();
      await submit(page, "");
      await page.locator("#notice").getByText("Type or paste a text, or choose a file").waitFor();
      await waitForState(page, "idle");
      await takeScreenshot(page, "refused");
    }));

  test("refuses a file over the limit with a message, without sending it", () =>
    pages.inPage(async (page) => {
      const sent: string[] = [];
      page.on("request", (asked) => sent.push(`${asked.method()} ${new URL(asked.url()).pathname}`));
      await page.goto(pages.uiUrl);
      const file = { name: "large.txt", mimeType: "text/plain", buffer: Buffer.alloc(LIMIT_BYTES + 1, "x") };
      await page.locator("#file").setInputFiles(file);
      await page.locator("#command-run").click();
      await page.locator('#notice [data-code="payload_too_large"]').getByText(String(LIMIT_BYTES)).waitFor();
      assert.ok(!sent.includes("POST /ui/runs"), String(sent));
      await waitForState(page, "idle");
    }));

  test("shows the refusal of the server when a file over the limit was sent", async () => {
    const body = new FormData();
    body.set("file", new File(["x".repeat(LIMIT_BYTES + 100_000)], "large.txt"));
    const headers = { "hx-request": "true" };
    const {
      status,
      text,
      headers: reply,
    } = await request(`${pages.uiUrl}/ui/runs`, { method: "POST", body, headers });
    assert.equal(status, 413);
    assert.match(text, /^<div id="notice"[^>]*hx-swap-oob="true"/);
    assert.equal(reply.get("hx-reswap"), "none", "it takes the place of nothing");
    assert.ok(text.includes(String(LIMIT_BYTES)), "the limit is the document's, not the form's");
  });

  test("takes a file that is chosen, and one that is dropped anywhere on the page", () =>
    pages.inPage(async (page) => {
      await page.goto(`${pages.uiUrl}/?pollIntervalMs=100`);
      const file = { name: "quay.md", mimeType: "text/markdown", buffer: Buffer.from(HARBOUR_REPORT) };
      await page.locator("#file").setInputFiles(file);
      await page.locator("#command-run").click();
      await waitForState(page, "done");
      await page.locator("#commands").getByText("quay.md").first().waitFor();
      await page.evaluate(() => {
        const dataTransfer = new DataTransfer();
        dataTransfer.items.add(new File(["dropped text"], "dropped.txt", { type: "text/plain" }));
        document.body.dispatchEvent(new DragEvent("drop", { dataTransfer, bubbles: true, cancelable: true }));
      });
      await page.keyboard.press("Enter");
      await page.locator("#commands").getByText("dropped.txt").first().waitFor();
      await waitForState(page, "done");
    }));

  test("keeps what is being typed while a run beside it is cancelled and resumed", () =>
    pages.inPage(async (page) => {
      const runId = await startRun(pages.apiUrl, { source: "beside a draft", sleepMs: 60_000 });
      await page.goto(`${pages.uiUrl}/runs/${runId}`);
      await page.locator("#cmd").fill("/doc a draft");
      await changeRun(page, "cancel");
      await waitForState(page, "error");
      await changeRun(page, "resume");
      await waitForState(page, "running");
      assert.equal(await page.locator("#cmd").inputValue(), "/doc a draft");
      await changeRun(page, "cancel");
      await waitForState(page, "error");
    }));

  test("is used by the keyboard alone, from the command to the citation", () =>
    pages.inPage(async (page) => {
      await page.goto(`${pages.uiUrl}/?pollIntervalMs=100`);
      await page.keyboard.type("//doc It cost $30.50 on 12 May 2024.");
      await page.keyboard.press("Enter");
      await waitForState(page, "done");
      const typed = runIdOf(page);
      await page.keyboard.press("Escape");
      await page.keyboard.press("j");
      await page.keyboard.press("j");
      await page.keyboard.press("k");
      await page.keyboard.press("j");
      await page.keyboard.press("Enter");
      await page.waitForURL((url) => !url.pathname.endsWith(typed));
      await page.goBack();
      await page.locator(`#exec[data-run-id="${typed}"]`).waitFor();
      await page.locator('#artifact-view[data-artifact$=":memo"] .cite').first().waitFor();
      await page.keyboard.press("3");
      const onCitation = () =>
        page.evaluate(() => document.activeElement?.classList.contains("cite") === true);
      for (let tabs = 0; !(await onCitation()); tabs += 1) {
        assert.ok(tabs < 20, "a citation is reached within twenty tabs of its plane");
        await page.keyboard.press("Tab");
      }
      await page.keyboard.press("Enter");
      await page.locator("mark#cited").waitFor();
      await page.keyboard.press("?");
      await page.locator("#keys[open]").waitFor();
      await takeScreenshot(page, "help");
      await page.keyboard.press("?");
      assert.equal(await page.locator("#keys[open]").count(), 0);
    }));

  test("without JavaScript shows the run with the refusal, and a link to reload while it runs", () =>
    pages.inPage(
      async (page) => {
        const runId = await startRun(pages.apiUrl, { source: "cancelled twice", sleepMs: 60_000 });
        await page.goto(`${pages.uiUrl}/runs/${runId}`);
        await page.getByRole("link", { name: "Reload" }).click();
        await waitForState(page, "running");
        await request(`${pages.apiUrl}/runs/${runId}/cancel`, { method: "POST" });
        await changeRun(page, "cancel");
        await page.locator('#notice [data-code="run_not_cancellable"]').waitFor();
        await page.locator(`#exec[data-run-id="${runId}"]`).waitFor();
        await changeRun(page, "resume");
        await waitForState(page, "running");
        await changeRun(page, "cancel");
        await page.locator('#journal li[data-kind="cancelled"]').nth(1).getByText("on the page").waitFor();
        await waitForState(page, "error");
        assert.equal(await page.getByRole("link", { name: "Reload" }).count(), 0);
      },
      { javaScriptEnabled: false },
    ));

  test("works without JavaScript", () =>
    pages.inPage(
      async (page) => {
        await page.goto(`${pages.uiUrl}/?sleepMs=1`);
        await page.locator("#cmd").fill("/doc # No script at all\nsecond line");
        await page.locator("#command-run").click();
        await page.waitForURL(/\/runs\//);
        const runId = runIdOf(page);
        await waitForEnd(pages.apiUrl, runId);
        await page.reload();
        await waitForState(page, "done");
        await takeScreenshot(page, "without-script");
        const raw = await request(`${pages.apiUrl}/artifacts/${runId}:raw/download`);
        assert.equal(raw.text, "# No script at all\nsecond line");
        await page.locator("#artifact-docir").click();
        await page.locator(".document").waitFor();
        // Beside a document there is no room for the commands.
        await page.getByRole("navigation", { name: "Pages" }).getByRole("link", { name: "Commands" }).click();
        await page.locator("#filter-text").fill("script");
        await page.locator("#filters button").click();
        await page.locator("#commands .line").first().waitFor();
        assert.match(page.url(), /q=script/);
        await page.goto(pages.uiUrl);
        await page.locator("#cmd").fill("/wat");
        await page.locator("#command-run").click();
        await page.locator('[data-code="invalid_command"]').waitFor();
        assert.equal(await page.locator("#cmd").inputValue(), "/wat");
      },
      { javaScriptEnabled: false },
    ));
});

describe("several files", () => {
  const files = [
    { name: "one.md", mimeType: "text/markdown", buffer: Buffer.from("# The first of many\n\nwords") },
    { name: "again.md", mimeType: "text/markdown", buffer: Buffer.from("# The first of many\n\nwords") },
    { name: "picture.png", mimeType: "image/png", buffer: Buffer.from("\u0089PNG") },
    { name: "two.txt", mimeType: "text/plain", buffer: Buffer.from("The second of many") },
  ];

  test("are listed, can be removed, and become a batch with a page of its own", () =>
    pages.inPage(async (page) => {
      await page.goto(pages.uiUrl);
      await page.locator("#file").setInputFiles([...files, { ...files[0], name: "not-wanted.md" } as never]);
      assert.equal(await page.locator(".tray-row").count(), 5);
      await page.getByRole("button", { name: "Remove not-wanted.md" }).click();
      assert.equal(await page.locator(".tray-row").count(), 4);
      await takeScreenshot(page, "tray");
      await page.locator("#command-run").click();
      await page.waitForURL(/\/batches\//);
      await page.locator("#batch h1", { hasText: "2 done, 1 refused, 1 repeated" }).waitFor();
      await page.locator("#batch").getByText("refused: This format is not read. Takes").waitFor();
      await page.locator("#batch").getByText("the same as document").waitFor();
      await takeScreenshot(page, "batch");
    }));

  test("are added to those that are chosen when they are dropped, and one alone opens its run", () =>
    pages.inPage(async (page) => {
      await page.goto(`${pages.uiUrl}/?pollIntervalMs=100`);
      const drop = (name: string) =>
        page.evaluate((file) => {
          const dataTransfer = new DataTransfer();
          dataTransfer.items.add(new File([file], file, { type: "text/plain" }));
          document.body.dispatchEvent(
            new DragEvent("drop", { dataTransfer, bubbles: true, cancelable: true }),
          );
        }, name);
      await drop("first.txt");
      await drop("second.txt");
      assert.equal(await page.locator(".tray-row").count(), 2);
      await page.getByRole("button", { name: "Remove first.txt" }).click();
      await page.locator("#command-run").click();
      await waitForState(page, "done");
      assert.equal(await page.locator(".tray-row").count(), 0);
    }));

  test("start one run each without a script, through the same field", () =>
    pages.inPage(
      async (page) => {
        await page.goto(pages.uiUrl);
        await page.locator("#file").setInputFiles(files);
        await page.locator("#command-run").click();
        await page.waitForURL(/\/batches\//);
        await page.locator("#batch").getByText("refused: This format is not read").waitFor();
        assert.equal(await page.locator("#batch tbody a").count(), 3);
      },
      { javaScriptEnabled: false },
    ));
});

describe("a text without a command", () => {
  test("is a document", () =>
    pages.inPage(async (page) => {
      await page.goto(`${pages.uiUrl}/?pollIntervalMs=100`);
      await submit(page, "Pasted words");
      await waitForState(page, "done");
      const raw = await request(`${pages.apiUrl}/artifacts/${runIdOf(page)}:raw/download`);
      assert.equal(raw.text, "Pasted words");
    }));
});

describe("a page on the API's port", () => {
  test("opens runs in place, and back and forward restore it, as on the port of the pages", () =>
    pages.inPage(async (page) => {
      const { run_id } = await completeRun(pages.apiUrl, "opened on the other port");
      await page.goto(pages.apiUrl);
      await page.locator(`#commands a[data-run="${run_id}"]`).click();
      await page.locator(`#exec[data-run-id="${run_id}"]`).waitFor();
      await page.goBack();
      await waitForState(page, "idle");
      await page.goForward();
      await page.locator(`#exec[data-run-id="${run_id}"]`).waitFor();
    }));
});

describe("a notice", () => {
  test("is visible on a narrow screen in every plane until it is dismissed", () =>
    pages.inPage(
      async (page) => {
        const { run_id } = await completeRun(pages.apiUrl, HARBOUR_REPORT);
        await page.goto(`${pages.uiUrl}/runs/${run_id}`);
        await page.locator("#download-title").click();
        await page.locator("#act-export").click();
        await page.locator("#notice").getByText("Exported to").waitFor();
        assert.equal(await page.locator("#notice").getAttribute("role"), "alert");
        await takeScreenshot(page, "notice-narrow");
        const top = () =>
          page.locator("#execution-plane").evaluate((plane) => plane.getBoundingClientRect().y);
        const withNotice = await top();
        await page.getByRole("button", { name: "Dismiss" }).click();
        await page.locator("#notice").waitFor({ state: "hidden" });
        assert.equal(await top(), withNotice, "a notice moves nothing");
        assert.equal(await page.evaluate(() => document.activeElement?.id), "execution-plane");
      },
      { viewport: { width: 390, height: 844 } },
    ));
});

describe("a narrow screen", () => {
  test("reaches every page by the menu, without a script", () =>
    pages.inPage(
      async (page) => {
        await page.goto(pages.uiUrl);
        await page.getByRole("button", { name: "Menu" }).click();
        await takeScreenshot(page, "menu-narrow");
        await page.locator("#menu").getByRole("link", { name: "Artifacts" }).click();
        await page.waitForURL(`${pages.uiUrl}/artifacts`);
      },
      { viewport: { width: 390, height: 844 }, javaScriptEnabled: false },
    ));
});

describe("the list of commands", () => {
  test("has pages and filters, which are in the address", () =>
    pages.inPage(async (page) => {
      for (let index = 0; index < 32; index += 1)
        await startRun(pages.apiUrl, { source: `# Entry ${index}` });
      await page.goto(pages.uiUrl);
      assert.equal(await page.locator("#commands .line").count(), 30);
      await page.getByRole("link", { name: "Older commands" }).click();
      await page.waitForFunction(() => document.querySelectorAll("#commands .line").length > 30);
      await takeScreenshot(page, "commands");
      await page.locator("#filter-text").fill("Entry 17");
      await page.waitForFunction(() => document.querySelectorAll("#commands .line").length === 1);
      assert.match(page.url(), /q=Entry\+17/);
      await page.waitForFunction(() => document.getElementById("announcer")?.textContent === "1 command");
      await page.locator("#filter-status").selectOption("error");
      await page.getByText("No command matches").waitFor();
      await page.reload();
      await page.getByText("No command matches").waitFor();
      assert.equal(await page.locator("#filter-text").inputValue(), "Entry 17");
    }));
});

describe("the list of commands, left open", () => {
  const countLines = (page: Page) => page.locator("#commands .line").count();
  const firstLine = (page: Page) => page.locator("#commands .line").first();

  test("keeps older pages, focus and scroll position when a new run appears, without gaps or duplicates", () =>
    pages.inPage(async (page) => {
      for (let index = 0; index < 40; index += 1) await startRun(pages.apiUrl, { source: `# Kept ${index}` });
      await page.goto(pages.uiUrl);
      await page.locator("#older").click();
      await page.waitForFunction(() => document.querySelectorAll("#commands .line").length > 40);
      const before = await countLines(page);
      const third = page.locator("#commands .line").nth(2);
      await third.focus();
      const focused = await third.getAttribute("id");
      await page.locator("#conversation-plane").evaluate((plane) => plane.scrollTo(0, 40));
      for (let index = 0; index < 3; index += 1) await startRun(pages.apiUrl, { source: `# New ${index}` });
      await lookAgain(page);
      await firstLine(page).getByText("New 2").waitFor();
      assert.equal(await countLines(page), before + 3);
      const ids = await page.locator("#commands .line").evaluateAll((lines) => lines.map(({ id }) => id));
      assert.equal(new Set(ids).size, ids.length);
      assert.equal(await page.evaluate(() => document.activeElement?.id), focused);
      assert.equal(await page.locator("#conversation-plane").evaluate((plane) => plane.scrollTop), 40);
    }));

  test("shows runs that were started elsewhere, within its filters, and does not poll while the page is hidden", () =>
    pages.inPage(async (page) => {
      await page.clock.install();
      await page.goto(`${pages.uiUrl}/?q=elsewhere`);
      await page.getByText("No command matches").waitFor();
      await completeRun(pages.apiUrl, "# From elsewhere");
      await completeRun(pages.apiUrl, "# Another matter");
      await page.evaluate(() =>
        Object.defineProperty(document, "hidden", { value: true, configurable: true }),
      );
      let asked = 0;
      page.on("request", (request) => {
        if (request.url().includes("part=first")) asked += 1;
      });
      await page.clock.runFor(60_000);
      assert.equal(asked, 0);
      await page.evaluate(() =>
        Object.defineProperty(document, "hidden", { value: false, configurable: true }),
      );
      await page.clock.runFor(21_000);
      await firstLine(page).getByText("From elsewhere").waitFor();
      assert.equal(await countLines(page), 1);
    }));

  test("sends no refresh while a filter request is under way", () =>
    pages.inPage(async (page) => {
      await completeRun(pages.apiUrl, "# Waited for");
      await page.goto(pages.uiUrl);
      const { promise: released, resolve: release } = Promise.withResolvers<void>();
      await page.route(/commands\?q=Waited/, async (route) => {
        await released;
        await route.continue();
      });
      const asked: string[] = [];
      page.on("request", (request) => asked.push(request.url()));
      const onItsWay = page.waitForRequest(/commands\?q=Waited/);
      await page.locator("#filter-text").fill("Waited for");
      await onItsWay;
      await lookAgain(page);
      release();
      await page.waitForFunction(() => document.querySelectorAll("#commands .line").length === 1);
      assert.ok(!asked.some((url) => url.includes("part=first")), String(asked));
    }));

  test("keeps its filters in the address when a run is opened, but not how far back it was paged", () =>
    pages.inPage(async (page) => {
      const { run_id } = await completeRun(pages.apiUrl, "# Filtered for");
      await page.goto(`${pages.uiUrl}/?q=Filtered+for&before=999999`);
      const asked = page.waitForRequest((request) => request.url().includes(`/runs/${run_id}`));
      await firstLine(page).click();
      assert.equal((await asked).url(), `${pages.uiUrl}/runs/${run_id}?q=Filtered+for`, "each filter once");
      await page.waitForURL(`${pages.uiUrl}/runs/${run_id}?q=Filtered+for`);
      await page.reload();
      assert.equal(await page.locator("#filter-text").inputValue(), "Filtered for");
    }));

  test("offers to retry when an older page could not be loaded", () =>
    pages.inPage(async (page) => {
      await page.goto(pages.uiUrl);
      await pages.changeRows("alter table jejakekal.chat_event rename to mislaid");
      await page.locator("#older").click();
      await page.locator(".older [data-code]").waitFor();
      assert.equal(await page.locator("#commands").count(), 1);
      await pages.changeRows("alter table jejakekal.mislaid rename to chat_event");
      await page.getByRole("link", { name: "Try again" }).click();
      await page.waitForFunction(() => document.querySelectorAll("#commands .line").length > 30);
    }));

  const lookAgain = (page: Page) =>
    page.evaluate(() => document.body.dispatchEvent(new CustomEvent("runs-changed")));
});

describe("all artifacts", () => {
  test("are filtered by title, visibility and type, which are in the address", () =>
    pages.inPage(async (page) => {
      await completeRun(pages.apiUrl, "# A rare title");
      await page.goto(`${pages.uiUrl}/artifacts?type=memo`);
      await page.locator("#artifacts-text").fill("rare");
      await page.locator("#artifacts-visibility").selectOption("user");
      await page.getByRole("button", { name: "Search" }).click();
      await page.waitForURL(/q=rare&visibility=user&type=memo$/);
      assert.equal(await page.locator(".all-artifacts tbody tr").count(), 1);
      await page.getByRole("link", { name: "all types" }).click();
      await page.waitForURL(/artifacts\?visibility=user&q=rare$/);
      assert.equal(await page.locator("#artifacts-text").inputValue(), "rare");
    }));
});

describe("a citation", () => {
  test("leads to its exact words, in the document and in the source", () =>
    pages.inPage(async (page) => {
      const { run_id } = await completeRun(pages.apiUrl, HARBOUR_REPORT);
      await page.goto(`${pages.uiUrl}/runs/${run_id}`);
      await takeScreenshot(page, "memo");
      await page.locator(".cite", { hasText: "$30.50" }).last().click();
      await page.locator('#artifact-view[data-artifact$=":docir"] mark#cited').waitFor();
      assert.equal(await page.locator("mark").textContent(), "$30.50");
      assert.equal(await page.locator(".block[data-doubt] .doubt").count(), 1);
      await takeScreenshot(page, "docir");
      await page.goBack();
      await page.locator('#artifact-view[data-artifact$=":memo"]').waitFor();
      await page.locator("li", { hasText: "$30.50" }).locator(".cite-source").last().click();
      await page.locator('#artifact-view[data-artifact$=":raw"] mark#cited').waitFor();
      assert.equal(await page.locator("mark").textContent(), "$30.50");
      assert.ok((await page.locator(".raw-line").count()) > 5);
      await takeScreenshot(page, "raw");
      await page.goto(`${pages.uiUrl}/artifacts/${run_id}:chunk-index`);
      await page.locator(".card").first().waitFor();
      await takeScreenshot(page, "chunks");
      const marked = await completeRun(pages.apiUrl, "The **barge *Ann*** left[^n].\n\n[^n]: At nine.\n");
      // The cited words begin within the strong ones.
      await page.goto(`${pages.uiUrl}/artifacts/${marked.run_id}:docir?span=10-18`);
      assert.equal(await page.locator("mark#cited").textContent(), "Ann left");
      assert.equal(await page.locator("mark#cited strong em").textContent(), "Ann");
      await page.locator(".document sup a").click();
      assert.equal(await page.locator('.block[data-type="footnote"]:target').textContent(), "[^n]: At nine.");
      await takeScreenshot(page, "marks");
    }));

  test("marks its words beside the memo, and the keys n and p walk on", () =>
    pages.inPage(
      async (page) => {
        const { run_id } = await completeRun(pages.apiUrl, HARBOUR_REPORT);
        await page.goto(`${pages.uiUrl}/runs/${run_id}`);
        await page.keyboard.press("n");
        await page.locator(".reading-memo .cite").first().waitFor();
        await page.locator("mark#cited").waitFor();
        const marked = () => page.locator("mark").allTextContents();
        const current = () => page.locator(".reading-memo .cite[aria-current]").first().textContent();
        assert.equal((await marked()).join(""), await current());
        const first = await current();
        await page.keyboard.press("n");
        await page.locator(".reading-memo .cite[aria-current]", { hasNotText: first ?? "" }).waitFor();
        await page.waitForFunction(
          () =>
            document.querySelector("mark")?.textContent ===
            document.querySelector(".reading-memo .cite[aria-current]")?.textContent,
        );
        await page.keyboard.press("p");
        await page.locator("mark", { hasText: first ?? "" }).waitFor();
        await page.locator(".reading-memo .cite", { hasText: "$30.50" }).last().hover();
        assert.equal(await page.evaluate(() => CSS.highlights.has("hovered")), true);
        assert.ok((await page.locator("#execution-plane").boundingBox())?.width === 232, "a rail");
        assert.equal(await page.locator("#conversation-plane").isVisible(), false);
        await page.evaluate(AXE);
        assert.deepEqual(await violations(page), []);
        await takeScreenshot(page, "reading");
      },
      { viewport: { width: 1440, height: 900 } },
    ));

  test("of a PDF is marked on its drawn page, without a request to elsewhere", () =>
    pages.inPage(async (page) => {
      const bytes = await readFile(`${REPOSITORY}scripts/corpus/pdf/report.pdf`);
      const { text } = await request(`${pages.apiUrl}/runs`, {
        method: "POST",
        headers: { "content-type": "application/pdf" },
        body: new Uint8Array(bytes),
      });
      const { run_id } = JSON.parse(text);
      await waitForEnd(pages.apiUrl, run_id);
      const asked: string[] = [];
      page.on("request", (sent) => asked.push(sent.url()));
      await page.goto(`${pages.uiUrl}/runs/${run_id}`);
      assert.ok(!asked.some((url) => url.includes("/pdf.")), "the library is loaded for a PDF alone");
      await page.locator(".sentences .cite").last().click();
      await page.locator('.pdf-page[data-drawn="1"], .pdf-page[data-drawn="2"]').waitFor();
      const drawn = await page.locator(".pdf-page canvas").evaluate((canvas: HTMLCanvasElement) => {
        const { data } = canvas.getContext("2d")?.getImageData(0, 0, canvas.width, canvas.height) ?? {
          data: [],
        };
        const seen = { dark: 0, marked: 0 };
        for (let at = 0; at < data.length; at += 4) {
          const [red = 0, green = 0, blue = 0] = data.slice(at, at + 3);
          if (red < 80 && green < 80 && blue < 80) seen.dark += 1;
          if (red === 255 && green > 215 && blue > 100 && blue < 140) seen.marked += 1;
        }
        return seen;
      });
      assert.ok(drawn.dark > 1_000 && drawn.marked > 1_000, JSON.stringify(drawn));
      assert.ok(
        asked.every((url) => url.startsWith(pages.uiUrl)),
        String(asked),
      );
    }));
});
