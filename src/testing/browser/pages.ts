import assert from "node:assert/strict";
import { mkdir } from "node:fs/promises";
import { after, before } from "node:test";
import axe from "axe-core";
import pg from "pg";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { embeddedDatabaseUrl } from "../../postgres/index.ts";
import { REPOSITORY } from "../paths.ts";
import { openBrowser, openPlace, type Place, type Service, startService } from "./service.ts";

/** Where a look at each page is kept; nothing compares them, people do. */
const SHOTS = `${REPOSITORY}.cache/ui-screenshots`;

/** Longer than anything takes on a busy machine: a test that waits this long has failed. */
const PATIENCE_MS = 15_000;

export type Mode = "embedded" | "split";

/** The real program, its pages and a browser, for the tests of one `describe`. */
export type Pages = Readonly<{
  place: Place;
  apiUrl: string;
  uiUrl: string;
  /** Shows `work` an empty tab. What its scripts throw, and what the page's policy refuses, fails the test. */
  inPage(work: (page: Page) => Promise<void>, options?: BrowserContextOptions): Promise<void>;
  /** What no address does: to leave a run as only an accident or a newer version would. */
  tamper(sql: string, values?: readonly unknown[]): Promise<void>;
  /** SIGKILL to the process that runs the runs: all of it, or in split mode the API alone. */
  kill(): Promise<void>;
  /** Starts again what was killed. */
  revive(): Promise<void>;
  /** SIGSTOP to the same process, while `work` goes on. */
  whileFrozen(work: () => Promise<void>): Promise<void>;
}>;

/** To be called in the body of a `describe`: ready once its first test runs, gone after its last. */
export function usePages(mode: Mode, env: Readonly<Record<string, string>> = {}): Pages {
  const undo = new AsyncDisposableStack();
  let browser: Browser | null = null;
  let place: Place | null = null;
  let worker: Service | null = null;
  const startWorker = async () => {
    worker = await startService(need(place), mode === "split" ? "api" : "serve", env);
  };
  before(async () => {
    await mkdir(SHOTS, { recursive: true });
    place = undo.use(await openPlace());
    const opened = await openBrowser();
    browser = opened;
    undo.defer(() => opened.close());
    undo.defer(async () => worker?.stop());
    await startWorker();
    if (mode === "split") {
      const pages = await startService(need(place), "split", env);
      undo.defer(() => pages.stop());
    }
  });
  after(() => undo.disposeAsync());
  return {
    get place() {
      return need(place);
    },
    get apiUrl() {
      return need(worker).apiUrl;
    },
    get uiUrl() {
      return need(worker).uiUrl;
    },
    inPage: (work, options) => inNewPage(need(browser), work, options),
    tamper: (sql, values = []) => changeRows(need(place), sql, values),
    kill: () => need(worker).kill(),
    revive: startWorker,
    async whileFrozen(work) {
      const frozen = need(worker);
      frozen.freeze();
      try {
        await work();
      } finally {
        frozen.thaw();
      }
    },
  };
}

function need<Value>(value: Value | null): Value {
  if (value === null) throw new Error("the pages are there from the first test on, not before");
  return value;
}

async function changeRows(place: Place, sql: string, values: readonly unknown[]): Promise<void> {
  const connectionString = embeddedDatabaseUrl(place.home, place.pgPort);
  const session = new pg.Client({ connectionString, application_name: "test session" });
  await session.connect();
  try {
    // Rows here are append-only by trigger; an accident does not ask triggers.
    await session.query("set session_replication_role = replica");
    await session.query(sql, [...values]);
  } finally {
    await session.end();
  }
}

async function inNewPage(
  browser: Browser,
  work: (page: Page) => Promise<void>,
  options: BrowserContextOptions = {},
): Promise<void> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, ...options });
  context.setDefaultTimeout(PATIENCE_MS);
  const mistakes: string[] = [];
  context.on("weberror", (error) => mistakes.push(error.error().message));
  context.on("console", (message) => {
    const isMistake = message.type() === "error" && !EXPECTED_WORDS.test(message.text());
    if (isMistake) mistakes.push(message.text());
  });
  try {
    await work(await context.newPage());
    assert.deepEqual(mistakes, []);
  } finally {
    await context.close();
  }
}

/**
 * What a browser and htmx say when a service does not answer, or says no, or when an answer is not waited for any more: the
 * pages tell it in better words. And what a browser says of a header that means nothing beyond loopback.
 */
const EXPECTED_WORDS =
  /Failed to load resource|Opener-Policy header has been ignored|^htmx:(sendError|sendAbort|timeout|afterRequest|historyCacheMissLoadError)/;

/** A look at the page, kept. Hiding the caret would take a style of the tool's own, which the page's policy refuses. */
export async function shoot(page: Page, name: string): Promise<void> {
  await page.screenshot({ path: `${SHOTS}/${name}.png`, caret: "initial" });
}

export async function submit(page: Page, command: string): Promise<void> {
  await page.locator("#cmd").fill(command);
  await page.locator("#cmd").press("Enter");
}

/** Waits until `#run-status` says so. */
export async function isIn(page: Page, state: "idle" | "running" | "done" | "error"): Promise<void> {
  await page.locator(`#run-status[data-state="${state}"]`).waitFor();
}

export async function isPolling(page: Page): Promise<boolean> {
  return (await page.locator("#exec").getAttribute("hx-trigger")) !== null;
}

/** The names of the steps that the page shows, in order. */
export function stepNames(page: Page): Promise<string[]> {
  return page.locator("#timeline .step-name b").allTextContents();
}

/** The run that the page's address names. */
export function runIdOf(page: Page): string {
  return new URL(page.url()).pathname.slice("/runs/".length);
}

/** Every state that `#run-status` takes from now until `last`, each once as long as it stays. */
export function statesUntil(page: Page, last: string): Promise<string[]> {
  return page.evaluate(
    (wanted) =>
      new Promise<string[]>((resolve) => {
        const seen: string[] = [];
        // A function with a name would need a helper of the compiler's, which the page does not have.
        new MutationObserver(() => {
          const state = document.getElementById("run-status")?.dataset.state ?? "gone";
          if (seen.at(-1) !== state) seen.push(state);
          if (state === wanted) resolve(seen);
        }).observe(document, { subtree: true, childList: true, attributes: true });
        document.body.toggleAttribute("data-observed");
      }),
    last,
  );
}

type Axe = { run(options: unknown): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> };

/** axe, as a script of the tool's own and not of the page. */
export const AXE = axe.source;

/** What the page has against WCAG 2.2 AA, in axe's eyes. */
export function violations(page: Page): Promise<string[]> {
  return page.evaluate(async () => {
    const tool = (window as unknown as { axe: Axe }).axe;
    const runOnly = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];
    // Without preloading, axe leaves out one rule: whether a style sheet turns the page by its orientation. None does.
    const found = await tool.run({ runOnly, resultTypes: ["violations"], preload: false });
    return found.violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" | ")}`);
  });
}

/** A document with a title, figures, a doubt, a list and a table. */
export const HARBOUR_REPORT = `# Harbour report

The harbour moved 12,400 tonnes on 12 May 2024. It cost $30.50 per tonne.

The crane log is unclear [low] in places.

- north quay
- south quay

| quay | tonnes |
|---|---|
| north | 8,000 |
`;
