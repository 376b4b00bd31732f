import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Failure } from "../failure.ts";
import { buildDocIR, isReadableDocument, mediaTypeOf } from "./index.ts";
import { bytesOf } from "./test-kit.ts";

describe("media types", () => {
  it("lets a specific declared type win over the name", () => {
    assert.equal(mediaTypeOf({ declared: "text/html", filename: "a.md" }), "text/html");
    assert.equal(mediaTypeOf({ declared: "Text/Markdown; variant=GFM", filename: "a.txt" }), "text/markdown");
  });

  it("lets the name of a text format refine plain text, and any known name decide a generic type", () => {
    assert.equal(
      mediaTypeOf({ declared: "text/plain; charset=latin1", filename: "README.MD" }),
      "text/markdown; charset=latin1",
    );
    assert.equal(mediaTypeOf({ declared: "text/plain", filename: "x.eml" }), "message/rfc822");
    assert.equal(mediaTypeOf({ declared: "text/plain", filename: "x.pdf" }), "text/plain");
    assert.equal(mediaTypeOf({ declared: "application/octet-stream", filename: "x.log" }), "text/plain");
    assert.equal(mediaTypeOf({ filename: "notes.markdown" }), "text/markdown");
    assert.equal(mediaTypeOf({ filename: "archive.zip" }), "application/octet-stream");
    assert.equal(mediaTypeOf({}), "application/octet-stream");
  });

  it("takes a name for what it is, also where every object has something of that name", () => {
    for (const name of ["constructor", "__proto__", "toString"]) {
      assert.equal(mediaTypeOf({ filename: `a.${name}` }), "application/octet-stream");
      assert.equal(mediaTypeOf({ declared: name }), name.toLowerCase());
    }
  });

  it("reads plain text and Markdown under any parameters, and nothing by accident", () => {
    const bytes = bytesOf("x");
    for (const type of ["text/plain", "TEXT/PLAIN; charset=utf-8", "text/markdown", "text/x-markdown"])
      assert.ok(isReadableDocument(bytes, type), type);
    for (const type of ["", "image/png", "constructor", "toString", ";;;", "text"])
      assert.ok(!isReadableDocument(bytes, type), type);
  });

  it("lets the bytes decide where the type is generic, before the name", () => {
    const bytes = bytesOf("<!doctype html><title>x</title>");
    for (const declared of [undefined, "application/octet-stream", "application/vnd.ms-excel"])
      assert.equal(mediaTypeOf({ declared, filename: "a.md", bytes }), "text/html");
    assert.equal(mediaTypeOf({ declared: "application/vnd.ms-excel", filename: "a.csv" }), "text/csv");
    assert.equal(mediaTypeOf({ filename: "a.csv", bytes: bytesOf("a,b") }), "text/csv");
  });

  it("reads by the charset that the media type declares", async () => {
    const docir = await buildDocIR({
      bytes: Uint8Array.of(0xa4),
      mediaType: 'text/plain; charset="iso-8859-15"',
    });
    assert.equal(docir.text, "€");
    assert.equal(docir.source.charsetBy, "declared");
  });

  it("refuses another type with a typed failure that names it", async () => {
    await assert.rejects(
      buildDocIR({ bytes: new Uint8Array(), mediaType: "Image/PNG; x=1" }),
      (error) =>
        error instanceof Failure &&
        error.code === "unsupported_media_type" &&
        error.detail.media_type === "image/png",
    );
  });
});
