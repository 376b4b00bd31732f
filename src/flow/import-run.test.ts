import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { before, describe, test } from "node:test";
import { comparableOf } from "../bundle/comparable.ts";
import { compareRuns } from "../bundle/compare.ts";
import { verifyBundle } from "../bundle/verify/verify.ts";
import { completeRun, startRun, waitForEnd } from "../client.ts";
import { writeBundleFolder } from "../files/bundle-folder.ts";
import { withBundle } from "../files/bundle-reader.ts";
import { pollUntil } from "../poll.ts";
import { bundleOf } from "../testing/bundles.ts";
import { jsonOf, objectOf, postJson, request } from "../testing/http.ts";
import { temporaryFolder } from "../testing/paths.ts";
import { runProgram, startProgram } from "../testing/program.ts";
import { slow, useService } from "../testing/service.ts";

const SOURCE = "# Harbour\n\nHigh water at 06:12, 4.1 m. [low]\n";

describe("an imported run", () => {
  const origin = useService();
  const here = useService();
  const folder = temporaryFolder();
  const zip = (runId: string) => join(folder.path, `${runId}.zip`);

  const importHere = async (...paths: readonly string[]) => {
    const { code, stdout, stderr } = await runProgram(["import", ...paths], { database: here.database });
    return { code, stderr, lines: stdout.split("\n").map((line) => JSON.parse(line)) };
  };

  const bothOf = (path: string) =>
    Promise.all([request(`${origin.url}${path}`), request(`${here.url}${path}`)]);

  /** All rows of DBOS about a run, which an imported run must never have. */
  const rowsOfDbos = (runId: string) =>
    here.database.query(
      `select 1 from dbos.workflow_status where workflow_uuid = $1
        union all select 1 from dbos.operation_outputs where workflow_uuid = $1`,
      [runId],
    );

  before(async () => {
    await completeRun(origin.url, { source: SOURCE, workflowId: "done" });
    await startRun(origin.url, { source: SOURCE, workflowId: "cancelled", sleepMs: 60_000 });
    await request(`${origin.url}/runs/cancelled/cancel`, { method: "POST" });
    await waitForEnd(origin.url, "cancelled");
    for (const runId of ["done", "cancelled"]) {
      writeFileSync(zip(runId), (await request(`${origin.url}/runs/${runId}/bundle.zip`)).bytes);
    }
    const { code, lines, stderr } = await importHere(zip("done"), zip("cancelled"));
    assert.deepEqual([code, lines.map(({ result }) => result)], [0, ["imported", "imported"]], stderr);
  }, slow);

  test("is read as at its origin, and names its bundle", slow, async () => {
    for (const runId of ["done", "cancelled"]) {
      const [there, read] = (await bothOf(`/runs/${runId}`)).map(objectOf);
      const { header, artifacts, ...rest } = read as { header: object; artifacts: readonly object[] };
      const { imported, ...others } = header as { imported: Record<string, unknown> };
      const original = there as { header: object; artifacts: readonly object[] };
      assert.deepEqual(
        { ...rest, header: { ...others, imported: null } },
        { ...rest, header: original.header },
      );
      // The bundle does not keep when the row of an artifact was written.
      const withoutTime = (list: readonly object[]) => list.map((one) => ({ ...one, created_at: 0 }));
      assert.deepEqual(withoutTime(artifacts), withoutTime(original.artifacts));
      assert.match(String(imported.bundle_sha256), /^[0-9a-f]{64}$/);
      const [events, here] = (await bothOf(`/runs/${runId}/events`)).map(objectOf);
      assert.deepEqual(here, events);
    }
    for (const type of ["raw", "memo"]) {
      const [there, read] = await bothOf(`/artifacts/done:${type}/download`);
      assert.deepEqual(read.bytes, there.bytes);
    }
  });

  test("exports the bundle that it was imported from", slow, async () => {
    for (const path of ["/runs/done/bundle.zip", "/runs/cancelled/bundle.zip", "/runs/done/bundle"]) {
      const [there, read] = await bothOf(path);
      assert.deepEqual([read.status, read.bytes], [200, there.bytes], path);
    }
    const [there, read] = (await bothOf("/runs/done/export")).map(objectOf);
    const places = [String(there?.run_bundle_path), String(read?.run_bundle_path)];
    const { code, stdout } = await runProgram(["verify", ...places], { database: here.database });
    assert.equal(code, 0, stdout);
  });

  test("is in the lists, found by a hash, and compared", slow, async () => {
    const runs = objectOf(await request(`${here.url}/runs?status=done&limit=1`)).runs as { run_id: string }[];
    assert.deepEqual(
      runs.map(({ run_id }) => run_id),
      ["done"],
    );
    const older = objectOf(await request(`${here.url}/runs?before=cancelled`)).runs as { run_id: string }[];
    assert.deepEqual(
      older.map(({ run_id }) => run_id),
      ["done"],
    );
    const { commands } = objectOf(await request(`${here.url}/commands?status=done`)) as {
      commands: readonly { cmd: string; run: { run_id: string; steps: number } }[];
    };
    assert.deepEqual(
      commands.map(({ cmd, run }) => [cmd, run.run_id, run.steps]),
      [["/import", "done", 7]],
    );
    const { artifacts } = objectOf(await request(`${here.url}/runs/done`)) as {
      artifacts: readonly { sha256: string; cost: object }[];
    };
    const uses = jsonOf(await request(`${here.url}/artifacts?sha256=${artifacts[0]?.sha256}`)) as {
      id: string;
      cost: { duration_ms: number | null };
    }[];
    assert.deepEqual(uses.map(({ id }) => id).sort(), ["cancelled:raw", "done:docir", "done:raw"]);
    assert.ok(uses.every(({ cost }) => cost.duration_ms !== null));
    assert.equal(objectOf(await request(`${here.url}/runs/done/diff/done`)).equal, true);
    const page = await request(`${here.url}/runs/done`, { headers: { accept: "text/html" } });
    assert.equal(page.status, 200);
    assert.match(page.text, />imported</);
    assert.doesNotMatch(page.text, /act-resume|\/fork/);
    assert.match(page.text, /id="timeline"/);
  });

  test("is searched, also with the filters of runs", slow, async () => {
    const search = async (filter: string) =>
      objectOf(await request(`${here.url}/search?q=${encodeURIComponent(`water ${filter}`)}`));
    await pollUntil("the run is indexed", async () => (await search("")).unindexed === 0);
    for (const [filter, total] of [
      ["run:done", 1],
      ["status:done", 1],
      ["status:error", 0],
      ["type:md", 1],
      ["type:pdf", 0],
      ["after:2020-01-01", 1],
      ["before:2020-01-01", 0],
    ] as const) {
      assert.equal((await search(filter)).total, total, filter);
    }
  });

  test("is never executed: no start, cancel, resume, fork or restart begins it", slow, async () => {
    const again = objectOf(await postJson(`${here.url}/runs`, { source: SOURCE, workflowId: "done" }));
    assert.deepEqual([again.status, again.deduplicated], ["done", true]);
    const other = await postJson(`${here.url}/runs`, { source: "# Other", workflowId: "done" });
    assert.equal(objectOf(other).error, "workflow_id_payload_mismatch");
    for (const [runId, verb, error] of [
      ["done", "cancel", "run_not_cancellable"],
      ["done", "resume", "run_not_resumable"],
      ["cancelled", "resume", "run_not_resumable"],
      ["done", "fork", "run_not_forkable"],
    ] as const) {
      const body = verb === "fork" ? { from_step: 0 } : {};
      const reply = await postJson(`${here.url}/runs/${runId}/${verb}`, body);
      assert.deepEqual([reply.status, objectOf(reply).error], [409, error], `${verb} ${runId}`);
    }
    await using program = await startProgram({ database: here.database });
    assert.equal(objectOf(await request(`${program.url}/runs/cancelled`)).dbos_status, "CANCELLED");
    for (const runId of ["done", "cancelled"]) assert.deepEqual(await rowsOfDbos(runId), []);
  });

  test("keeps the decisions about its passages, and exports those that are made here", slow, async () => {
    type Item = Readonly<{ id: string; decision: { decision: string; by: string } | null }>;
    const itemsAt = async (url: string) =>
      (objectOf(await request(`${url}/review?run=reviewed&state=all`)) as unknown as { items: Item[] }).items;
    const decide = async (url: string, index: number, by: string) => {
      const id = (await itemsAt(url))[index]?.id;
      assert.equal((await postJson(`${url}/review/${id}`, { decision: "accepted", by })).status, 200);
    };
    const bundleAt = async (url: string) => (await request(`${url}/runs/reviewed/bundle.zip`)).bytes;
    const journalAt = async (url: string) =>
      objectOf(await request(`${url}/runs/reviewed/events`)) as {
        chain: object;
        events: readonly { kind: string; seq: number }[];
      };

    await completeRun(origin.url, {
      source: "# Tides\n\nLow water at 12:4O [low]\n\nHigh water at 18:55 [low]\n",
      workflowId: "reviewed",
    });
    await pollUntil("the passages are in the queue", async () => (await itemsAt(origin.url)).length === 2);
    // An export is an event that no bundle tells, so the journal of the imported run has a gap.
    await request(`${origin.url}/runs/reviewed/export`);
    await decide(origin.url, 0, "ada");
    writeFileSync(zip("reviewed"), await bundleAt(origin.url));
    await importHere(zip("reviewed"));
    await pollUntil("the passages are in the queue here", async () => (await itemsAt(here.url)).length === 2);
    const decided = (items: readonly Item[]) => items.map(({ decision }) => decision?.by ?? null);
    assert.deepEqual(decided(await itemsAt(here.url)), ["ada", null]);
    assert.deepEqual(await bundleAt(here.url), await bundleAt(origin.url), "nothing was decided here");
    assert.deepEqual((await journalAt(here.url)).chain, {
      ...(await journalAt(origin.url)).chain,
    });

    await decide(here.url, 1, "bob");
    writeFileSync(zip("reviewed-here"), await bundleAt(here.url));
    const { verification, contents } = await withBundle(zip("reviewed-here"), (reader) =>
      verifyBundle(reader),
    );
    assert.equal(verification.outcome, "sound", JSON.stringify(verification.checks));
    assert.deepEqual(
      contents?.reviews.map(({ detail }) => (detail as { by: string }).by),
      ["ada", "bob"],
    );
    const first = await withBundle(zip("reviewed"), (reader) => verifyBundle(reader));
    if (contents === null || first.contents === null) throw new Error("the bundles have contents");
    const compared = await compareRuns(comparableOf(first.contents), comparableOf(contents));
    assert.equal(compared.equal, true, "decisions are no difference of the runs");
    const { events, chain } = await journalAt(here.url);
    assert.equal((chain as { sound: boolean }).sound, true);
    assert.deepEqual(
      events.slice(-2).map(({ kind, seq }) => [kind, seq - (events.at(-3)?.seq ?? 0)]),
      [
        ["reviewed", 2],
        ["reviewed", 3],
      ],
    );

    const again = await importHere(zip("reviewed"), zip("reviewed-here"));
    assert.deepEqual(
      again.lines.map(({ result }) => result),
      ["already_here", "already_here"],
    );
    const reply = await postJson(`${here.url}/runs/reviewed/erase`, { reason: "a request" });
    assert.equal(reply.status, 200, reply.text);
    writeFileSync(zip("reviewed-erased"), await bundleAt(here.url));
    const erased = await withBundle(zip("reviewed-erased"), (reader) => verifyBundle(reader));
    assert.equal(erased.verification.outcome, "sound", JSON.stringify(erased.verification.checks));
    assert.deepEqual([erased.contents?.erasure.length, erased.contents?.reviews.length], [1, 2]);
  });

  test("is imported once, however often", slow, async () => {
    const count = () => here.database.query("select count(*)::int as count from jejakekal.imported_file");
    const earlier = await count();
    const { code, lines } = await importHere(zip("done"));
    assert.deepEqual([code, lines[0].result], [0, "already_here"]);
    assert.deepEqual(await count(), earlier);
  });

  test(
    "is refused when its bundle is altered, partial, or of an id that names another run here",
    slow,
    async () => {
      await completeRun(here.url, { source: "# Here", workflowId: "taken" });
      const own = join(folder.path, "own.zip");
      writeFileSync(own, (await request(`${here.url}/runs/taken/bundle.zip`)).bytes);
      const write = async (name: string, options: Parameters<typeof bundleOf>[0]) =>
        writeBundleFolder(folder.path, name, (await bundleOf(options)).entries);
      const taken = await write("taken", { runId: "taken" });
      const partial = await write("partial", { runId: "partial", partial: true });
      const refused = await importHere(own, taken, partial);
      assert.deepEqual(
        [refused.code, refused.lines.map(({ result, code }) => code ?? result)],
        [3, ["already_here", "run_id_taken", "bundle_not_importable"]],
      );
      const altered = await write("altered", { runId: "altered" });
      writeFileSync(join(altered, "data", "artifacts", "raw"), "another document");
      const found = await importHere(altered, join(folder.path, "nothing"));
      assert.equal(found.code, 1, found.stderr);
      assert.deepEqual(
        found.lines.map(({ outcome }) => outcome),
        ["altered", "unreadable"],
      );
      assert.match(found.stderr, /✗ checksums +data\/artifacts\/raw/);
      for (const runId of ["altered", "partial"])
        assert.equal((await request(`${here.url}/runs/${runId}`)).status, 404);
    },
  );
});
