import assert from "node:assert/strict";
import { test } from "node:test";
import { sha256Hex } from "../../sha256.ts";
import { bundleFilesOf } from "../../testing/bundles.ts";
import type { BundleValues } from "../shapes.ts";
import { buildReport } from "./report.tsx";
import { reportMemoOf } from "./report-memo.ts";

const HOSTILE = `# <script>alert("1")</script> & it's "quoted"\n\n<img src="https://example.org/x.png"> costs 12 USD's worth [low]\n`;

async function reportOf(source: string): Promise<string> {
  const files = await bundleFilesOf({ source });
  return Buffer.from(files.find(({ path }) => path === "report.html")?.bytes ?? []).toString();
}

test("a report escapes the document, and loads nothing from anywhere", async () => {
  const html = await reportOf(HOSTILE);
  assert.match(html, /&amp; it&#39;s &#34;quoted&#34;/);
  assert.doesNotMatch(html, /<script|<img|<link|<iframe|\son\w+=|\bsrc=|url\(|@import/i);
  assert.match(html, /default-src 'none'/);
  for (const heading of [
    "What was asked",
    "Timeline",
    "Memo",
    "To review",
    "Artifacts",
    "Side effects",
    "Journal",
    "How to verify",
  ]) {
    assert.match(html, new RegExp(`<h2[^>]*>${heading}</h2>`));
  }
});

test("a report is the same bytes on every runtime, and in every later version", () => {
  const { bytes } = buildReport(VALUES, reportMemoOf(MEMO));
  // Recorded once: a changed report would make every bundle that is there fail its verification.
  assert.equal(sha256Hex(bytes), "d687c02a68edb643f9f2b27bb5c55a2a1850cbaf1da3136dd4f193ad385969f7");
});

test("a report of a mail names the runs of its attachments, and that of an attachment the mail", () => {
  const htmlOf = (links: Partial<BundleValues["manifest"]>) =>
    Buffer.from(
      buildReport({ ...VALUES, manifest: { ...VALUES.manifest, ...links } }, null).bytes,
    ).toString();
  assert.match(
    htmlOf({ attachments: [{ n: 2, run_id: "run-2", sha256: HASH }] }),
    /<dt>Run of attachment 2<\/dt><dd><bdi>run-2<\/bdi><\/dd>/,
  );
  assert.match(
    htmlOf({ attachment_of: { run_id: "mail-1", n: 3 } }),
    /<dt>Attachment 3 of the mail<\/dt><dd><bdi>mail-1<\/bdi><\/dd>/,
  );
});

const HASH = "a".repeat(64);

const VALUES: BundleValues = {
  manifest: {
    schema: "jejakekal.run-bundle/1",
    root: "<run-bundle-root>",
    run_id: "run-1",
    status: "error",
    dbos_status: "ERROR",
    partial: false,
    workflow: { name: "documentRun", application_version: "1", forked_from: "run-0" },
    request: { intent: "doc", args: { filename: 'it\'s "a".md', source_sha256: HASH }, payload_sha256: HASH },
    recipes: {},
    artifact_set_digest: null,
    files: [],
  },
  artifacts: [
    {
      id: "raw",
      sha256: HASH,
      bytes: 5,
      media_type: "text/plain",
      format: "text/plain",
      title: "A title",
      visibility: "user",
      prov: {
        producer_function_id: 0,
        producer_step: "prepare",
        inputs: [],
        recipe: { name: "as-received" },
      },
    },
  ],
  timeline: [
    {
      function_id: 0,
      function_name: "prepare",
      started_at_epoch_ms: 1_000,
      completed_at_epoch_ms: null,
      duration_ms: null,
      attempt: 2,
      output: null,
      error: { code: "step_failed", message: "It's <failed>." },
      io_hashes: { in: [], out: [HASH] },
    },
  ],
  toolIo: {
    steps: [],
    effects: [{ effect_key: "run-1:side-effect", kind: "webhook", executions: 2, receipt: null }],
    journal: [
      {
        seq: 0,
        at_epoch_ms: 1_000,
        kind: "accepted",
        node: "local",
        detail: { by: 'o\'neill & "co"' },
        prev_sha256: HASH,
        sha256: HASH,
      },
    ],
  },
  workflowStatus: {
    workflow_uuid: "run-1",
    status: "ERROR",
    name: "documentRun",
    application_version: "1",
    forked_from: "run-0",
    created_at: 1_000,
    completed_at: 2_000,
    inputs: null,
    error: null,
  },
};

const CITE = { blockId: "b_1", span: [0, 5], page: 2, text: "Quoted" };

const MEMO = {
  title: { text: "A title", cite: { ...CITE } },
  keySentences: [{ text: 'It\'s "so" <b>.', cite: { ...CITE } }],
  review: [{ reason: "low", confidence: 0.4, cite: { ...CITE } }],
};
