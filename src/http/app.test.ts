import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { createLog } from "../log.ts";
import type { ApiSource, Reach } from "./api-source.ts";
import { createHttpApp } from "./app.ts";
import { jsonReply, type ListenerName } from "./reply.ts";

const log = createLog({ level: "silent" });
const CLIENT = { address: "127.0.0.1", isSecure: false };
const LOOPBACK: Reach = { publicUrl: undefined, isTokenRequired: false };
const NOT_UP: ApiSource = { kind: "local", getServices: () => null };

function appOf(listener: ListenerName, api: ApiSource = NOT_UP, reach = LOOPBACK) {
  const app = createHttpApp({ listener, api, reach, maxBodyBytes: 1_000, log });
  return (path: string, headers: Record<string, string> = {}, method = "GET") =>
    app(new Request(`http://jejakekal.internal${path}`, { method, headers }), CLIENT);
}

const JSON_ONLY = { accept: "application/json" };
const HTML_ONLY = { accept: "text/html" };
const isHtml = (reply: Response) => reply.headers.get("content-type") === "text/html; charset=utf-8";

describe("the app behind a listener", () => {
  test("chooses JSON or HTML by the client at addresses that have both", async () => {
    for (const path of ["/runs", "/runs/x", "/artifacts", "/artifacts/x:raw"]) {
      for (const listener of ["api", "ui"] as const) {
        const ask = appOf(listener);
        assert.ok(isHtml(await ask(path, HTML_ONLY)), `${listener} ${path}`);
        assert.ok(isHtml(await ask(path, { "hx-request": "true" })), `${listener} ${path} by htmx`);
        assert.ok(!isHtml(await ask(path, JSON_ONLY)), `${listener} ${path}`);
        assert.equal(isHtml(await ask(path)), listener === "ui", `${listener} ${path} without Accept`);
        assert.equal(isHtml(await ask(path, { accept: "*/*" })), listener === "ui", `${listener} ${path}`);
      }
    }
  });

  test("has the home page at / and no JSON there", async () => {
    assert.ok(isHtml(await appOf("ui")("/")));
    const reply = await appOf("ui")("/", JSON_ONLY);
    assert.deepEqual([reply.status, (await reply.json()).error], [404, "not_found"]);
  });

  test("names in `allow` the methods of an address, be it of the API or of the pages", async () => {
    const ask = appOf("api");
    for (const [path, allow] of [
      ["/runs", "GET, POST, HEAD"],
      ["/runs/x/cancel", "POST"],
      ["/artifacts/x:raw/download", "GET, HEAD"],
      ["/", "GET, HEAD"],
      ["/ui/runs", "POST"],
      ["/ui/runs/x/fork", "POST"],
      ["/ui/commands", "GET, HEAD"],
    ] as const) {
      const reply = await ask(path, {}, "DELETE");
      assert.deepEqual([reply.status, reply.headers.get("allow")], [405, allow], path);
      assert.equal((await reply.json()).error, "method_not_allowed", path);
    }
    const page = await ask("/ui/runs", HTML_ONLY);
    assert.deepEqual([page.status, page.headers.get("allow"), isHtml(page)], [405, "POST", true]);
  });

  test("answers 503 until the services are up, and already has its pages and its table", async () => {
    const ask = appOf("ui");
    for (const path of ["/healthz", "/runs/x/events", "/artifacts/x:raw/download"]) {
      const reply = await ask(path, JSON_ONLY);
      assert.deepEqual([reply.status, reply.headers.get("retry-after")], [503, "1"], path);
      assert.equal((await reply.json()).error, "database_unavailable", path);
    }
    assert.equal((await ask("/healthz", HTML_ONLY)).status, 503);
    assert.ok(!isHtml(await ask("/healthz", HTML_ONLY)), "health is JSON for everybody");
    assert.equal((await ask("/runs/x", HTML_ONLY)).status, 503);
    assert.equal((await ask("/ui/help")).status, 200);
    assert.equal((await ask("/nowhere")).status, 404);
  });

  test("shows a refusal to a person on a page, and to a program in JSON", async () => {
    const ask = appOf("api");
    const page = await ask("/runs/x/export", HTML_ONLY);
    assert.deepEqual([page.status, isHtml(page), page.headers.get("retry-after")], [503, true, "1"]);
    assert.match(await page.text(), /id="execution-plane"/);
    assert.ok(!isHtml(await ask("/runs", HTML_ONLY, "POST")), "a write to the API is answered in JSON");
    const fragment = await ask("/ui/nowhere", { "hx-request": "true" });
    assert.deepEqual([fragment.status, fragment.headers.get("hx-reswap")], [404, "none"]);
  });

  test("a form of another site is refused", async () => {
    const reply = await appOf("ui")("/ui/runs", { "sec-fetch-site": "cross-site" }, "POST");
    assert.deepEqual([reply.status, (await reply.json()).error], [403, "cross_site_request"]);
  });
});

describe("the app of the split mode", () => {
  const forwarded: string[] = [];
  const api: ApiSource = {
    kind: "remote",
    forward: async ({ method, url }) => {
      const { pathname } = new URL(url);
      forwarded.push(`${method} ${pathname}`);
      if (pathname === "/commands") return jsonReply({ commands: [], next: null });
      return pathname.startsWith("/runs/gone")
        ? jsonReply({ error: "run_not_found", run_id: "gone" }, 404)
        : jsonReply({ from: "the API" });
    },
  };
  const ask = appOf("ui", api);

  test("passes on what is not a page, and the API's answer unchanged", async () => {
    for (const [method, path] of [
      ["GET", "/runs"],
      ["GET", "/runs/x"],
      ["GET", "/runs/x/export"],
      ["POST", "/runs"],
      ["DELETE", "/nowhere"],
    ] as const) {
      forwarded.length = 0;
      const reply = await ask(path, JSON_ONLY, method);
      assert.equal(await reply.text(), '{"from":"the API"}\n', path);
      assert.deepEqual(forwarded, [`${method} ${path}`]);
    }
  });

  test("has the pages, which read from the API", async () => {
    forwarded.length = 0;
    const page = await ask("/runs/gone");
    assert.deepEqual([page.status, isHtml(page)], [404, true]);
    assert.deepEqual([...forwarded].sort(), ["GET /commands", "GET /runs/gone", "GET /runs/gone/events"]);
    assert.equal((await ask("/ui/help")).status, 200);
  });

  test("shows a refusal of the API to a person on a page", async () => {
    const page = await ask("/runs/gone/export", HTML_ONLY);
    assert.deepEqual([page.status, isHtml(page)], [404, true]);
    const json = await ask("/runs/gone/export", JSON_ONLY);
    assert.deepEqual([json.status, await json.json()], [404, { error: "run_not_found", run_id: "gone" }]);
  });
});
