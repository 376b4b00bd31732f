import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { READABLE_FORMATS } from "../../document/index.ts";
import { readPageParams } from "../../projection/page-params.ts";
import { CommandForm } from "../../views/commands/command-form.tsx";
import { problemOf } from "./api-client.ts";

describe("the formats that a page names", () => {
  test("are those that have a reader: in the file picker and in a refusal", async () => {
    const html = String(await CommandForm({ typed: "", params: readPageParams(new URLSearchParams()) }));
    const [, accept = ""] = /accept="([^"]*)"/.exec(html) ?? [];
    assert.deepEqual(
      accept.split(",").sort(),
      READABLE_FORMATS.flatMap(({ mediaType, extensions }) => [
        mediaType,
        ...extensions.map((extension) => `.${extension}`),
      ]).sort(),
    );
    const { message } = problemOf(415, {
      error: "unsupported_media_type",
      media_type: "image/png",
      message: "No.",
    });
    for (const { label } of READABLE_FORMATS) assert.ok(message.includes(label), message);
  });

  test("are named with the limit where a document is too large", () => {
    const { message } = problemOf(413, {
      error: "payload_too_large",
      limit_bytes: 33_554_432,
      message: "No.",
    });
    assert.match(message, /^The document is larger than 34 MB\. Takes .*\(\.md.*, up to 34 MB\.$/);
  });

  test("are not named where the coding of a request is what is not known", () => {
    const refusal = { error: "unsupported_media_type", content_encoding: "zip", message: "No." };
    assert.equal(problemOf(415, refusal).message, "No.");
  });
});
