import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { before, describe, test } from "node:test";
import { completeRun, startRun, waitForEnd } from "../client.ts";
import { writeBundleFolder } from "../files/bundle-folder.ts";
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
