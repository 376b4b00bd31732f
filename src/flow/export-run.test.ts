import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { describe, test } from "node:test";
import { artifactPathOf } from "../bundle/layout.ts";
import { verifyBundle } from "../bundle/verify/verify.ts";
import { canonicalJsonBytes } from "../canonical-json.ts";
import { completeRun, startRun, waitForEnd, waitForRun } from "../client.ts";
import { ARTIFACT_TYPES } from "../domain/artifact.ts";
import { withBundle } from "../files/bundle-reader.ts";
import { pollUntil } from "../poll.ts";
import { bypassTriggers } from "../testing/bypass-triggers.ts";
import { cloneDatabase } from "../testing/database.ts";
import { jsonOf, objectOf, postJson, request } from "../testing/http.ts";
import { temporaryFolder } from "../testing/paths.ts";
import { runProgram, startProgram } from "../testing/program.ts";
import { slow, useService } from "../testing/service.ts";
import { startAsleep, wake } from "../testing/sleeping-run.ts";
import { accept, startWebhookReceiver, webhookTo } from "../testing/webhook-receiver.ts";

const FILES = [
  "artifacts.json",
  "attestations/statement.json",
  "bag-info.txt",
  "bagit.txt",
  "citations.json",
  ...ARTIFACT_TYPES.map(artifactPathOf),
  "manifest-sha256.txt",
  "manifest.json",
  "operation_outputs.json",
  "report.html",
  "ro-crate-metadata.json",
  "tagmanifest-sha256.txt",
  "timeline.json",
  "tool-io.json",
  "workflow_status.json",
].sort();

type Bundle = Readonly<Record<string, string>>;

function readBundle(folder: string): Bundle {
  return Object.fromEntries(filesIn(folder).map((name) => [name, readFileSync(join(folder, name), "utf8")]));
}

function filesIn(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => relative(folder, join(parentPath, name)))
    .sort();
}

async function exportAt(url: string, runId: string): Promise<Bundle> {
  const reply = await request(`${url}/runs/${runId}/export`);
  assert.equal(reply.status, 200, reply.text);
  return readBundle(String(objectOf(reply).run_bundle_path));
}

async function fetchBytes(url: string): Promise<Buffer> {
  const reply = await fetch(url);
  assert.equal(reply.status, 200);
  const bytes = Buffer.from(await reply.arrayBuffer());
  assert.equal(reply.headers.get("content-length"), String(bytes.length));
  return bytes;
}

/** The JSON form has the same files: values of JSON, other text as it is, and the document in base64. */
function assertSameContent(bundle: Bundle, json: string): void {
  const files = JSON.parse(json);
  assert.equal(json, Buffer.from(canonicalJsonBytes(files)).toString());
  for (const [path, text] of Object.entries(bundle)) {
    const value = files[path];
    const expected = path.endsWith(".json") ? JSON.parse(text) : text;
    const found = path === "data/artifacts/raw" ? Buffer.from(value.data, value.encoding).toString() : value;
    assert.deepEqual(found, expected, path);
  }
}

/** Of each effect in `tool-io.json` the number of executions and the receipt. */
function effectsOf(bundle: Bundle): readonly unknown[] {
  const { effects } = JSON.parse(bundle["tool-io.json"] ?? "");
  return effects.map(({ executions, receipt }: Readonly<Record<string, unknown>>) => [executions, receipt]);
}

