import assert from "node:assert/strict";
import { after, before } from "node:test";
import axe from "axe-core";
import pg from "pg";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { embeddedDatabaseUrl } from "../../postgres/index.ts";
import { withTimeout } from "../../timeout.ts";
import { testEnvironment } from "../environment.ts";
import { REPOSITORY } from "../paths.ts";
import { endSleep } from "../sleeping-run.ts";
import { createServicePlace, openBrowser, type Service, type ServicePlace, startService } from "./service.ts";

const SHOTS = `${REPOSITORY}.cache/ui-screenshots`;

/** One wait in a page. */
const ACTION_TIMEOUT_MS = 60_000;

/** All of a test in a page: what runs in the page, such as `page.evaluate`, has no limit of its own. */
const PAGE_TIMEOUT_MS = 180_000;

export type Mode = "embedded" | "split";

/** The real program, its pages and a browser, for the tests of one `describe`. */
export type Pages = Readonly<{
  place: ServicePlace;
  apiUrl: string;
  uiUrl: string;
  /**
   * Runs `work` with an empty tab, for at most three minutes. An error of the page's scripts or a violation of its content
   * security policy fails the test.
   */
  inPage(work: (page: Page) => Promise<void>, options?: BrowserContextOptions): Promise<void>;
  /** Changes rows with triggers off, to make states that the program itself never makes. */
  changeRows(sql: string, values?: readonly unknown[]): Promise<void>;
  /** Has the sleep of a run end that is cancelled, or whose process is killed; see `endSleep`. */
  endSleep(runId: string): Promise<void>;
  /** SIGKILL to the process that runs the runs: all of it, or in split mode the API alone. */
  kill(): Promise<void>;
  /** Starts again what was killed. */
  restart(): Promise<void>;
  /** SIGSTOP to the same process, while `work` goes on. */
  whileSuspended(work: () => Promise<void>): Promise<void>;
}>;

/** Call it in the body of a `describe`. It starts before the first test and stops after the last. */
export function usePages(mode: Mode, env: Readonly<Record<string, string>> = {}): Pages {
  const undo = new AsyncDisposableStack();
  let browser: Browser | null = null;
  let place: ServicePlace | null = null;
  let worker: Service | null = null;
  const startWorker = async () => {
    worker = await startService(required(place), mode === "split" ? "api" : "serve", env);
  };
  before(async () => {
    place = undo.use(await createServicePlace());
    const opened = await openBrowser();
    browser = opened;
    undo.defer(() => opened.close());
    undo.defer(async () => worker?.stop());
    await startWorker();
    if (mode === "split") {
      const pages = await startService(required(place), "split", env);
      undo.defer(() => pages.stop());
    }
  });
  after(() => undo.disposeAsync());
  return {
    get place() {
      return required(place);
    },
    get apiUrl() {
      return required(worker).apiUrl;
    },
    get uiUrl() {
      return required(worker).uiUrl;
    },
    inPage: (work, options) => runInNewPage(required(browser), work, options),
    changeRows: async (sql, values = []) => void (await executeWithoutTriggers(required(place), sql, values)),
    endSleep: (runId) =>
      endSleep({ query: (sql, values = []) => executeWithoutTriggers(required(place), sql, values) }, runId),
    kill: () => required(worker).kill(),
    restart: startWorker,
    async whileSuspended(work) {
      const frozen = required(worker);
      frozen.suspend();
      try {
        await work();
      } finally {
        frozen.resume();
      }
    },
  };
}

function required<Value>(value: Value | null): Value {
  if (value === null) throw new Error("the pages are there from the first test on, not before");
  return value;
}

async function executeWithoutTriggers<Row extends pg.QueryResultRow>(
  place: ServicePlace,
  sql: string,
  values: readonly unknown[],
): Promise<Row[]> {
  const connectionString = embeddedDatabaseUrl(place.home, place.pgPort);
  const session = new pg.Client({ connectionString, application_name: "test session" });
  await session.connect();
  try {
    // Triggers make the tables append-only.
    await session.query("set session_replication_role = replica");
    return (await session.query<Row>(sql, [...values])).rows;
  } finally {
    await session.end();
  }
}

