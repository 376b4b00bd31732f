import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { describe, test } from "node:test";
import { Failure } from "../../../failure.ts";
import { createStartCommand, parseTextControls } from "../../../flow/start-command.ts";
import { parseJsonStart } from "./json-start.ts";

const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");

describe("a start", () => {
  test("in any of its forms is one command", () => {
    const [first, ...others] = [
      { source: "a text" },
      { cmd: "/doc a text" },
      { cmd: "  /doc \n a text  " },
      { intent: "doc", args: { source: "a text" } },
    ].map(parseJsonStart);
    assert.equal(first?.args.source_sha256, sha256("a text"));
    for (const other of others) assert.deepEqual(other, first);
  });

  test("is identified by a hash over its canonical intent and arguments", () => {
    const { payloadSha256 } = parseJsonStart({ source: "x" });
    const payload = `{"args":{"media_type":"text/markdown","source_sha256":"${sha256("x")}"},"intent":"doc"}`;
    assert.equal(payloadSha256, sha256(payload));
  });

  test("is the same however its document was sent", () => {
    const { payloadSha256 } = parseJsonStart({ source: "x" });
    const sent = (mediaType: string) =>
      createStartCommand({ bytes: Buffer.from("x"), mediaType }, {}).payloadSha256;
    for (const mediaType of ["text/markdown", "Text/Markdown; charset=UTF-8", "text/markdown;charset=utf8"])
      assert.equal(sent(mediaType), payloadSha256, mediaType);
    assert.notEqual(sent("text/markdown; charset=latin1"), payloadSha256);
    assert.notEqual(sent("text/plain"), payloadSha256);
  });

  test("is another one where its declared charset changes how its bytes are read", () => {
    const sent = (mediaType: string) =>
      createStartCommand({ bytes: Buffer.from([0x41, 0xe9]), mediaType }, {}).payloadSha256;
    assert.notEqual(sent("text/plain; charset=utf-8"), sent("text/plain"));
    assert.equal(sent("text/plain; charset=utf-8"), sent("text/plain; charset=UTF-8"));
  });

  test("is identified by its document and not by its controls", () => {
    const hashOf = (body: object) => parseJsonStart(body).payloadSha256;
    assert.equal(hashOf({ source: "x", sleepMs: 5, workflowId: "a" }), hashOf({ source: "x" }));
    assert.notEqual(hashOf({ source: "y" }), hashOf({ source: "x" }));
    const named = (filename: string) =>
      createStartCommand({ bytes: Buffer.from("x"), mediaType: "text/plain", filename }, {}).payloadSha256;
    assert.notEqual(named("a.txt"), named("b.txt"));
    assert.equal(named("/some/where/a.txt"), named("C:\\else\\a.txt"));
  });

  test("sleeps for a millisecond unless told otherwise, and for no longer than a day", () => {
    assert.equal(parseJsonStart({ source: "x" }).sleepMs, 1);
    assert.equal(parseJsonStart({ source: "x", sleepMs: 86_400_000 }).sleepMs, 86_400_000);
    for (const sleepMs of [
      0,
      -1,
      1.5,
      86_400_001,
      Number.NaN,
      Number.POSITIVE_INFINITY,
      "5",
      null,
      true,
      [1],
      2 ** 53,
    ]) {
      assert.equal(
        refusalOf(() => parseJsonStart({ source: "x", sleepMs })).field,
        "sleepMs",
        String(sleepMs),
      );
    }
  });

  test("with controls as text takes the numbers that look like one and no others", () => {
    assert.deepEqual(parseTextControls({ sleepMs: "250", workflowId: "a" }), {
      sleepMs: 250,
      workflowId: "a",
    });
    assert.deepEqual(parseTextControls({}), { sleepMs: undefined, workflowId: undefined });
    for (const sleepMs of ["", " ", "abc", "0", "-5", "1.5", "Infinity", "NaN"]) {
      assert.equal(refusalOf(() => parseTextControls({ sleepMs })).field, "sleepMs", sleepMs);
    }
  });

  test("names what is wrong with a command", () => {
    const reasons = {
      " ": "is empty",
      "/doc \n": "has no text after /doc",
      "/docs text": "is not known; /doc TEXT is",
    };
    for (const [cmd, reason] of Object.entries(reasons))
      assert.throws(() => parseJsonStart({ cmd }), { code: "invalid_command", detail: { reason } }, cmd);
  });

  test("keeps the printable part of a file name, and drops a name that has none", () => {
    const filenameOf = (filename: string) =>
      createStartCommand({ bytes: Buffer.from("x"), mediaType: "text/plain", filename }, {}).args.filename;
    assert.equal(filenameOf("../../etc/passwd"), "passwd");
    assert.equal(filenameOf("a\u0000b\u202e\r\n.txt"), "ab.txt");
    assert.equal(filenameOf("\ud800x"), "\ufffdx");
    assert.equal(filenameOf("é".repeat(300))?.length, 200);
    assert.equal(filenameOf("👨\u200d👩.md"), "👨\u200d👩.md");
    assert.equal(filenameOf(`${"a".repeat(196)}👩.md`), `${"a".repeat(196)}.md`);
    for (const nothing of ["", "/", "a/", "\u0007", " "]) assert.equal(filenameOf(nothing), undefined);
  });

  test("of an empty document is refused", () => {
    const refusal = refusalOf(() =>
      createStartCommand({ bytes: new Uint8Array(), mediaType: "text/plain" }, {}),
    );
    assert.deepEqual(refusal, { field: "source", reason: "is empty" });
  });

  test("in no form, in two forms, or with an unknown field is refused and the field is named", () => {
    for (const [body, field] of [
      [null, "body"],
      [[], "body"],
      ["/doc x", "body"],
      [7, "body"],
      [{}, "body"],
      [{ source: "x", intent: "doc" }, "body"],
      [{ source: "x", extra: 1 }, "extra"],
      [{ source: ["x"] }, "source"],
      [{ intent: "doc" }, "args"],
      [{ intent: "doc", args: {} }, "args.source"],
      [{ intent: "doc", args: { source: "x", sleepMs: 1 } }, "sleepMs"],
    ] as const) {
      assert.equal(refusalOf(() => parseJsonStart(body)).field, field, JSON.stringify(body));
    }
  });
});

function refusalOf(work: () => unknown): Failure["detail"] {
  try {
    work();
  } catch (error) {
    assert.ok(error instanceof Failure && error.code === "invalid_run_payload", String(error));
    return error.detail;
  }
  assert.fail("it was accepted");
}
