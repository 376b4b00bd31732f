import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Page } from "playwright-core";
import { completeRun } from "../../client.ts";
import { ARTIFACT_TYPES } from "../../domain/artifact.ts";
import { GALLERY_CASES } from "../../views/gallery/gallery.tsx";
import { postJson } from "../http.ts";
import { AXE, HARBOUR_REPORT, takeScreenshot, usePages, violations } from "./pages.ts";

const LOOKS = [
  { colorScheme: "light", width: 1440, height: 900 },
  { colorScheme: "dark", width: 1440, height: 900 },
  { colorScheme: "light", width: 390, height: 844 },
  { colorScheme: "dark", width: 390, height: 844 },
] as const;

describe("accessibility and layout", () => {
  const pages = usePages("embedded");

  test("axe finds no violation of WCAG 2.2 AA on any page, wide or narrow, light or dark", () =>
    pages.inPage(async (page) => {
      const { run_id } = await completeRun(pages.apiUrl, HARBOUR_REPORT);
      const { batch_id } = JSON.parse((await postJson(`${pages.apiUrl}/batches`, {})).text);
      await page.addInitScript(AXE);
      const paths = {
        home: "/",
        run: `/runs/${run_id}?step=4`,
        raw: `/artifacts/${run_id}:raw?bytes=20-31`,
        docir: `/artifacts/${run_id}:docir`,
        chunks: `/artifacts/${run_id}:chunk-index`,
        runs: "/runs",
        artifacts: "/artifacts",
        batch: `/batches/${batch_id}`,
        missing: "/runs/no-such-run",
        help: "/ui/help",
        gallery: "/ui/gallery",
      };
      for (const [name, path] of Object.entries(paths)) {
        await page.goto(pages.uiUrl + path);
        for (const look of LOOKS) await isWellMade(page, name, look);
      }
    }));

  const seen = new Set<string>();
  // In parts, since one page has three minutes.
  for (const part of [0, 1, 2, 3]) {
    test(`axe finds no violation in any state of the gallery, part ${part + 1} of 4`, () =>
      pages.inPage(async (page) => {
        await page.addInitScript(AXE);
        for (const [index, name] of GALLERY_CASES.entries()) {
          if (index % 4 !== part) continue;
          await page.goto(`${pages.uiUrl}/ui/gallery?case=${encodeURIComponent(name)}`);
          // Each state in both themes, wide and narrow in turn: the pages above are made of the same views in all four looks.
          const looks = LOOKS.filter((_, at) => at >> 1 === (index >> 2) % 2);
          for (const { width, height } of looks.slice(0, 1)) await page.setViewportSize({ width, height });
          // Most states differ from others in one plane.
          const within = await takeUnseenParts(page, seen);
          for (const look of looks) await isWellMade(page, `gallery-${name}`, look, within);
        }
      }));
  }

  test("no plane scrolls sideways, on any width, whatever the ids and titles in it", () =>
    pages.inPage(async (page) => {
      const workflowId = "x".repeat(128);
      const source = `# ${"word".repeat(60)}\n\n${HARBOUR_REPORT}`;
      const { run_id } = await completeRun(pages.apiUrl, { source, workflowId });
      const paths = [
        `/runs/${run_id}?step=4`,
        "/artifacts",
        ...ARTIFACT_TYPES.map((type) => `/artifacts/${run_id}:${type}`),
      ];
      for (const path of ["/", ...paths, "/runs/no-such-run"]) {
        await page.goto(pages.uiUrl + path);
        for (const width of WIDTHS) {
          await page.setViewportSize({ width, height: 900 });
          assert.deepEqual(await sideways(page), [], `${path} at ${width}`);
        }
      }
    }));

  for (const javaScriptEnabled of [true, false]) {
    test(`the placeholder of the filter is whole on any width ${javaScriptEnabled ? "with" : "without"} a script`, () =>
      pages.inPage(
        async (page) => {
          await page.goto(pages.uiUrl);
          for (let width = 390; width <= 1920; width += 30) {
            await page.setViewportSize({ width, height: 900 });
            assert.equal(await hiddenPlaceholderPx(page), 0, `at ${width}`);
          }
        },
        { javaScriptEnabled },
      ));
  }

  test("a wide page does not scroll as a whole, even with a long list of commands", () =>
    pages.inPage(async (page) => {
      for (let serial = 0; serial < 30; serial += 1) await completeRun(pages.apiUrl, `Note ${serial}.`);
      await page.setViewportSize({ width: 1280, height: 800 });
      await page.goto(pages.uiUrl);
      assert.equal(await page.evaluate(() => document.documentElement.scrollHeight), 800);
    }));

  test("the first page weighs less than 60 kB in all", () =>
    pages.inPage(async (page) => {
      const { run_id } = await completeRun(pages.apiUrl, HARBOUR_REPORT);
      await page.goto(`${pages.uiUrl}/runs/${run_id}`, { waitUntil: "networkidle" });
      const weight = await page.evaluate(() =>
        [...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")].reduce(
          (sum, entry) => sum + (entry instanceof PerformanceResourceTiming ? entry.transferSize : 0),
          0,
        ),
      );
      assert.ok(weight > 5_000 && weight < 60_000, `${weight} bytes`);
    }));
});

