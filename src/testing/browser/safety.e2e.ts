import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { completeRun } from "../../client.ts";
import { ARTIFACT_TYPES } from "../../domain/artifact.ts";
import { request } from "../http.ts";
import { takeScreenshot, usePages } from "./pages.ts";
import { NON_LOOPBACK_NAME } from "./service.ts";

const HOSTILE = `# <script>window.owned=1</script> \u202Egnp.exe

<img src=x onerror="window.owned=1">

"><svg onload=window.owned=1></svg>

[a link](javascript:window.owned=1)

${"x".repeat(1_000_000)}
`;

describe("safety", () => {
  const pages = usePages("embedded");

  test("a document of markup, script, direction marks and a line of a megabyte is shown as text", () =>
    pages.inPage(async (page) => {
      const { run_id } = await completeRun(pages.apiUrl, HOSTILE);
      for (const type of ARTIFACT_TYPES) {
        await page.goto(`${pages.uiUrl}/artifacts/${run_id}:${type}`);
        assert.equal(await page.evaluate(() => "owned" in window), false, type);
        const alive = "script, img, svg, [href^='javascript:']";
        assert.equal(await page.locator(`#artifact-view :is(${alive})`).count(), 0, type);
        const { wide, high, weight } = await page.evaluate(() => ({
          wide: document.documentElement.scrollWidth - innerWidth,
          high: document.body.scrollHeight - innerHeight,
          weight: document.documentElement.outerHTML.length,
        }));
        assert.ok(wide <= 0 && high <= 0, `${type} breaks the layout by ${wide} × ${high}`);
        assert.ok(weight < 200_000, `${type} is a page of ${weight} characters`);
        await takeScreenshot(page, `hostile-${type}`);
      }
    }));

  test("pages allow no script or style within, no sniffing and no frame around them", async () => {
    for (const path of ["/", "/runs/no-such-run", "/artifacts", "/ui/help", "/runs/..%2Fx"]) {
      const { headers, text } = await request(pages.uiUrl + path);
      const policy = headers.get("content-security-policy") ?? "";
      assert.match(policy, /default-src 'none'/, path);
      assert.match(policy, /frame-ancestors 'none'/, path);
      assert.doesNotMatch(policy, /unsafe/, path);
      assert.equal(headers.get("x-content-type-options"), "nosniff", path);
      assert.equal(headers.get("x-frame-options"), "DENY", path);
      assert.doesNotMatch(text, /<script>|<style|\sstyle="|\son[a-z]+="/, path);
    }
  });

  test("a form of the pages is accepted over plain HTTP and without JavaScript", () =>
    pages.inPage(
      async (page) => {
        await page.goto(pages.uiUrl.replace("127.0.0.1", NON_LOOPBACK_NAME));
        await page.locator("#cmd").fill("/doc from beyond loopback");
        await page.locator("#command-run").click();
        await page.waitForURL(/\/runs\//);
      },
      { javaScriptEnabled: false },
    ));

  test("a form of another site is refused, on both listeners", async () => {
    for (const url of [`${pages.uiUrl}/ui/runs`, `${pages.uiUrl}/runs`, `${pages.apiUrl}/runs`]) {
      for (const headers of [{ "sec-fetch-site": "cross-site" }, { origin: "http://evil.test" }]) {
        const body = new FormData();
        body.set("cmd", "/doc from elsewhere");
        assert.equal((await request(url, { method: "POST", body, headers })).status, 403, url);
      }
    }
  });
});
