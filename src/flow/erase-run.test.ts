import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { before, describe, test } from "node:test";
import { verifyBundle } from "../bundle/verify/verify.ts";
import { completeRun, exportRun, readRun, startRun, waitForEnd } from "../client.ts";
import { ARTIFACT_TYPES } from "../domain/artifact.ts";
import { writeBundleFolder } from "../files/bundle-folder.ts";
import { withBundle } from "../files/bundle-reader.ts";
import { pollUntil } from "../poll.ts";
import { bundleOf } from "../testing/bundles.ts";
import type { TestDatabase } from "../testing/database.ts";
import { jsonOf, objectOf, postJson, request } from "../testing/http.ts";
import { temporaryFolder } from "../testing/paths.ts";
import { runProgram, startProgram } from "../testing/program.ts";
import { slow, useService } from "../testing/service.ts";

/** A word that stands in the document alone. */
const WORD = "zanzibarium";
const SOURCE = `# About ${WORD}\n\nThe ${WORD} costs 12 euros and [low] is new.\n\n| ${WORD} | n |\n| --- | --- |\n| a | 1 |\n`;
const REASON = { reason: "the customer asked", by: "a test" };

/** The tables of all schemas that have this word, as text or within bytes. */
async function tablesWith(database: TestDatabase, word: string): Promise<readonly string[]> {
  const tables = await database.query<{ name: string }>(
    `select c.oid::regclass::text as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where c.relkind in ('r', 'm', 'p') and n.nspname in ('jejakekal', 'dbos')`,
  );
  assert.ok(tables.length > 20, "the tables are found");
  const found: string[] = [];
  for (const { name } of tables) {
    const rows = await database.query(
      `select from ${name} t where t::text ilike '%' || $1 || '%'
          or t::text like '%' || encode(convert_to($1, 'UTF8'), 'hex') || '%' limit 1`,
      [word],
    );
    if (rows.length > 0) found.push(name);
  }
  return found;
}

function filesWith(folder: string, word: string): readonly string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true })
    .map((name) => join(folder, String(name)))
    .filter((path) => statSync(path).isFile() && readFileSync(path).includes(word));
}

