import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { canonicalJsonBytes } from "../../canonical-json.ts";
import { attachmentRunId } from "../../domain/attachment.ts";
import { sha256Hex } from "../../sha256.ts";
import { bundleFilesOf, memoryReader, resealed } from "../../testing/bundles.ts";
import { mailOf } from "../../testing/mail.ts";
import type { BundleFile } from "../layout.ts";
import { attachmentLinksOf, findBrokenLinks } from "./attachments.ts";
import { verifyBundle } from "./verify.ts";

const NOTE = "# Note\n\nThe barge left at 9.\n";
const MAIL = mailOf("Notes", [
  { type: "text/markdown", content: NOTE, filename: "a.md" },
  { type: "text/markdown", content: NOTE, filename: "same.md" },
  { type: "image/png", content: "\x89PNG\r\n\x1a\n", filename: "photo.png" },
]);
const noteId = attachmentRunId({ runId: "mail-1", n: 1 });

const mail = await bundleFilesOf({ runId: "mail-1", source: MAIL, filename: "notes.eml" });
const note = await bundleFilesOf({
  runId: noteId,
  source: NOTE,
  filename: "a.md",
  attachmentOf: { runId: "mail-1", n: 1 },
});

const textOf = (files: readonly BundleFile[], path: string) =>
  Buffer.from(files.find((file) => file.path === path)?.bytes ?? []).toString();
const manifestOf = (files: readonly BundleFile[]) => JSON.parse(textOf(files, "manifest.json"));

/** The files with a text replaced in all of them, and all checksums computed anew. */
function forged(files: readonly BundleFile[], from: string, to: string): readonly BundleFile[] {
  const changed = files.map(({ path, bytes }) => ({
    path,
    bytes:
      path === "data/artifacts/raw" ? bytes : Buffer.from(Buffer.from(bytes).toString().replaceAll(from, to)),
  }));
  const isListed = (path: string) => /^[a-z_-]+\.json$/.test(path) && !/^(manifest|ro-crate)/.test(path);
  const manifest = manifestOf(changed);
  manifest.files = changed
    .filter(({ path }) => isListed(path))
    .map(({ path, bytes }) => ({ path, bytes: bytes.length, sha256: sha256Hex(bytes) }));
  return resealed(
    changed.map((file) =>
      file.path === "manifest.json" ? { ...file, bytes: canonicalJsonBytes(manifest) } : file,
    ),
  );
}

/** What the check of the hashes finds. */
function findingsOf(files: readonly BundleFile[]): readonly string[] {
  const { checks } = verifyBundle(memoryReader(files)).verification;
  return checks
    .filter(({ check }) => check === "artifacts")
    .flatMap(({ findings }) => findings.map(({ file, field }) => `${file} ${field}`));
}

describe("the bundles of a mail and its attachment", () => {
  test("name each other and are sound", () => {
    assert.deepEqual(
      manifestOf(mail).attachments,
      [1, 2].map((n) => ({ n, run_id: noteId, sha256: sha256Hex(NOTE) })),
    );
    assert.deepEqual(manifestOf(note).attachment_of, { run_id: "mail-1", n: 1 });
    for (const files of [mail, note]) {
      const { verification } = verifyBundle(memoryReader(files));
      assert.deepEqual(
        verification.checks.flatMap(({ findings }) => findings),
        [],
      );
      assert.equal(verification.outcome, "sound");
    }
  });

  test("are found altered when the mail names another run or another hash", () => {
    assert.deepEqual(findingsOf(mail), []);
    const other = attachmentRunId({ runId: "mail-2", n: 1 });
    const named = findingsOf(forged(mail, noteId, other));
    assert.ok(named.includes("operation_outputs.json /attachments/1/run_id"), String(named));
    const hashed = findingsOf(forged(mail, sha256Hex(NOTE), "ab".repeat(32)));
    assert.ok(hashed.includes("data/artifacts/docir.json /attachments/1"), String(hashed));
  });

  test("are found altered when two attachments have the same place in the mail", () => {
    const [first, second] = JSON.parse(textOf(mail, "data/artifacts/docir.json")).attachments;
    const moved = forged(mail, `"span":[${second.span}]`, `"span":[${first.span}]`);
    assert.ok(findingsOf(moved).includes("data/artifacts/docir.json /attachments/2"));
  });

  test("are found altered when the attachment names another mail or another number", () => {
    assert.deepEqual(findingsOf(note), []);
    for (const [from, to] of [
      ['"run_id":"mail-1"', '"run_id":"mail-2"'],
      ['"attachment_of":{"n":1', '"attachment_of":{"n":2'],
    ] as const)
      assert.deepEqual(findingsOf(forged(note, from, to)), ["manifest.json /attachment_of"]);
  });

  test("are found not to belong together when the attachment has another document", async () => {
    const replaced = await bundleFilesOf({
      runId: noteId,
      source: "# Another note\n",
      filename: "a.md",
      attachmentOf: { runId: "mail-1", n: 1 },
    });
    const linksOf = (bundles: readonly (readonly BundleFile[])[]) =>
      bundles.flatMap((files) => {
        const { contents } = verifyBundle(memoryReader(files));
        return contents === null ? [] : attachmentLinksOf(contents);
      });
    assert.deepEqual(findBrokenLinks(linksOf([mail, note])), []);
    assert.deepEqual(findBrokenLinks(linksOf([note])), []);
    assert.deepEqual(findBrokenLinks(linksOf([replaced, mail])), [{ mail: "mail-1", runId: noteId }]);
  });
});