async function runInNewPage(
  browser: Browser,
  work: (page: Page) => Promise<void>,
  options: BrowserContextOptions = {},
): Promise<void> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, ...options });
  context.setDefaultTimeout(ACTION_TIMEOUT_MS);
  const mistakes: string[] = [];
  context.on("weberror", (error) => mistakes.push(error.error().message));
  context.on("console", (message) => {
    const isMistake = message.type() === "error" && !EXPECTED_MESSAGES.test(message.text());
    if (isMistake) mistakes.push(message.text());
  });
  try {
    await withTimeout(
      work(await context.newPage()),
      PAGE_TIMEOUT_MS,
      () => new Error(`the page took more than ${PAGE_TIMEOUT_MS} ms`),
    );
    assert.deepEqual(mistakes, []);
  } finally {
    await context.close();
  }
}

/**
 * Console messages of the browser and of htmx about requests that fail or are aborted, which the pages report themselves, and about a
 * header that has no effect beyond loopback.
 */
const EXPECTED_MESSAGES =
  /Failed to load resource|Opener-Policy header has been ignored|^htmx:(sendError|sendAbort|timeout|afterRequest|historyCacheMissLoadError)/;

/** Stores a screenshot when the test run is asked to: people look at them, no test compares them. The caret stays visible: Playwright hides it by a style, which the page's content security policy refuses. */
export async function takeScreenshot(page: Page, name: string): Promise<void> {
  if (!testEnvironment.screenshots) return;
  await page.screenshot({ path: `${SHOTS}/${name}.png`, caret: "initial" });
}

export async function submit(page: Page, command: string): Promise<void> {
  await page.locator("#cmd").fill(command);
  await page.locator("#cmd").press("Enter");
}

/** Presses Cancel or Resume, and confirms it without a reason. */
export async function changeRun(page: Page, verb: "cancel" | "resume"): Promise<void> {
  await page.locator(`#act-${verb}`).click();
  await page.locator("#change-yes").click();
}

/** Waits until `#run-status` says so. */
export async function waitForState(page: Page, state: "idle" | "running" | "done" | "error"): Promise<void> {
  await page.locator(`#run-status[data-state="${state}"]`).waitFor();
}

export async function isPolling(page: Page): Promise<boolean> {
  return (await page.locator("#exec").getAttribute("hx-trigger"))?.startsWith("every") === true;
}

/** The names of the steps that the page shows, in order. */
export function stepNames(page: Page): Promise<string[]> {
  return page.locator("#timeline .step-name b").allTextContents();
}

/** The run that the page's address names. */
export function runIdOf(page: Page): string {
  return new URL(page.url()).pathname.slice("/runs/".length);
}

/**
 * Every state that `#run-status` takes from now until `last`, each once as long as it stays. Ends earlier when the run ends
 * otherwise, so that the test can say what it saw instead of waiting out its time limit.
 */
export function recordStatesUntil(page: Page, last: string): Promise<string[]> {
  return page.evaluate(
    (wanted) =>
      new Promise<string[]>((resolve) => {
        const seen: string[] = [];
        // No named function here: the compiler would add a call of a helper that the page does not have.
        new MutationObserver(() => {
          const state = document.getElementById("run-status")?.dataset.state ?? "gone";
          if (seen.at(-1) !== state) seen.push(state);
          const ended = state === "done" || (state === "error" && seen.length > 1);
          if (state === wanted || ended) resolve(seen);
        }).observe(document, { subtree: true, childList: true, attributes: true });
        document.body.toggleAttribute("data-observed");
      }),
    last,
  );
}

type Axe = {
  run(
    context: unknown,
    options: unknown,
  ): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }>;
};

/** The source of axe, which the browser tool runs outside of the page's content security policy. */
export const AXE = axe.source;

const WCAG_22_AA = { type: "tag", values: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"] };

/** Those rules of `WCAG_22_AA` whose result depends on the colors of a page. */
const COLOR_RULES = { type: "rule", values: ["color-contrast", "link-in-text-block"] };

/**
 * The violations of WCAG 2.2 AA that axe finds on the page.
 * @param within selectors of the parts to check; nothing is checked where there are none
 * @param colorsOnly for a page that was checked in other colors before
 */
export async function violations(
  page: Page,
  {
    within = ["html"],
    colorsOnly = false,
  }: Readonly<{ within?: readonly string[]; colorsOnly?: boolean }> = {},
): Promise<string[]> {
  if (within.length === 0) return [];
  return await page.evaluate(
    async ({ include, runOnly }) => {
      const tool = (window as unknown as { axe: Axe }).axe;
      // Without preloading, axe leaves out one rule: whether a style sheet turns the page by its orientation. None does.
      const found = await tool.run({ include }, { runOnly, resultTypes: ["violations"], preload: false });
      return found.violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" | ")}`);
    },
    { include: [...within], runOnly: colorsOnly ? COLOR_RULES : WCAG_22_AA },
  );
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
