import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Failure } from "../failure.ts";
import { buildDocIR, isSupportedMediaType, mediaTypeOf } from "./index.ts";

describe("media types", () => {
  it("lets a specific declared type win over the name", () => {
    assert.equal(mediaTypeOf({ declared: "text/html", filename: "a.md" }), "text/html");
    assert.equal(mediaTypeOf({ declared: "Text/Markdown; variant=GFM", filename: "a.txt" }), "text/markdown");
  });

  it("lets a Markdown name refine plain text, and any known name decide a generic type", () => {
    assert.equal(
      mediaTypeOf({ declared: "text/plain; charset=latin1", filename: "README.MD" }),
      "text/markdown; charset=latin1",
    );
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

  it("supports plain text and Markdown under any parameters, and nothing by accident", () => {
    for (const type of ["text/plain", "TEXT/PLAIN; charset=utf-8", "text/markdown", "text/x-markdown"])
      assert.ok(isSupportedMediaType(type), type);
    for (const type of ["", "text/html", "constructor", "toString", ";;;", "text"])
      assert.ok(!isSupportedMediaType(type), type);
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
      buildDocIR({ bytes: new Uint8Array(), mediaType: "Application/PDF; x=1" }),
      (error) =>
        error instanceof Failure &&
        error.code === "unsupported_media_type" &&
        error.detail.media_type === "application/pdf",
    );
  });
});
