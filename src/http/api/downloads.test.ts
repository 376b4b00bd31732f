import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import { gunzipSync } from "node:zlib";
import { completeRun } from "../../client.ts";
import { FAILURES } from "../../failure.ts";
import { assertFailure, objectOf, request } from "../../testing/http.ts";
import { sendRaw } from "../../testing/raw-http.ts";
import { slow, useService } from "../../testing/service.ts";

const SOURCE = `# Downloads\n\n${"Some words that repeat. ".repeat(400)}`;

describe("a download", () => {
  const service = useService();
  before(async () => {
    await completeRun(service.url, { source: SOURCE, workflowId: "whole" });
    await completeRun(service.url, { source: "short", workflowId: "short" });
  }, slow);

  const download = (headers: Record<string, string> = {}, id = "whole:raw") =>
    request(`${service.url}/artifacts/${id}/download`, { headers });
  const etagOf = async () => (await download(PLAIN)).headers.get("etag") ?? "";
  const PLAIN = { "accept-encoding": "identity" };

  test("gives a memo as Markdown, and refuses that of other artifacts", slow, async () => {
    const path = (type: string, as = "markdown") =>
      `${service.url}/artifacts/whole:${type}/download?as=${as}`;
    const reply = await request(path("memo"));
    assert.equal(reply.headers.get("content-type"), "text/markdown; charset=utf-8");
    assert.match(reply.headers.get("content-disposition") ?? "", /filename="?whole-memo\.md/);
    assert.match(reply.text, /^# Downloads\n\n/);
    const etag = reply.headers.get("etag") ?? "";
    assert.equal((await request(path("memo"), { headers: { "if-none-match": etag } })).status, 304);
    assert.notEqual(etag, await etagOf());
    for (const [url, reason] of [
      [path("raw"), "takes markdown for a memo alone"],
      [path("docir", "csv"), "takes csv for a memo alone"],
      [path("memo", "word"), "takes markdown, html or csv"],
    ] as const)
      assertFailure(await request(url), 400, {
        error: "invalid_query",
        message: FAILURES.invalid_query,
        field: "as",
        reason,
      });
  });

  test("returns the requested range", slow, async () => {
    const { length } = SOURCE;
    for (const [range, start, end] of [
      ["bytes=0-0", 0, 1],
      ["bytes=5-9", 5, 10],
      ["bytes=100-", 100, length],
      ["bytes=-7", length - 7, length],
      [`bytes=-${length + 9}`, 0, length],
      [`bytes=10-${length + 9}`, 10, length],
      ["Bytes= 1-2 ", 1, 3],
    ] as const) {
      const reply = await download({ range });
      assert.equal(reply.status, 206, range);
      assert.equal(reply.text, SOURCE.slice(start, end), range);
      assert.equal(reply.headers.get("content-range"), `bytes ${start}-${end - 1}/${length}`);
      assert.equal(reply.headers.get("content-length"), String(end - start));
      assert.equal(reply.headers.get("content-encoding"), null);
      assert.equal(reply.headers.get("etag"), await etagOf());
    }
  });

  test("is complete when there is no range, more than one, or one that cannot be parsed", slow, async () => {
    for (const range of ["", "bytes=", "bytes=-", "bytes=0-1,3-4", "bytes=5-2", "lines=1-2", "bytes=a-b"]) {
      const reply = await download({ ...PLAIN, range });
      assert.deepEqual([reply.status, reply.text], [200, SOURCE], range);
      assert.equal(reply.headers.get("accept-ranges"), "bytes");
    }
  });

  test("refuses a range behind its end with 416 and its length", slow, async () => {
    for (const range of [`bytes=${SOURCE.length}-`, "bytes=999999999999-", "bytes=-0"]) {
      const reply = await download({ range });
      const message = "The range starts after the end of the content.";
      assertFailure(reply, 416, {
        error: "range_not_satisfiable",
        message,
        artifact_id: "whole:raw",
        bytes: SOURCE.length,
      });
      assert.equal(reply.headers.get("content-range"), `bytes */${SOURCE.length}`);
    }
  });

  test("gives a range only of the content that If-Range names", slow, async () => {
    const etag = await etagOf();
    const range = "bytes=0-3";
    assert.equal((await download({ range, "if-range": etag })).status, 206);
    for (const other of [`W/${etag}`, '"another"', new Date().toUTCString()]) {
      const reply = await download({ range, "if-range": other });
      assert.deepEqual([reply.status, reply.text], [200, SOURCE], other);
    }
    assert.equal((await download({ range, "if-none-match": etag })).status, 304);
  });

  test("is compressed for a client that accepts it, under a weak etag", slow, async () => {
    const etag = await etagOf();
    const compressed = await raw("/artifacts/whole:raw/download", "accept-encoding: br, gzip");
    assert.equal(compressed.headers.get("content-encoding"), "gzip");
    assert.equal(compressed.headers.get("etag"), `W/${etag}`);
    assert.equal(compressed.headers.get("accept-ranges"), null);
    assert.match(compressed.headers.get("vary") ?? "", /Accept-Encoding/);
    assert.equal(gunzipSync(compressed.body).toString(), SOURCE);
    assert.ok(compressed.body.length < SOURCE.length / 5);
    for (const accepted of ["", "accept-encoding: identity", "accept-encoding: gzip;q=0"]) {
      const plain = await raw("/artifacts/whole:raw/download", accepted);
      assert.equal(plain.body.toString(), SOURCE, accepted);
      assert.deepEqual([plain.headers.get("content-encoding"), plain.headers.get("etag")], [null, etag]);
      assert.match(plain.headers.get("vary") ?? "", /Accept-Encoding/, "caches keep the two apart");
    }
  });

  test("is answered with 304 when the client has it, compressed or not", slow, async () => {
    const etag = await etagOf();
    for (const tag of [etag, `W/${etag}`, `"x", W/${etag}`, "*"]) {
      const gzip = await raw(
        "/artifacts/whole:raw/download",
        `accept-encoding: gzip\r\nif-none-match: ${tag}`,
      );
      assert.deepEqual([gzip.status, gzip.headers.get("etag")], [304, `W/${etag}`], tag);
      const plain = await raw("/artifacts/whole:raw/download", `if-none-match: ${tag}`);
      assert.deepEqual([plain.status, plain.headers.get("etag")], [304, etag], tag);
    }
  });

  test("that is short is not compressed", slow, async () => {
    const reply = await raw("/artifacts/short:raw/download", "accept-encoding: gzip");
    assert.deepEqual([reply.body.toString(), reply.headers.get("content-encoding")], ["short", null]);
  });

  test("is compressed in the same way as JSON and pages", slow, async () => {
    for (const [path, accept] of [
      ["/runs/whole", "application/json"],
      ["/artifacts/whole:docir", "application/json"],
      ["/runs/whole/bundle", "application/json"],
      ["/runs/whole", "text/html"],
    ] as const) {
      const plain = await raw(path, `accept: ${accept}`);
      const gzip = await raw(path, `accept: ${accept}\r\naccept-encoding: gzip`);
      assert.equal(gzip.headers.get("content-encoding"), "gzip", path);
      const text = gunzipSync(gzip.body).toString();
      if (accept === "application/json") assert.equal(text, plain.body.toString(), path);
      else assert.match(text, /<\/html>$/);
    }
  });

  /** One answer over a connection of its own, with its body as bytes. */
  async function raw(path: string, header: string) {
    const lines = [`GET ${path} HTTP/1.0`, "host: localhost", ...(header === "" ? [] : [header])];
    const reply = await sendRaw(service.url, { parts: [`${lines.join("\r\n")}\r\n\r\n`], untilClosed: true });
    return { ...reply, body: reply.bytes };
  }
});

describe("an export", () => {
  const service = useService();

  test("is refused when a page of another site asks for it", slow, async () => {
    await completeRun(service.url, { source: "x", workflowId: "mine" });
    const events = async () => objectOf(await request(`${service.url}/runs/mine/events`)).events;
    const before = await events();
    const foreign: readonly Record<string, string>[] = [
      { "sec-fetch-site": "cross-site" },
      { "sec-fetch-site": "same-site" },
      { origin: "https://elsewhere.example" },
      { origin: "null" },
    ];
    for (const path of ["/runs/mine/export", "/ui/runs/mine/export"]) {
      for (const headers of foreign) {
        const reply = await request(`${service.url}${path}`, { headers });
        assert.deepEqual([reply.status, objectOf(reply).error], [403, "cross_site_request"], path);
      }
    }
    assert.deepEqual(await events(), before, "nothing was written to the journal");
    for (const headers of [{}, { "sec-fetch-site": "none" }, { "sec-fetch-site": "same-origin" }]) {
      assert.equal((await request(`${service.url}/runs/mine/export`, { headers })).status, 200);
    }
    const read = await request(`${service.url}/runs/mine`, { headers: { "sec-fetch-site": "cross-site" } });
    assert.equal(read.status, 200, "a read changes nothing");
  });
});