/** How many pixels of the filter's placeholder do not fit into its field. */
function hiddenPlaceholderPx(page: Page): Promise<number> {
  return page.locator("#filter-text").evaluate((field) => {
    if (!(field instanceof HTMLInputElement)) return Number.NaN;
    const { font, paddingLeft, paddingRight } = getComputedStyle(field);
    const room = field.clientWidth - Number.parseFloat(paddingLeft) - Number.parseFloat(paddingRight);
    const canvas = document.createElement("canvas").getContext("2d");
    if (canvas === null) return Number.NaN;
    canvas.font = font;
    return Math.max(0, canvas.measureText(field.placeholder).width - room);
  });
}

const WIDTHS = [390, 768, 1100, 1200, 1440, 1920];

/** Each plane, and what of the page, is wider than its place, and by how much. */
function sideways(page: Page): Promise<string[]> {
  return page.evaluate(() =>
    [document.documentElement, ...document.querySelectorAll(".plane")].flatMap((element) => {
      const by = element.scrollWidth - element.clientWidth;
      return by > 0 ? [`#${element.id} by ${by}`] : [];
    }),
  );
}

type Look = (typeof LOOKS)[number];

/**
 * Selectors of the parts of a page, its planes and what stands beside them, that are visible and whose markup is not in `seen`, where
 * it is added.
 */
async function takeUnseenParts(page: Page, seen: Set<string>): Promise<string[]> {
  const parts = await page.evaluate(() =>
    [...document.querySelectorAll("body > :not(.planes), .plane")].flatMap((element, index) => {
      if (!element.checkVisibility()) return [];
      const markup = element.outerHTML;
      element.setAttribute("data-part", String(index));
      return [{ selector: `[data-part="${index}"]`, markup }];
    }),
  );
  const unseen = parts.filter(({ markup }) => !seen.has(markup));
  for (const { markup } of unseen) seen.add(markup);
  return unseen.map(({ selector }) => selector);
}

async function isWellMade(
  page: Page,
  name: string,
  { colorScheme, width, height }: Look,
  within: readonly string[] = ["html"],
): Promise<void> {
  await page.emulateMedia({ colorScheme });
  await page.setViewportSize({ width, height });
  const look = `${name} ${colorScheme} ${width}`;
  // Each look in dark follows the same look in light.
  assert.deepEqual(await violations(page, { within, colorsOnly: colorScheme === "dark" }), [], look);
  assert.deepEqual(await sideways(page), [], look);
  await takeScreenshot(page, look.replaceAll(/[^a-z0-9]+/gi, "-"));
}
