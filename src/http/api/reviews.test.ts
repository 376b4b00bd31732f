import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { before, describe, test } from "node:test";
import { type Verified, verifyBundle } from "../../bundle/verify/verify.ts";
import { completeRun } from "../../client.ts";
import { readZip } from "../../files/zip-reader.ts";
import type { ReviewPage } from "../../flow/review.ts";
import { pollUntil } from "../../poll.ts";
import type { JournalView } from "../../projection/journal-view.ts";
import { assertFailure, jsonOf, postJson, request } from "../../testing/http.ts";
import { slow, useService } from "../../testing/service.ts";

const SOURCE = "# Tides\n\nHigh water at 06:12.\n\nLow water at 12:4O [low]\n\nHigh water at 18:55 [low]\n";

describe("the review queue", () => {
  const service = useService();
  const list = async (query = ""): Promise<ReviewPage> => {
    const reply = await request(`${service.url}/review${query}`);
    assert.equal(reply.status, 200, reply.text);
    return jsonOf(reply) as ReviewPage;
  };
  const decide = (id: string, body: object) => postJson(`${service.url}/review/${id}`, body);
  const bundleOf = async (runId: string) => (await request(`${service.url}/runs/${runId}/bundle.zip`)).bytes;

  before(async () => {
    await completeRun(service.url, { source: SOURCE, workflowId: "tides" });
    await completeRun(service.url, { source: "# Fine\n\nNothing is doubtful here.\n", workflowId: "fine" });
    await pollUntil("the passages are in the queue", async () => (await list()).open === 2);
  }, slow);

  test("lists the doubtful passages with their reason and the text around them", slow, async () => {
    const { items, next } = await list();
    assert.equal(next, null);
    assert.deepEqual(
      items.map(({ run_id, title, reason, confidence, quote, decision }) => [
        run_id,
        title,
        reason,
        confidence,
        quote,
        decision,
      ]),
      [
        ["tides", "Tides", "low_marker", 0.4, "Low water at 12:4O", null],
        ["tides", "Tides", "low_marker", 0.4, "High water at 18:55", null],
      ],
    );
    assert.match(items[0]?.before ?? "", /High water at 06:12\.\n$/);
    assert.match(items[0]?.after ?? "", /^\nHigh water at 18:55/);
    assert.equal((await list("?run=fine")).items.length, 0);
    assert.equal((await list("?reason=low_marker&limit=1")).items.length, 1);
    assert.equal((await list(`?after=${(await list("?limit=1")).next}`)).items.length, 1);
  });

  test(
    "records decisions as events of the journal and in the bundle, and keeps the earlier ones",
    slow,
    async () => {
      const before = await bundleOf("tides");
      const [first] = (await list()).items;
      assert.ok(first);
      assertFailure(await decide(first.id, { decision: "corrected" }), 400, {
        error: "invalid_run_payload",
        message: "The payload is not accepted.",
        field: "note",
        reason: "is required where the decision is corrected",
      });
      assert.deepEqual(await bundleOf("tides"), before, "a refused decision changes nothing");
      assert.equal((await decide(first.id, { decision: "accepted" })).status, 200);
      const corrected = await decide(first.id, { decision: "corrected", note: "12:40", by: "ada" });
      const { decision } = jsonOf(corrected) as { decision: Record<string, unknown> };
      assert.deepEqual(
        { ...decision, at: 0 },
        { decision: "corrected", note: "12:40", by: "ada", via: "api", at: 0 },
      );
      assert.equal((await list()).open, 1);
      assert.deepEqual(
        (await list("?state=corrected")).items.map(({ id }) => id),
        [first.id],
      );
      const journal = jsonOf(await request(`${service.url}/runs/tides/events`)) as JournalView;
      const reviewed = journal.events.filter(({ kind }) => kind === "reviewed");
      assert.deepEqual(
        reviewed.map(({ detail }) => (detail as { decision: string }).decision),
        ["accepted", "corrected"],
      );
      const { verification, contents } = await verifyZip(await bundleOf("tides"));
      assert.equal(verification.outcome, "sound");
      assert.deepEqual(
        contents?.reviews.map(({ seq }) => seq),
        reviewed.map(({ seq }) => seq),
      );
      assert.deepEqual(await bundleOf("tides"), await bundleOf("tides"));
    },
  );

  test("has a page whose forms need no script", slow, async () => {
    const html = { accept: "text/html" };
    const page = await request(`${service.url}/review`, { headers: html });
    assert.match(page.text, /<mark>High water at 18:55<\/mark>/);
    const [, action = ""] = /action="(\/ui\/review\/[^"]+)"/.exec(page.text) ?? [];
    const post = (body: Record<string, string>) =>
      request(`${service.url}${action}`, { method: "POST", headers: html, body: new URLSearchParams(body) });
    const refused = await post({ decision: "corrected", note: "", state: "open" });
    assert.equal(refused.status, 400);
    assert.match(refused.text, /is required where the decision is corrected/);
    const decided = await post({ decision: "skipped", note: "", reason: "low_marker" });
    assert.deepEqual([decided.status, decided.headers.get("location")], [303, "/review?reason=low_marker"]);
    assert.equal((await list()).open, 0);
    const [skipped] = (await list("?state=skipped")).items;
    assert.equal(skipped?.decision?.via, "page");
  });

  test("refuses an id that names no passage", slow, async () => {
    for (const id of ["tides:q_0123456789abcdef", "nobody:q_0123456789abcdef", "x"]) {
      assertFailure(await decide(id, { decision: "accepted" }), 404, {
        error: "review_item_not_found",
        message: "There is no passage to review with this id.",
        review_id: id,
      });
    }
  });
});

async function verifyZip(bytes: Uint8Array): Promise<Verified> {
  const folder = await mkdtemp(join(tmpdir(), "review-"));
  try {
    const path = join(folder, "bundle.zip");
    await writeFile(path, bytes);
    await using reader = readZip(path);
    return verifyBundle(reader);
  } finally {
    await rm(folder, { recursive: true });
  }
}
