import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { describe, test } from "node:test";
import { brotliCompressSync, deflateSync, gzipSync } from "node:zlib";
import { completeRun, readRun, waitForEnd } from "../../client.ts";
import { docIRSchema } from "../../document/index.ts";
import { assertFailure, objectOf, postJson, type Reply, request } from "../../testing/http.ts";
import { sendRaw } from "../../testing/raw-http.ts";
import { slow, useService } from "../../testing/service.ts";

const LIMIT_BYTES = 200_000;

describe("the body of a start", () => {
  const service = useService({ env: { JEJAKEKAL_MAX_BODY_BYTES: String(LIMIT_BYTES) } });
  const post = (body: unknown) => postJson(`${service.url}/runs`, body);
  const send = (body: BodyInit, type?: string, query = "") =>
    request(`${service.url}/runs${query}`, {
      method: "POST",
      body,
      ...(type === undefined ? {} : { headers: { "content-type": type } }),
    });

  async function assertRefused(reply: Reply, status: number, error: string, field?: string): Promise<void> {
    assert.equal(reply.status, status, reply.text);
    const body = objectOf(reply);
    assert.equal(body.error, error);
    if (field !== undefined) assert.equal(body.field, field, reply.text);
  }

  test("the three forms of one request are one payload", slow, async () => {
    const source = "# One\n\nand the same";
    const hashes = new Set<unknown>();
    for (const body of [{ source }, { cmd: `/doc ${source}` }, { intent: "doc", args: { source } }]) {
      hashes.add((await completeRun(service.url, body)).header.payload_sha256);
    }
    assert.equal(hashes.size, 1);
  });

  const refusals: Readonly<Record<string, readonly [body: unknown, error: string, field?: string]>> = {
    "nothing at all": ["", "invalid_json"],
    "an empty object": [{}, "invalid_run_payload", "body"],
    null: ["null", "invalid_run_payload", "body"],
    "a list": ["[]", "invalid_run_payload", "body"],
    "a string": ['"text"', "invalid_run_payload", "body"],
    "two forms at once": [{ source: "a", cmd: "/doc b" }, "invalid_run_payload", "body"],
    "an unknown field": [{ source: "a", colour: "red" }, "invalid_run_payload", "colour"],
    "a field named __proto__": [
      '{"source":"a","__proto__":{"sleepMs":1}}',
      "invalid_run_payload",
      "__proto__",
    ],
    "an unknown field in args": [{ intent: "doc", args: { source: "a", x: 1 } }, "invalid_run_payload", "x"],
    "another intent": [{ intent: "dance", args: { source: "a" } }, "invalid_run_payload", "intent"],
    "an empty source": [{ source: "" }, "invalid_run_payload", "source"],
    "a source that is no text": [{ source: 5 }, "invalid_run_payload", "source"],
    "a lone surrogate": ['{"source":"\\ud800"}', "invalid_run_payload", "source"],
    "a lone surrogate in a command": ['{"cmd":"/doc \\udfff"}', "invalid_command"],
    "a sleep of 0": [{ source: "a", sleepMs: 0 }, "invalid_run_payload", "sleepMs"],
    "a sleep of 1.5": [{ source: "a", sleepMs: 1.5 }, "invalid_run_payload", "sleepMs"],
    "a sleep of 1e99": ['{"source":"a","sleepMs":1e99}', "invalid_run_payload", "sleepMs"],
    "a sleep as text": [{ source: "a", sleepMs: "5" }, "invalid_run_payload", "sleepMs"],
    "a workflowId with a slash": [{ source: "a", workflowId: "a/b" }, "invalid_run_payload", "workflowId"],
    "a workflowId with two dots": [{ source: "a", workflowId: "a..b" }, "invalid_run_payload", "workflowId"],
    "a workflowId of 129": [
      { source: "a", workflowId: "a".repeat(129) },
      "invalid_run_payload",
      "workflowId",
    ],
    "an unknown command": [{ cmd: "/fly me" }, "invalid_command"],
    "a command without text": [{ cmd: "/doc   " }, "invalid_command"],
    "a command glued to its text": [{ cmd: "/docs text" }, "invalid_command"],
    "an empty command": [{ cmd: "" }, "invalid_command"],
    "a trailing comma": ['{"source":"a",}', "invalid_json"],
    "a comment": ['{"source":"a"}//', "invalid_json"],
    "two values": ['{"source":"a"}{}', "invalid_json"],
    NaN: ['{"source":"a","sleepMs":NaN}', "invalid_json"],
  };
  for (const [what, [body, error, field]] of Object.entries(refusals)) {
    test(`${what} is a typed 400`, slow, async () => {
      await assertRefused(await post(body), 400, error, field);
    });
  }

  test("100,000 levels of nesting are a typed 400", slow, async () => {
    const levels = 90_000;
    for (const body of [
      "[".repeat(levels),
      "[".repeat(levels) + "]".repeat(levels),
      '{"a":'.repeat(30_000),
    ]) {
      const reply = await post(body);
      assert.equal(reply.status, 400, reply.text);
      assert.match(String(objectOf(reply).error), /^invalid_(json|run_payload)$/);
    }
    const inside = await post(`{"source":${"[".repeat(levels)}${"]".repeat(levels)}}`);
    assert.match(String(objectOf(inside).error), /^invalid_(json|run_payload)$/);
  });

  test("random bytes are a typed 4xx under every content type", slow, async () => {
    let seed = 42;
    const next = () => {
      seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31;
      return seed % 256;
    };
    for (let round = 0; round < 60; round += 1) {
      const bytes = Uint8Array.from({ length: 1 + round * 7 }, next);
      for (const type of [
        "application/json",
        "multipart/form-data; boundary=x",
        "multipart/form-data",
        "image/png",
      ]) {
        const reply = await send(bytes, type);
        assert.ok(reply.status >= 400 && reply.status < 500, `${type}: ${reply.status} ${reply.text}`);
      }
    }
  });

  test(
    "JSON that is no UTF-8 is invalid JSON, and a byte order mark before it is not minded",
    slow,
    async () => {
      assertFailure(await send(Uint8Array.from([0x7b, 0xff, 0x7d]), "application/json"), 400, {
        error: "invalid_json",
      });
      const utf16 = Buffer.from('{"source":"a"}', "utf16le");
      assertFailure(await send(utf16, "application/json"), 400, { error: "invalid_json" });
      assert.equal((await send('\ufeff{"source":"a"}', "application/json")).status, 202);
    },
  );

  test(
    "a body over the limit is refused while it is read, with and without a declared length",
    slow,
    async () => {
      await assertRefused(await post({ source: "x".repeat(LIMIT_BYTES) }), 413, "payload_too_large");
      const head = "POST /runs HTTP/1.1\r\nhost: localhost\r\ncontent-type: text/plain\r\n";
      const declared = await sendRaw(service.url, {
        parts: [`${head}content-length: 99999999999\r\n\r\nonly this`],
      });
      assert.equal(declared.status, 413, "the declared length alone is enough");
      const chunk = `${(50_000).toString(16)}\r\n${"x".repeat(50_000)}\r\n`;
      const endless = await sendRaw(service.url, {
        parts: [`${head}transfer-encoding: chunked\r\n\r\n`, chunk, chunk, chunk, chunk, chunk],
      });
      assert.equal(endless.status, 413, "the body never ends, and the answer comes all the same");
      assert.deepEqual(objectOf(endless).limit_bytes, LIMIT_BYTES);
    },
  );

  test("a document of exactly the limit is accepted, and one byte more is refused", slow, async () => {
    const words = "word ".repeat(LIMIT_BYTES / 5);
    const reply = await send(words, "text/plain");
    assert.equal(reply.status, 202);
    await assertRefused(await send(`${words}.`, "text/plain"), 413, "payload_too_large");
    assert.equal((await waitForEnd(service.url, String(objectOf(reply).run_id))).dbos_status, "SUCCESS");
  });

  test("a raw body keeps its bytes, its media type and its name", slow, async () => {
    const reply = await send(
      "caf\u00e9 na\u00efve",
      "text/plain; charset=utf-8",
      "?filename=caf%C3%A9.txt&sleepMs=2&workflowId=raw-1",
    );
    assert.equal(reply.status, 202, reply.text);
    const run = await waitForEnd(service.url, "raw-1");
    assert.equal(run.header.sleep_ms, 2);
    assert.deepEqual(run.header.args, {
      source_sha256: createHash("sha256").update("caf\u00e9 na\u00efve").digest("hex"),
      media_type: "text/plain; charset=utf-8",
      filename: "caf\u00e9.txt",
    });
    const download = await request(`${service.url}/artifacts/raw-1:raw/download`);
    assert.match(download.headers.get("content-type") ?? "", /^text\/plain/);
    assert.match(download.headers.get("content-disposition") ?? "", /filename\*=UTF-8''caf%C3%A9\.txt/i);
    assert.equal(download.text, "caf\u00e9 na\u00efve");
  });

  test("a form carries one file and its controls", slow, async () => {
    const form = new FormData();
    form.set("file", new File(["# From a form\n\ntext"], "notes.md", { type: "text/markdown" }));
    form.set("workflowId", "form-1");
    form.set("sleepMs", "3");
    assert.equal((await send(form)).status, 202);
    const run = await waitForEnd(service.url, "form-1");
    assert.equal(run.dbos_status, "SUCCESS");
    assert.equal(run.header.sleep_ms, 3);
    assert.equal(run.header.args.filename, "notes.md");
  });

  test("a form without its one file, or with more than it takes, is a typed 400", slow, async () => {
    const file = () => new File(["text"], "a.md", { type: "text/markdown" });
    const forms: readonly (readonly [readonly (readonly [string, string | File])[], string])[] = [
      [[["sleepMs", "5"]], "file"],
      [[["upload", file()]], "file"],
      [
        [
          ["file", file()],
          ["file", file()],
        ],
        "file",
      ],
      [
        [
          ["file", file()],
          ["colour", "red"],
        ],
        "colour",
      ],
      [
        [
          ["file", file()],
          ["sleepMs", "5"],
          ["sleepMs", "6"],
        ],
        "sleepMs",
      ],
      [
        [
          ["file", file()],
          ["sleepMs", "many"],
        ],
        "sleepMs",
      ],
      [
        [
          ["file", file()],
          ["sleepMs", ""],
        ],
        "sleepMs",
      ],
      [
        [
          ["file", file()],
          ["workflowId", "../x"],
        ],
        "workflowId",
      ],
      [[["file", new File([], "a.md", { type: "text/markdown" })]], "source"],
    ];
    for (const [entries, field] of forms) {
      const form = new FormData();
      for (const [name, value] of entries) form.append(name, value);
      await assertRefused(await send(form), 400, "invalid_run_payload", field);
    }
    await assertRefused(await send(new FormData(), undefined, "?sleepMs=5"), 400, "invalid_query", "sleepMs");
  });

  test(
    "a file's name loses its folders and control characters, and harms nobody who downloads it",
    slow,
    async () => {
      const names: Readonly<Record<string, string>> = {
        "../../etc/passwd.md": "passwd.md",
        "C:\\windows\\win.md": "win.md",
        "a\u0000b\u001f.md": "ab.md",
        "a\u202egnp.md": "agnp.md",
        'quo"te; filename=evil.md': 'quo"te; filename=evil.md',
        "\u65e5\u672c\u8a9e.md": "\u65e5\u672c\u8a9e.md",
        [`${"x".repeat(500)}.md`]: `${"x".repeat(197)}.md`,
        "%2e%2e%2f.md": "%2e%2e%2f.md",
      };
      for (const [given, kept] of Object.entries(names)) {
        const reply = await send("text", "text/markdown", `?filename=${encodeURIComponent(given)}`);
        assert.equal(reply.status, 202, reply.text);
        const run = await waitForEnd(service.url, String(objectOf(reply).run_id));
        assert.equal(run.dbos_status, "SUCCESS", given);
        assert.equal(run.header.args.filename, kept);
        const download = await request(`${service.url}/artifacts/${run.run_id}:raw/download`);
        assert.equal(download.status, 200, given);
        assert.match(download.headers.get("content-disposition") ?? "", /^attachment; filename/);
      }
    },
  );

  test("a form whose headers or fields are not UTF-8 is a typed 400", slow, async () => {
    const form = (filename: string, sleepMs: string) =>
      Buffer.from(
        `--B\r\ncontent-disposition: form-data; name="sleepMs"\r\n\r\n${sleepMs}\r\n` +
          `--B\r\ncontent-disposition: form-data; name="file"; filename="${filename}"\r\ncontent-type: text/plain\r\n\r\nx\r\n--B--\r\n`,
        "latin1",
      );
    for (const body of [form("\xff.md", "5"), form("a.md", "5\xff")]) {
      const headers = { "content-type": "multipart/form-data; boundary=B" };
      const reply = await request(`${service.url}/runs`, { method: "POST", headers, body });
      assert.deepEqual([reply.status, objectOf(reply).error], [400, "invalid_run_payload"], reply.text);
    }
  });

  test("a compressed body is read, and is the same payload as a plain one", slow, async () => {
    const text = "# Packed\n\nthe same words";
    const plain = await completeRun(service.url, { source: text });
    for (const [coding, compress] of [
      ["gzip", gzipSync],
      ["GZIP", gzipSync],
      ["x-gzip", gzipSync],
      ["deflate", deflateSync],
      ["br", brotliCompressSync],
    ] as const) {
      const reply = await request(`${service.url}/runs`, {
        method: "POST",
        headers: { "content-type": "application/json", "content-encoding": coding },
        body: new Uint8Array(compress(JSON.stringify({ source: text }))),
      });
      assert.equal(reply.status, 202, `${coding}: ${reply.text}`);
      const run = await waitForEnd(service.url, String(objectOf(reply).run_id));
      assert.equal(run.header.payload_sha256, plain.header.payload_sha256, coding);
    }
  });

  test("a compressed body may be of the limit when it is decompressed, and no larger", slow, async () => {
    const compressed = (bytes: number, compress: typeof gzipSync) =>
      request(`${service.url}/runs`, {
        method: "POST",
        headers: { "content-type": "text/plain", "content-encoding": compress === gzipSync ? "gzip" : "br" },
        body: new Uint8Array(compress(Buffer.alloc(bytes, "word "))),
      });
    assert.equal((await compressed(LIMIT_BYTES, gzipSync)).status, 202);
    for (const bytes of [LIMIT_BYTES + 1, 100_000_000]) {
      for (const compress of [gzipSync, brotliCompressSync]) {
        const reply = await compressed(bytes, compress);
        await assertRefused(reply, 413, "payload_too_large");
        assert.equal(objectOf(reply).limit_bytes, LIMIT_BYTES);
      }
    }
  });

  test("a body that is not in its declared coding, or in an unknown one, is a typed 4xx", slow, async () => {
    const coded = (coding: string, body: BodyInit) =>
      request(`${service.url}/runs`, {
        method: "POST",
        headers: { "content-type": "text/plain", "content-encoding": coding },
        body,
      });
    for (const coding of ["gzip", "deflate", "br"]) {
      await assertRefused(await coded(coding, "not compressed"), 400, "invalid_run_payload", "body");
    }
    const half = gzipSync("some text".repeat(100)).subarray(0, 30);
    await assertRefused(await coded("gzip", new Uint8Array(half)), 400, "invalid_run_payload", "body");
    for (const coding of ["zstd", "gzip, br", "identity, gzip", "constructor"]) {
      await assertRefused(await coded(coding, "x"), 415, "unsupported_media_type");
    }
    assert.equal((await coded("identity", "as it is")).status, 202);
  });

  const part = (disposition: string, type = "text/markdown", text = "# A file") =>
    `content-disposition: form-data; name="file"${disposition}\r\ncontent-type: ${type}\r\n\r\n${text}\r\n`;
  const sendForm = (body: string) => send(body, "multipart/form-data; boundary=B");

  test(
    "a form may have a preamble, an epilogue, and white space at the end of its delimiters",
    slow,
    async () => {
      const file = part('; filename="a.md"');
      const field = 'content-disposition: form-data; name="sleepMs"\r\n\r\n2\r\n';
      for (const form of [
        `\r\n--B\r\n${file}--B--`,
        `This is a message in MIME format.\r\nWith --B in it.\r\n--B\r\n${file}--B--\r\nand an epilogue`,
        `--B \t\r\n${file}--B  \r\n${field}--B--  \r\n`,
        `--B\r\n${part('; filename="a.md"', "text/markdown", "# A file\r\nwith --B inside\r\n--C")}--B--`,
      ]) {
        const reply = await sendForm(form);
        assert.equal(reply.status, 202, `${JSON.stringify(form)}: ${reply.text}`);
        const { run_id: runId } = await waitForEnd(service.url, String(objectOf(reply).run_id));
        const text = (await request(`${service.url}/artifacts/${runId}:raw/download`)).text;
        assert.match(text, /^# A file(\r\nwith --B inside\r\n--C)?$/);
      }
      for (const form of ["no form at all", `\r\n--C\r\n${file}--C--`]) {
        await assertRefused(await sendForm(form), 400, "invalid_run_payload", "body");
      }
      // The first delimiter is not at the start of a line, so the form has none before its end.
      await assertRefused(await sendForm(`text --B\r\n${file}--B--`), 400, "invalid_run_payload", "file");
    },
  );

  test("a form's filename is the last part of the path that was sent", slow, async () => {
    for (const [disposition, kept] of [
      ['; filename="C:\\Users\\me\\a.md"', "a.md"],
      ['; filename="C:\\\\Users\\\\new\\\\b.md"', "b.md"],
      ['; filename="\\\\server\\share\\c.md"', "c.md"],
      ['; filename="a\\"b.md"', 'a"b.md'],
      ['; filename="/home/me/d.md"', "d.md"],
      ["; filename*=UTF-8''na%C3%AFve.md", "na\u00efve.md"],
      ["; filename=plain.md", "plain.md"],
    ] as const) {
      const reply = await sendForm(`--B\r\n${part(disposition)}--B--\r\n`);
      assert.equal(reply.status, 202, `${disposition}: ${reply.text}`);
      const run = await waitForEnd(service.url, String(objectOf(reply).run_id));
      assert.equal(run.header.args.filename, kept, disposition);
    }
  });

  test("white space around the value of a filter is ignored", slow, async () => {
    await completeRun(service.url, { source: "trimmed", workflowId: "trim-me" });
    for (const query of ["q=%20trim-me%20", "q=trim-me&status=done%20", "q=trim-me&limit=%091"]) {
      const { runs } = objectOf(await request(`${service.url}/runs?${query}`));
      assert.ok(Array.isArray(runs) && runs.length === 1, query);
    }
    const artifacts = await request(`${service.url}/artifacts?q=trim-me&type=%20raw&visibility=user%20`);
    assert.equal(JSON.parse(artifacts.text).length, 1);
  });

  test("documents of hostile text run to their end", slow, async () => {
    const documents = [
      "# a\u0000b\n\nnul \u0000 in it",
      "\u0000",
      "# \u202e\ufeff\u200b",
      "[".repeat(20_000),
      `${"> ".repeat(2_000)}deep`,
      `${"*a_".repeat(10_000)}`,
      "\n".repeat(50_000),
      `# ${"long ".repeat(20_000)}`,
      "<script>alert(1)</script>",
      "\ud83d\ude00".repeat(5_000),
    ];
    for (const source of documents) {
      const run = await completeRun(service.url, { source });
      assert.equal((await request(`${service.url}/artifacts/${run.run_id}:memo`)).status, 200);
    }
  });

  test("a declared charset reaches the reader from a raw body and from a form", slow, async () => {
    const cases = [
      ["utf-8", Buffer.from([0x63, 0x61, 0x66, 0xc3, 0xa9, 0x20, 0xe9, 0x21]), "caf\u00e9 \ufffd!", "utf-8"],
      ["UTF-16", Buffer.from("caf\u00e9", "utf16le"), "caf\u00e9", "utf-16le"],
      ["utf-16be", Buffer.from("caf\u00e9", "utf16le").swap16(), "caf\u00e9", "utf-16be"],
      ["utf-32", Buffer.from([0x41, 0, 0, 0, 0xe9, 0, 0, 0]), "A\u00e9", "utf-32le"],
      ["iso-8859-1", Buffer.from([0x93, 0xe9, 0x94]), "\u201c\u00e9\u201d", "windows-1252"],
    ] as const;
    for (const [label, bytes, text, charset] of cases) {
      const type = `text/plain; charset=${label}`;
      const head = `--b\r\ncontent-disposition: form-data; name="file"; filename="a.txt"\r\ncontent-type: ${type}\r\n\r\n`;
      const form = Buffer.concat([Buffer.from(head), bytes, Buffer.from("\r\n--b--\r\n")]);
      for (const reply of [await send(bytes, type), await send(form, "multipart/form-data; boundary=b")]) {
        const run = await waitForEnd(service.url, String(objectOf(reply).run_id));
        const download = await request(`${service.url}/artifacts/${run.run_id}:docir/download`);
        const docir = docIRSchema.parse(objectOf(download));
        assert.deepEqual([docir.text, docir.source.charset], [text, charset], label);
        const doubts = docir.blocks.flatMap(({ reasons }) => reasons);
        assert.deepEqual(doubts, label === "utf-8" ? ["replacement_character"] : [], label);
      }
    }
  });

  test("a document with a charset that no header can hold can be downloaded", slow, async () => {
    const part = (type: string) =>
      `--b\r\ncontent-disposition: form-data; name="file"; filename="a.txt"\r\ncontent-type: ${type}\r\n\r\ncaf\xe9\r\n--b--\r\n`;
    for (const type of [
      'text/plain; charset="\u65e5\u672c"',
      'text/plain; charset="a\tb"',
      "text/plain; charset=\u0001",
      'text/plain; charset="\u0000"',
    ]) {
      const reply = await send(Buffer.from(part(type), "utf8"), "multipart/form-data; boundary=b");
      if (reply.status !== 202) {
        assert.ok(reply.status >= 400 && reply.status < 500, `${type}: ${reply.status} ${reply.text}`);
        continue;
      }
      const run = await waitForEnd(service.url, String(objectOf(reply).run_id));
      assert.equal(run.dbos_status, "SUCCESS", type);
      assert.equal((await request(`${service.url}/artifacts/${run.run_id}:raw/download`)).status, 200, type);
    }
  });

  test("unknown, doubled and unusable query parameters are a typed 400", slow, async () => {
    const queries = [
      ["/runs?colour=red", "colour"],
      ["/runs?limit=2&limit=3", "limit"],
      ["/runs?limit=-1", "limit"],
      ["/runs?limit=501", "limit"],
      ["/runs?limit=1e2", "limit"],
      ["/runs?status=happy", "status"],
      ["/runs?type=exe", "type"],
      ["/runs?has=luck", "has"],
      ["/runs?from=2026-02-31", "from"],
      ["/runs?to=yesterday", "to"],
      ["/runs?order=-newest", "order"],
      ["/runs?before=../x", "before"],
      [`/runs?q=${"a".repeat(201)}`, "q"],
      ["/runs?q=%00", "q"],
      ["/artifacts?type=picture", "type"],
      ["/artifacts?visibility=secret", "visibility"],
      ["/artifacts?before=x", "before"],
      ["/artifacts?__proto__=x", "__proto__"],
    ] as const;
    for (const [path, field] of queries) {
      await assertRefused(await request(`${service.url}${path}`), 400, "invalid_query", field);
    }
    await assertRefused(
      await send("x", "text/plain", "?sleepMs=1&sleepMs=2"),
      400,
      "invalid_run_payload",
      "sleepMs",
    );
    await assertRefused(
      await send('{"source":"x"}', "application/json", "?sleepMs=1"),
      400,
      "invalid_query",
      "sleepMs",
    );
  });

  test("a search takes its text literally", slow, async () => {
    await completeRun(service.url, { source: "found", workflowId: "aXc-like" });
    for (const [q, found] of [
      ["a%c-like", 0],
      ["a_c-like", 0],
      ["a\\Xc-like", 0],
      ["'", 0],
      ["axC-LIKE", 1],
    ] as const) {
      const reply = objectOf(await request(`${service.url}/runs?q=${encodeURIComponent(q)}`));
      assert.ok(Array.isArray(reply.runs));
      assert.equal(reply.runs.length, found, q);
    }
  });

  test("a refused body does not block the connection for the request behind it", slow, async () => {
    const unread = (path: string, method: string) =>
      `${method} ${path} HTTP/1.1\r\nhost: localhost\r\ncontent-type: text/plain\r\ncontent-length: 250000\r\n\r\n${"x".repeat(250_000)}`;
    for (const [method, path, status] of [
      ["POST", "/runs", 413],
      ["PUT", "/runs", 405],
      ["POST", "/nowhere", 404],
      ["POST", "/runs/%2E%2E/cancel", 400],
      ["POST", "/runs/nobody/cancel", 413],
    ] as const) {
      const { raw } = await sendRaw(service.url, {
        parts: [
          unread(path, method),
          "GET /healthz HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n",
        ],
        untilClosed: true,
      });
      assert.match(raw, new RegExp(`^HTTP/1.1 ${status} `), path);
      assert.match(raw, /HTTP\/1\.1 200 /, `${method} ${path}: the second request is answered`);
    }
  });

  test("refused requests leave no rows", slow, async () => {
    const before = await rowCount();
    await post({ source: "a", colour: "red" });
    await post("{");
    await send("x", "image/png");
    assert.deepEqual(await rowCount(), before);
    assert.equal((await readRun(service.url, "aXc-like")).status, "done");
  });

  async function rowCount(): Promise<unknown> {
    return await service.database.query(
      "select (select count(*) from jejakekal.run) as runs, (select count(*) from jejakekal.blob) as blobs, (select count(*) from jejakekal.chat_event) as commands",
    );
  }
});
