import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { readCommandForm } from "./command-form.ts";

const BOUNDARY = "----a";

function formRequest(parts: readonly string[]): Request {
  const body = `${parts.map((part) => `--${BOUNDARY}\r\n${part}\r\n`).join("")}--${BOUNDARY}--\r\n`;
  const headers = { "content-type": `multipart/form-data; boundary=${BOUNDARY}` };
  return new Request("http://page.internal/ui/runs", { method: "POST", body, headers });
}

const field = (name: string, value: string) =>
  `Content-Disposition: form-data; name="${name}"\r\n\r\n${value}`;
const file = (filename: string, text: string) =>
  `Content-Disposition: form-data; name="file"; filename="${filename}"\r\nContent-Type: application/octet-stream\r\n\r\n${text}`;

describe("a form of a page", () => {
  test("has no file when none was chosen, on every runtime", async () => {
    const form = await readCommandForm(formRequest([field("cmd", "/doc a\r\nb"), file("", "")]), 1_000);
    assert.deepEqual(form.files, []);
    assert.equal(form.cmd, "/doc a\nb");
  });

  test("has every file that was chosen, an empty one too", async () => {
    const request = formRequest([
      field("cmd", ""),
      file("a.txt", "one"),
      file("b.txt", ""),
      field("sleepMs", " 5 "),
    ]);
    const { files, sleepMs } = await readCommandForm(request, 1_000);
    assert.deepEqual(
      files.map(({ filename, bytes }) => [filename, bytes.length]),
      [
        ["a.txt", 3],
        ["b.txt", 0],
      ],
    );
    assert.equal(sleepMs, "5");
  });

  test("may be url-encoded", async () => {
    const body = new URLSearchParams({ from_step: "3", cmd: "a & b" });
    const request = new Request("http://page.internal/", { method: "POST", body });
    const { cmd, fields } = await readCommandForm(request, 0);
    assert.equal(cmd, "a & b");
    assert.equal(fields.get("from_step"), "3");
  });

  test("is refused when it is not well-formed", async () => {
    const headers = { "content-type": `multipart/form-data; boundary=${BOUNDARY}` };
    const request = new Request("http://page.internal/", { method: "POST", body: "nonsense", headers });
    await assert.rejects(readCommandForm(request, 1_000), { code: "invalid_run_payload" });
  });
});
