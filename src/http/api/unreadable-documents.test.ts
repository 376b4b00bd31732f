import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { waitForEnd } from "../../client.ts";
import { buildDocx, paragraph } from "../../document/ooxml/docx/test-docx.ts";
import { assertFailure, objectOf, request } from "../../testing/http.ts";
import { slow, useService } from "../../testing/service.ts";

const PNG = Buffer.from("\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "latin1");
const ENCRYPTED = Buffer.concat([
  Buffer.from([0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1]),
  Buffer.from("EncryptedPackage", "utf16le"),
]);

describe("a document that cannot be read", () => {
  const service = useService();
  const send = (bytes: Uint8Array, mediaType: string, workflowId: string) =>
    request(`${service.url}/runs?workflowId=${workflowId}`, {
      method: "POST",
      headers: { "content-type": mediaType },
      body: Buffer.from(bytes),
    });

  test("ends its run after one attempt, with a specific code, and is kept", slow, async () => {
    for (const [id, bytes, code] of [
      ["picture", PNG, "FAILED_UNSUPPORTED"],
      ["corrupt", buildDocx({ body: paragraph("Cut off.") }).subarray(0, 900), "FAILED_CORRUPT"],
      ["encrypted", ENCRYPTED, "FAILED_ENCRYPTED"],
      ["too-large", Buffer.from("x\n\n".repeat(250_001)), "FAILED_TOO_LARGE"],
    ] as const) {
      assert.equal((await send(bytes, "text/plain", id)).status, 202);
      const run = await waitForEnd(service.url, id);
      assert.equal(run.status, "error");
      assert.equal(run.header.error?.code, code);
      assert.deepEqual(
        run.timeline.map(({ function_name, attempt }) => [function_name, attempt]).at(-1)?.[0],
        "docir",
      );
      const events = objectOf(await request(`${service.url}/runs/${id}/events`)).events as { kind: string }[];
      assert.equal(events.filter(({ kind }) => kind === "attempt_failed").length, 1, "one attempt");
      const raw = await request(`${service.url}/artifacts/${id}:raw`);
      assert.equal((objectOf(raw).meta as { bytes: number }).bytes, bytes.length);
    }
  });

  test(
    "as what it was declared is read as what its bytes show, and docir and memo say so",
    slow,
    async () => {
      assert.equal((await send(Buffer.from("<!doctype html><p>A page."), "text/plain", "page")).status, 202);
      assert.equal((await waitForEnd(service.url, "page")).status, "done");
      for (const type of ["docir", "memo"]) {
        const { content } = objectOf(await request(`${service.url}/artifacts/page:${type}`)) as {
          content: { warnings: unknown };
        };
        assert.deepEqual(content.warnings, [{ code: "media_type_differs" }], type);
      }
    },
  );

  test("and is not declared as anything readable starts no run", slow, async () => {
    for (const mediaType of ["image/png", "application/octet-stream"])
      assertFailure(await send(PNG, mediaType, "refused"), 415, {
        error: "unsupported_media_type",
        message: "This media type is not accepted.",
        media_type: mediaType,
      });
  });
});