describe("an erasure", () => {
  const service = useService();
  const ask = (path: string) => request(`${service.url}${path}`);
  const erase = (runId: string) => postJson(`${service.url}/runs/${runId}/erase`, REASON);
  const hitsOf = async (word: string) => objectOf(await ask(`/search?q=${word}`)).total;
  const cli = (args: readonly string[]) =>
    runProgram(args, { database: service.database, bundlesRoot: service.program.bundlesRoot });

  before(async () => {
    await completeRun(service.url, { source: SOURCE, workflowId: "erased" });
    await completeRun(service.url, { source: `# Another\n\nIt has words of its own.`, workflowId: "kept" });
    await exportRun(service.url, "erased");
    for (const word of [WORD, "words"])
      await pollUntil(`the run with ${word} is indexed`, async () => (await hitsOf(word)) !== 0);
    await pollUntil("its passage is to be reviewed", async () => {
      const [row] = await service.database.query("select from jejakekal.review_item where run_id = 'erased'");
      return row !== undefined;
    });
    assert.notDeepEqual(filesWith(service.program.bundlesRoot, WORD), []);
    assert.deepEqual(objectOf(await erase("erased")).status, "done");
  }, slow);

  test(
    "leaves no word of the document in the database, in the index and in the exported bundle",
    slow,
    async () => {
      assert.deepEqual(await tablesWith(service.database, WORD), []);
      assert.deepEqual(filesWith(service.program.bundlesRoot, WORD), []);
      assert.equal(await hitsOf(WORD), 0);
      assert.equal(await hitsOf("words"), 1, "the other run is still found");
      assert.equal(objectOf(await ask("/review?state=all&run=erased")).open, 0);
      assert.equal((await cli(["reindex"])).code, 0);
      assert.deepEqual(await tablesWith(service.database, WORD), [], "after a reindex");
    },
  );

  test("keeps the run, its steps, its hashes and a journal that says who and why", slow, async () => {
    const run = await readRun(service.url, "erased");
    assert.equal(run.dbos_status, "SUCCESS");
    assert.equal(run.timeline.length, 7);
    assert.deepEqual(
      run.artifacts.map(({ type, status }) => [type, status]),
      ARTIFACT_TYPES.map((type) => [type, "erased"]),
    );
    assert.equal(run.header.erased?.reason, REASON.reason);
    const { chain, events } = objectOf(await ask("/runs/erased/events")) as {
      chain: unknown;
      events: { kind: string; detail: unknown }[];
    };
    assert.match(JSON.stringify(chain), /true|intact|ok/);
    const event = events.find(({ kind }) => kind === "erased");
    assert.deepEqual(event?.detail, { by: "a test", reason: REASON.reason, via: "api" });
  });

  test("makes every read of an artifact a 410, in JSON and on the page", slow, async () => {
    const paths = [
      ...ARTIFACT_TYPES.flatMap((type) => [
        `/artifacts/erased:${type}`,
        `/artifacts/erased:${type}/download`,
      ]),
      "/artifacts/erased:memo/download?as=markdown",
      "/runs/erased/citations/q_0123456789abcdef",
    ];
    for (const path of paths) {
      const reply = await ask(path);
      assert.equal(reply.status, 410, `${path} ${reply.text}`);
      assert.equal(objectOf(reply).error, "artifact_erased");
    }
    for (const path of ["/artifacts/erased:memo", "/runs/erased"]) {
      const page = await request(`${service.url}${path}`, { headers: { accept: "text/html" } });
      assert.match(page.text, /The artifact was erased\. Its hash and the history of its run are kept\./);
    }
  });

  test("happens once: a second one gives the same answer and adds no event", slow, async () => {
    const [first, second] = [await erase("erased"), await erase("erased")];
    assert.deepEqual([first.status, jsonOf(first)], [200, jsonOf(second)]);
    const events = await service.database.query(
      "select from jejakekal.run_event where run_id = 'erased' and kind = 'erased'",
    );
    assert.equal(events.length, 1);
  });

  test("needs a reason and a run that has ended", slow, async () => {
    const noReason = await postJson(`${service.url}/runs/kept/erase`, {});
    assert.deepEqual([noReason.status, objectOf(noReason).field], [400, "reason"]);
    await startRun(service.url, { source: "still running", workflowId: "running", sleepMs: 60_000 });
    const early = await erase("running");
    assert.deepEqual([early.status, objectOf(early).error], [409, "run_not_erasable"]);
    assert.equal((await erase("nobody")).status, 404);
    await postJson(`${service.url}/runs/running/cancel`, {});
    assert.equal((await erase("running")).status, 200, "once it is cancelled");
    const resumed = await postJson(`${service.url}/runs/running/resume`, {});
    assert.deepEqual([resumed.status, objectOf(resumed).reason], [409, "was erased"]);
    const forked = await postJson(`${service.url}/runs/erased/fork`, { from_step: "memo" });
    assert.deepEqual([forked.status, objectOf(forked).reason], [409, "was erased"]);
    const repeated = await postJson(`${service.url}/runs`, { source: SOURCE, workflowId: "erased" });
    assert.equal(objectOf(repeated).deduplicated, true, "the id still belongs to its payload");
    assert.deepEqual(await tablesWith(service.database, WORD), [], "the document did not come back");
  });

  test("is told by the bundle, which verifies and cannot be reproduced", slow, async () => {
    const { run_bundle_path: path } = await exportRun(service.url, "erased");
    assert.deepEqual(filesWith(path, WORD), []);
    const verified = await cli(["verify", path]);
    assert.equal(verified.code, 0, verified.stdout);
    assert.match(verified.stdout, /were erased on .* by a test: the customer asked/);
    assert.equal((await cli(["reproduce", path])).code, 7);
  });

  test("leaves bytes that another run has, until that is erased too", slow, async () => {
    const source = `${SOURCE}\nThe same ${WORD} twice.`;
    for (const workflowId of ["one", "two"]) await completeRun(service.url, { source, workflowId });
    assert.equal((await erase("one")).status, 200);
    assert.equal((await ask("/artifacts/one:raw")).status, 410);
    assert.equal((await ask("/artifacts/two:raw")).status, 200);
    const fork = await postJson(`${service.url}/runs/two/fork`, { from_step: "memo" });
    assert.equal((await erase("two")).status, 200);
    const forkId = String(objectOf(fork).run_id);
    assert.equal((await waitForEnd(service.url, forkId)).dbos_status, "SUCCESS", "the fork has them still");
    assert.equal((await erase(forkId)).status, 200);
    await pollUntil("no word is left", async () => (await tablesWith(service.database, WORD)).length === 0);
  });

  test("does not take the document from a run that is started at the same time", slow, async () => {
    const source = "# At the same time\n\nA line.";
    await completeRun(service.url, { source, workflowId: "race-0" });
    for (let round = 1; round <= 4; round += 1) {
      const [erased] = await Promise.all([
        erase(`race-${round - 1}`),
        startRun(service.url, { source, workflowId: `race-${round}` }),
      ]);
      assert.equal(erased.status, 200, erased.text);
      const run = await waitForEnd(service.url, `race-${round}`);
      assert.equal(run.dbos_status, "SUCCESS");
      assert.equal((await ask(`/artifacts/race-${round}:raw`)).status, 200);
    }
  });

  test("erases an imported run, whose bundle is then built without its document", slow, async () => {
    using folder = temporaryFolder();
    const { entries } = await bundleOf({ runId: "imported", source: SOURCE, reviewed: true });
    const path = await writeBundleFolder(folder.path, "bundle", entries);
    assert.equal((await cli(["import", path])).code, 0);
    assert.notDeepEqual(await tablesWith(service.database, WORD), []);
    const erased = await cli(["erase", "imported", "--reason", "not ours"]);
    assert.equal(erased.code, 0, erased.stderr);
    await pollUntil("no word is left", async () => (await tablesWith(service.database, WORD)).length === 0);
    const exported = await exportRun(service.url, "imported");
    const { verification } = await withBundle(exported.run_bundle_path, (reader) => verifyBundle(reader));
    assert.deepEqual([verification.outcome, verification.erasure?.reason], ["sound", "not ours"]);
  });

  test("is the only way through the triggers", slow, async () => {
    const refused = async (sql: string, code = "23001") =>
      assert.rejects(
        service.database.query(sql),
        (error: Error & { code?: string }) => error.code === code,
        sql,
      );
    const ofKept = "(select source_sha256 from jejakekal.run where run_id = 'kept')";
    await refused(`delete from jejakekal.blob where sha256 = ${ofKept}`);
    await refused(`update jejakekal.blob set bytes = '' where sha256 = ${ofKept}`);
    await refused("update jejakekal.artifact set title = 'Erased' where run_id = 'kept'");
    await refused("update jejakekal.artifact set title = 'Another' where run_id = 'erased'");
    await refused("update jejakekal.artifact set title = 'Erased', bytes = 0 where run_id = 'erased'");
    await refused("delete from jejakekal.artifact where run_id = 'erased'");
    await refused("delete from jejakekal.erasure");
    await refused("insert into jejakekal.erasure (run_id, seq) values ('kept', 0)");
    await refused("insert into jejakekal.erasure (run_id, seq) values ('kept', 9999)");
    await refused(`
      insert into jejakekal.artifact select 'erased', type, sha256, bytes, media_type, format, title, visibility,
             producer_function_id, producer_step, inputs, recipe, created_at
        from jejakekal.artifact where run_id = 'kept'`);
  });

  test("of runs that are old enough is listed, made by hand, and made by itself", slow, async () => {
    await completeRun(service.url, { source: "to be kept for a day", workflowId: "old" });
    const dry = await cli(["erase", "--expired", "--older-than", "PT0S", "--dry-run"]);
    assert.match(dry.stdout, /"run_id":"old"/);
    assert.doesNotMatch(dry.stdout, /"run_id":"erased"/);
    assert.equal((await readRun(service.url, "old")).header.erased, null);
    await using other = await startProgram({
      database: service.database,
      env: { JEJAKEKAL_RETENTION: "PT1S", JEJAKEKAL_NODE: "other" },
    });
    const isErased = async () => (await readRun(other.url, "old")).header.erased;
    const erased = await pollUntil("the run is erased by its age", isErased, { timeoutMs: 60_000 });
    assert.deepEqual([erased.by, erased.reason], [null, "older than PT1S"]);
  });
});