describe("an export", () => {
  const service = useService();

  test("is the files of the layout, JSON canonical with a newline, and verifies", slow, async () => {
    const { run_id } = await completeRun(service.url);
    const bundle = await exportAt(service.url, run_id);
    assert.deepEqual(Object.keys(bundle), FILES);
    for (const [name, text] of Object.entries(bundle).filter(([path]) => path.endsWith(".json"))) {
      assert.equal(text, Buffer.from(canonicalJsonBytes(JSON.parse(text))).toString("utf8"), name);
      assert.ok(text.endsWith("\n") && !text.endsWith("\n\n"), name);
    }
    const manifest = JSON.parse(bundle["manifest.json"] ?? "");
    assert.equal(manifest.root, "<run-bundle-root>");
    assert.ok(!JSON.stringify(bundle).includes(service.program.bundlesRoot), "no path of this host is in it");
    const place = join(service.program.bundlesRoot, run_id);
    const { verification } = await withBundle(place, (reader) => verifyBundle(reader));
    assert.deepEqual(
      verification.checks.filter(({ result }) => result !== "passed"),
      [],
    );
  });

  test("of a failed run says how it failed, in DBOS's row as in the run", slow, async () => {
    const runId = await startAsleep(service.url, { source: "# Fails" });
    await bypassTriggers(service.database, "delete from jejakekal.artifact where run_id = $1", [runId]);
    await wake(service, runId);
    const failed = await waitForEnd(service.url, runId);
    assert.equal(failed.dbos_status, "ERROR");
    const bundle = await exportAt(service.url, runId);
    assert.match(bundle["workflow_status.json"] ?? "", /FAILED_NO_ARTIFACT/);
    assert.match(bundle["workflow_status.json"] ?? "", /source_sha256/, "and with what it was started");
    assert.ok(
      !Object.values(bundle).some((text) => /\bat .*\.ts:\d+/.test(text)),
      "and not where in whose files",
    );
  });

  test("is the same bytes again, from another program, after a restart, and over HTTP", slow, async () => {
    await using database = await cloneDatabase();
    using elsewhere = temporaryFolder();
    await using first = await startProgram({ database });
    const { run_id } = await completeRun(first.url);
    const bundle = await exportAt(first.url, run_id);
    const overHttp = (await request(`${first.url}/runs/${run_id}/bundle`)).text;
    const zip = await fetchBytes(`${first.url}/runs/${run_id}/bundle.zip`);
    assertSameContent(bundle, overHttp);
    assert.deepEqual(await exportAt(first.url, run_id), bundle);
    const cli = await runProgram(["export", run_id], { database, bundlesRoot: elsewhere.path });
    assert.equal(cli.code, 0, cli.stderr);
    assert.deepEqual(readBundle(join(elsewhere.path, run_id)), bundle);
    await postJson(`${first.url}/runs/${run_id}/fork`, { from_step: "memo" });
    assert.deepEqual(await exportAt(first.url, run_id), bundle, "and when it has been forked");
    await first.kill9();
    await using second = await startProgram({ database, env: { JEJAKEKAL_NODE: "another" } });
    assert.deepEqual(await exportAt(second.url, run_id), bundle);
    assert.equal((await request(`${second.url}/runs/${run_id}/bundle`)).text, overHttp);
    assert.deepEqual(await fetchBytes(`${second.url}/runs/${run_id}/bundle.zip`), zip);
    const zipPath = join(elsewhere.path, "bundle.zip");
    const zipped = await runProgram(["export", run_id, "--zip", zipPath], {
      database,
      env: { TZ: "Asia/Jayapura", LC_ALL: "tr_TR.UTF-8" },
    });
    assert.equal(zipped.code, 0, zipped.stderr);
    assert.deepEqual(readFileSync(zipPath), zip, "in another time zone and locale");
    const { verification } = await withBundle(zipPath, (reader) => verifyBundle(reader));
    assert.equal(verification.outcome, "sound");
  });

  test("of a run that was ended from outside is the same bytes again, too", slow, async () => {
    const runId = await startRun(service.url, { source: "# Ended from outside", sleepMs: 60_000 });
    await waitForRun(service.url, runId, "sleeps", ({ timeline }) => timeline.length >= 2);
    // What DBOS's own command line does; this program's journal knows nothing of it.
    await service.database.query(
      "update dbos.workflow_status set status = 'CANCELLED', owner_xid = null where workflow_uuid = $1",
      [runId],
    );
    const bundle = await exportAt(service.url, runId);
    assert.deepEqual(await exportAt(service.url, runId), bundle);
    assert.deepEqual(await exportAt(service.url, runId), bundle);
    const exported = objectOf(await request(`${service.url}/runs/${runId}/events`)).events;
    assert.ok(Array.isArray(exported));
    assert.equal(exported.filter(({ kind }) => kind === "exported").length, 1);
  });

  test(
    "of a cancelled run stays the same when an effect that was under way gets its receipt",
    slow,
    async () => {
      await using database = await cloneDatabase();
      await using receiver = await startWebhookReceiver();
      const { promise: released, resolve: release } = Promise.withResolvers<void>();
      receiver.expect((response, delivery) => void released.then(() => accept(response, delivery)));
      const env = { ...webhookTo(receiver), JEJAKEKAL_WEBHOOK_TIMEOUT_MS: "30000" };
      await using program = await startProgram({ database, env });
      const runId = await startRun(program.url, { source: "# Cancelled in delivery" });
      await pollUntil("the delivery is under way", () => receiver.deliveries.length === 1);
      assert.equal((await postJson(`${program.url}/runs/${runId}/cancel`, {})).status, 202);
      const bundle = await exportAt(program.url, runId);
      assert.deepEqual(effectsOf(bundle), [[1, null]]);
      release();
      const receipts = () => database.query("select 1 from jejakekal.effect_receipt");
      await pollUntil("the receipt is stored", async () => (await receipts()).length === 1);
      assert.deepEqual(await exportAt(program.url, runId), bundle);
      assert.equal((await postJson(`${program.url}/runs/${runId}/resume`, {})).status, 202);
      const resumed = await waitForEnd(program.url, runId);
      assert.equal(resumed.dbos_status, "SUCCESS");
      assert.equal(receiver.deliveries.length, 1, "the resumed run uses the receipt");
      assert.match(JSON.stringify(effectsOf(await exportAt(program.url, runId))), /^\[\[1,\{.*"status":204/);
    },
  );

  test("is complete as soon as its folder exists, even with many exports at once", slow, async () => {
    const { run_id } = await completeRun(service.url);
    const place = join(service.program.bundlesRoot, run_id);
    let exporting = true;
    const watching = (async () => {
      let sights = 0;
      while (exporting) {
        if (existsSync(place)) {
          assert.deepEqual(filesIn(place), FILES);
          sights += 1;
        }
        await new Promise((resolve) => setImmediate(resolve));
      }
      return sights;
    })();
    const bundles = await Promise.all(Array.from({ length: 40 }, () => exportAt(service.url, run_id)));
    exporting = false;
    assert.ok((await watching) > 0);
    for (const bundle of bundles) assert.deepEqual(bundle, bundles[0]);
    const leftovers = readdirSync(service.program.bundlesRoot).filter((name) => name.startsWith("."));
    assert.deepEqual(leftovers, []);
  });

  test(
    "that is killed half-way leaves nothing by the bundle's name, and the next one is whole",
    slow,
    async () => {
      await using database = await cloneDatabase();
      using bundles = temporaryFolder();
      await using program = await startProgram({ database, bundlesRoot: bundles.path });
      const runs = await Promise.all(
        Array.from({ length: 6 }, (_, index) => completeRun(program.url, `run ${index}`)),
      );
      const exporting = runs.map(({ run_id }) =>
        request(`${program.url}/runs/${run_id}/export`).catch(() => null),
      );
      await Promise.race(exporting);
      await program.kill9();
      await Promise.all(exporting);
      for (const name of readdirSync(bundles.path).filter((entry) => !entry.startsWith("."))) {
        assert.deepEqual(filesIn(join(bundles.path, name)), FILES, name);
      }
      await using next = await startProgram({ database, bundlesRoot: bundles.path });
      for (const { run_id } of runs) assert.deepEqual(Object.keys(await exportAt(next.url, run_id)), FILES);
    },
  );

  test("does not need a field of the timeline that was damaged", slow, async () => {
    const run = await completeRun(service.url, { source: "will-be-removed", sleepMs: 10 });
    // Drill 4.4 of the course, to the letter.
    await service.database.query(
      `update dbos.operation_outputs set output='{"json":{"prepared":"MISSING_SOURCE"}}'::jsonb where workflow_uuid='${run.run_id}' and function_name='prepare';`,
    );
    const reply = await request(`${service.url}/runs/${run.run_id}/export`);
    assert.equal(reply.status, 200);
    const { artifacts } = objectOf(reply);
    assert.ok(Array.isArray(artifacts));
    assert.deepEqual(
      artifacts.map(({ id }: { id: string }) => id),
      [...ARTIFACT_TYPES],
    );
    await service.database.query(
      "update dbos.operation_outputs set output = 'no json' where workflow_uuid = $1",
      [run.run_id],
    );
    assert.equal((await request(`${service.url}/runs/${run.run_id}/export`)).status, 200);
  });

  test("of a running run is marked partial and has a folder of its own", slow, async () => {
    const runId = await startAsleep(service.url, { source: "# Under way" });
    const reply = objectOf(await request(`${service.url}/runs/${runId}/export`));
    assert.equal(reply.partial, true);
    assert.equal(reply.run_bundle_path, join(service.program.bundlesRoot, `${runId}~partial`));
    assert.ok(!existsSync(join(service.program.bundlesRoot, runId)));
    assert.equal(
      JSON.parse(readFileSync(join(String(reply.run_bundle_path), "manifest.json"), "utf8")).partial,
      true,
    );
    await wake(service, runId);
    await waitForEnd(service.url, runId);
    const whole = objectOf(await request(`${service.url}/runs/${runId}/export`));
    assert.equal(whole.partial, undefined);
  });

  test("of a missing run is a typed 404", slow, async () => {
    const reply = await request(`${service.url}/runs/nobody/export`);
    assert.equal(reply.status, 404);
    assert.deepEqual(jsonOf(reply), { error: "run_not_found", run_id: "nobody" });
  });
});
