/** A page with three planes filled, from navigation to load event in Chromium, and its poll, with 10,000 runs stored. */

import pg from "pg";
import type { Browser } from "playwright-core";
import { completeRun } from "../../src/client.ts";
import { openBrowser } from "../../src/testing/browser/service.ts";
import { onePageDocument, startBenchProgram } from "./program.ts";
import { storeCopiesOfRun } from "./seed.ts";
import { round, summarise, timed, writeReport } from "./support.ts";

const RUNS_STORED = 10_000;
const NAVIGATIONS = 25;
const POLLS = 300;
const WARM_UP = 5;

const program = await startBenchProgram("ui");
const { run_id: runId } = await completeRun(program.apiUrl, { source: onePageDocument(0), sleepMs: 1 });

const client = new pg.Client({ connectionString: program.databaseUrl });
await client.connect();
const runIds = await storeCopiesOfRun(client, runId, RUNS_STORED);
await client.end();

const samples = { poll: [] as number[], page: [] as number[], first: [] as number[], again: [] as number[] };
for (let serial = -WARM_UP * 20; serial < POLLS; serial += 1) {
  const keep = serial >= 0 ? samples : { poll: [], page: [] };
  const id = runIds[(serial * 7919 + runIds.length * WARM_UP * 20) % runIds.length] ?? runId;
  await timed(keep.poll, () => read(`/ui/runs/${id}/poll`));
  if (serial % 10 === 0) await timed(keep.page, () => read(`/runs/${id}`));
}

const browser = await openBrowser();
let weightBytes = 0;
for (let serial = -WARM_UP; serial < NAVIGATIONS; serial += 1) {
  const { first, again, bytes } = await visit(browser, runIds[serial + WARM_UP] ?? runId);
  if (serial < 0) continue;
  samples.first.push(first);
  samples.again.push(again);
  weightBytes = Math.max(weightBytes, bytes);
}
await browser.close();
await program.close();

const first = summarise(samples.first);
const poll = summarise(samples.poll);
writeReport(
  "ui",
  {
    ui_load_ms: first.p95,
    ui_load_p50_ms: first.p50,
    ui_page_kb: round(weightBytes / 1_000),
    poll_p50_ms: poll.p50,
    poll_p95_ms: poll.p95,
  },
  {
    "load, nothing kept": first,
    "load, assets kept": summarise(samples.again),
    "page at the server": summarise(samples.page),
    "poll at the server": poll,
  },
);
process.exit(0);

/** The first visit with an empty cache and a repeated visit: ms to the load event, and the bytes that the first one transferred. */
async function visit(reader: Browser, id: string): Promise<{ first: number; again: number; bytes: number }> {
  const context = await reader.newContext({ viewport: { width: 1440, height: 900 } });
  try {
    const page = await context.newPage();
    const wire = await context.newCDPSession(page);
    let bytes = 0;
    wire.on("Network.loadingFinished", ({ encodedDataLength }) => {
      bytes += encodedDataLength;
    });
    await wire.send("Network.enable");
    const load = async () => {
      await page.goto(`${program.apiUrl}/runs/${id}`, { waitUntil: "load" });
      const isFilled = await page.locator("#timeline .step, #artifacts li, #commands .line").count();
      if (isFilled < 7 + 4 + 1) throw new Error(`the planes are not filled: ${isFilled} lines`);
      return page.evaluate(() => {
        const [entry] = performance.getEntriesByType("navigation");
        return entry instanceof PerformanceNavigationTiming ? entry.loadEventEnd : Number.NaN;
      });
    };
    const first = await load();
    const firstBytes = bytes;
    return { first, again: await load(), bytes: firstBytes };
  } finally {
    await context.close();
  }
}

async function read(path: string): Promise<void> {
  const response = await fetch(program.apiUrl + path, { headers: { accept: "text/html" } });
  await response.arrayBuffer();
  if (!response.ok) throw new Error(`GET ${path} answered ${response.status}`);
}
