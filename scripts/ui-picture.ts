/** Makes docs/ui.png: the page of a real run on a real service, for the README. `bun scripts/ui-picture.ts` */
import { mkdir } from "node:fs/promises";
import { createServicePlace, openBrowser, startService } from "../src/testing/browser/service.ts";

const PICTURE = new URL("../docs/ui.png", import.meta.url).pathname;

const REPORT = `# Harbour report, second quarter

The harbour moved 412,900 tonnes between 1 April and 30 June 2026, eight percent more than a year before. Handling cost
$30.50 per tonne, down from $33.10, because the north quay no longer hires cranes by the day.

## Cranes

Crane 4 stood still for eleven days in May. The log for 14 May is hard to read [low] and was typed again by hand.

- north quay: three cranes
- south quay: two cranes, one of them leased until 31 December 2026

## Tonnage

| quay  | tonnes  | ships |
|-------|---------|-------|
| north | 268,400 | 91    |
| south | 144,500 | 58    |
`;

const OTHERS = [
  ["minutes.md", "# Minutes\n\nThe board met on 3 July 2026 and agreed on the budget of $1,250,000.\n"],
  ["invoice-2041.txt", "Invoice 2041, due on receipt: $ 4,310.00\n"],
  ["tide-tables.txt", "High water 06:12 and 18:40; low water 00:05 and 12:27.\n"],
] as const;

async function post(apiUrl: string, filename: string, text: string, sleepMs: number): Promise<string> {
  const answer = await fetch(`${apiUrl}/runs?sleepMs=${sleepMs}&filename=${filename}`, {
    method: "POST",
    headers: { "content-type": filename.endsWith(".md") ? "text/markdown" : "text/plain" },
    body: text,
  });
  return ((await answer.json()) as { run_id: string }).run_id;
}

async function pictureOf(): Promise<void> {
  await mkdir(new URL("../docs/", import.meta.url), { recursive: true });
  await using place = await createServicePlace();
  let service = await startService(place, "serve");
  for (const [filename, text] of OTHERS) await post(service.apiUrl, filename, text, 400);
  const cancelled = await post(service.apiUrl, "draft.md", "# Draft\n\nNot to be kept.\n", 60_000);
  await fetch(`${service.apiUrl}/runs/${cancelled}/cancel`, { method: "POST" });
  // The picture shows what the program is for: a run whose process was killed while it slept, and that ended all the same.
  const runId = await post(service.apiUrl, "harbour-report.md", REPORT, 2_000);
  await new Promise((wake) => setTimeout(wake, 500));
  await service.kill();
  service = await startService(place, "serve");
  const browser = await openBrowser();
  try {
    const page = await browser.newPage({ viewport: { width: 1440, height: 860 }, deviceScaleFactor: 2 });
    await page.goto(`${service.uiUrl}/runs/${runId}?pollIntervalMs=200`);
    await page.locator('#run-status[data-state="done"]').waitFor();
    await post(service.apiUrl, "night-watch.md", "# Night watch\n\nNothing moved.\n", 60_000);
    await page.goto(`${service.uiUrl}/runs/${runId}`);
    await page.screenshot({ path: PICTURE, caret: "initial" });
  } finally {
    await browser.close();
    await service.stop();
  }
}

await pictureOf();
