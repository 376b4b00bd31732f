import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import { type Verified, verifyBundle } from "../bundle/verify/verify.ts";
import { Failure } from "../failure.ts";
import { createLog } from "../log.ts";
import { bundleFilesOf, memoryReader } from "../testing/bundles.ts";
import { createHttpApp } from "./app.ts";
import { createBundleServices } from "./bundle-services.ts";
import type { FetchHandler } from "./listener.ts";

const LOCAL_CLIENT = { address: "127.0.0.1", isSecure: false };

describe("the pages of a bundle alone", () => {
  let app: FetchHandler;
  let verified: Verified;

  async function appOf(change: (path: string, bytes: Uint8Array) => Uint8Array): Promise<FetchHandler> {
    const files = (await bundleFilesOf()).map(({ path, bytes }) => ({ path, bytes: change(path, bytes) }));
    verified = verifyBundle(memoryReader(files));
    const { verification, contents } = verified;
    assert.ok(contents);
    const origin = { bundleSha256: verification.bundleDigest ?? "", keyId: null, atEpochMs: null };
    const handler = createHttpApp({
      listener: "ui",
      reach: { publicUrl: undefined, isTokenRequired: false },
      api: {
        kind: "bundle",
        services: createBundleServices(contents, origin),
        bundle: { path: "tides.zip", verification },
      },
      maxBodyBytes: 0,
      log: createLog({ level: "silent", fd: 2 }),
    });
    return (request) => handler(request, LOCAL_CLIENT);
  }

  before(async () => {
    app = await appOf((_, bytes) => bytes);
  });

  const get = (path: string, accept = "text/html") =>
    app(new Request(`http://127.0.0.1${path}`, { headers: { accept } }));
  const json = async (path: string) => (await get(path, "application/json")).json();

  test("show the run with its memo, and the result of the verification on top", async () => {
    const page = await (await get("/runs/run-1")).text();
    assert.match(page, /id="bundle-result"[^>]*data-outcome="sound"/);
    assert.match(page, /This bundle verifies/);
    assert.match(page, /id="timeline"/);
    assert.match(page, /High water at 06:12/);
    assert.match(page, /finished/);
  });

  test("offer nothing that changes anything, and refuse it", async () => {
    const page = await (await get("/runs/run-1")).text();
    assert.doesNotMatch(page, /act-export|act-cancel|act-resume|\/fork|method="post"/);
    for (const [method, path] of [
      ["POST", "/runs"],
      ["POST", "/ui/runs"],
      ["POST", "/runs/run-1/cancel"],
      ["POST", "/ui/runs/run-1/fork"],
      ["GET", "/runs/run-1/export"],
      ["GET", "/ui/runs/run-1/export"],
    ] as const) {
      const reply = await app(new Request(`http://127.0.0.1${path}`, { method }));
      assert.ok([404, 405].includes(reply.status), `${method} ${path} ${reply.status}`);
    }
  });

  test("link only to what they answer", async () => {
    const seen = new Set(["/runs/run-1"]);
    const refused: string[] = [];
    for (const address of seen) {
      const reply = await get(address);
      const text = await reply.text();
      if (!reply.ok) refused.push(`${reply.status} ${address}`);
      if (!reply.headers.get("content-type")?.startsWith("text/html")) continue;
      for (const [, link = ""] of text.matchAll(/ (?:href|hx-get|src)="(\/[^"#]*)/g))
        seen.add(link.replaceAll("&amp;", "&"));
    }
    assert.ok(seen.size > 30, `${seen.size} links`);
    assert.deepEqual(refused, []);
  });

  test("answer the API's reads: the run, its journal, its artifacts and its files", async () => {
    const run = await json("/runs/run-1");
    assert.deepEqual([run.status, run.header.imported.at_epoch_ms, run.artifacts.length], ["done", null, 4]);
    assert.equal((await json("/runs/run-1/events")).chain.sound, true);
    assert.equal((await json("/runs")).runs.length, 1);
    assert.equal((await json("/runs?q=nowhere")).runs.length, 0);
    assert.equal((await json("/commands?status=running")).commands.length, 0);
    assert.equal((await json("/commands?q=TIDES")).commands[0].run.run_id, "run-1");
    const uses = await json(`/artifacts?sha256=${run.artifacts[0].sha256}`);
    assert.deepEqual(
      uses.map(({ type }: { type: string }) => type),
      ["docir", "raw"],
    );
    const raw = await get("/artifacts/run-1:raw/download", "*/*");
    assert.match(await raw.text(), /^# Tide tables/);
    assert.deepEqual(Object.keys(await json("/runs/run-1/bundle")).length, verified.contents?.files.size);
    for (const path of ["/runs/other", "/artifacts/other:raw"]) {
      assert.equal((await get(path, "application/json")).status, 404);
    }
  });

  test("give the blocks around a place of the document, and the lines around bytes of its source", async () => {
    const { content } = await json("/artifacts/run-1:docir/window?span=0-4");
    assert.deepEqual(content.blocks[0].parts, [
      { kind: "mark", text: "Tide" },
      { kind: "text", text: " tables" },
    ]);
    assert.equal(content.marked, content.blocks[0].block.id);
    const raw = (await json("/artifacts/run-1:raw/window?bytes=2-6")).content;
    assert.deepEqual(raw.lines[0].parts[1], { kind: "mark", text: "Tide" });
    for (const query of [":docir/window?span=4-4", ":docir/window?at=x", ":memo/window"]) {
      assert.equal((await get(`/artifacts/run-1${query}`, "application/json")).status, 400, query);
    }
  });

  test("lead from a citation to its chunk, its block, the bytes of the document and the steps", async () => {
    const memo = (await json("/artifacts/run-1:memo")).content;
    const { id, text, srcBytes } = memo.title.cite;
    const { citation, places } = await json(`/runs/run-1/citations/${id}`);
    assert.equal(citation.text, text);
    assert.deepEqual(
      places.map(({ type, function_name, pointer }: Record<string, unknown>) => [
        type,
        function_name,
        pointer,
      ]),
      [
        ["memo", "memo", "/title"],
        ["chunk-index", "chunk-index", "/chunks/0"],
        ["docir", "docir", "/blocks/0"],
        ["raw", "prepare", null],
      ],
    );
    const { span } = places[3];
    assert.deepEqual(span, srcBytes);
    const raw = await (await get("/artifacts/run-1:raw/download", "*/*")).text();
    assert.equal(raw.slice(...span), text);
    const page = await (await get(`/runs/run-1/citations/${id}`)).text();
    assert.match(page, /Bytes 2–13 of the document/);
    assert.match(page, /artifacts\/run-1:docir\?span=0-11#cited/);
    const memoPage = await (await get("/runs/run-1")).text();
    assert.ok(memoPage.includes(`/runs/run-1/citations/${id}`), "the memo links to it");
    for (const path of [
      "/runs/run-1/citations/q_0",
      "/runs/run-1/citations/%25",
      "/runs/other/citations/q_0",
    ]) {
      assert.equal((await get(path, "application/json")).status, 404, path);
    }
  });

  test("show what was found wrong in an altered bundle", async () => {
    const damaged = await appOf((path, bytes) => (path === "bagit.txt" ? Buffer.from("changed") : bytes));
    const page = await (
      await damaged(new Request("http://127.0.0.1/runs/run-1", { headers: { accept: "text/html" } }))
    ).text();
    assert.match(page, /data-outcome="altered" open/);
    assert.match(page, /bagit\.txt has the sha256/);
  });

  test("read the artifacts of that run alone", async () => {
    const { contents } = verified;
    assert.ok(contents);
    const { store } = createBundleServices(contents, { bundleSha256: "", keyId: null, atEpochMs: null });
    await assert.rejects(
      store.getContent({ runId: "other", type: "raw", sha256: "", isErased: false }),
      (error) => error instanceof Failure && error.code === "internal_error",
    );
  });
});
