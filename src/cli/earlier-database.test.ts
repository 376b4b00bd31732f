import assert from "node:assert/strict";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { gunzipSync } from "node:zlib";
import { checkCompleted, postJson, readRun, request, waitForEnd } from "../client.ts";
import { pollUntil } from "../poll.ts";
import { MIGRATION_NAMES } from "../store/migrate.ts";
import { emptyDatabase } from "../testing/database.ts";
import { jsonOf, objectOf } from "../testing/http.ts";
import { REPOSITORY, temporaryFolder } from "../testing/paths.ts";
import { runProgram, startProgram } from "../testing/program.ts";

const DATABASES = join(REPOSITORY, "golden", "databases");

describe("a database of an earlier version", () => {
  for (const name of readdirSync(DATABASES)) {
    test(`${name} is restored and migrated; its runs are read, exported, forked, resumed, erased and continued`, {
      // The run in flight and the resumed one sleep for up to a minute each.
      timeout: 300_000,
    }, async () => {
      using folder = temporaryFolder();
      await using database = await emptyDatabase();
      const file = join(folder.path, "backup");
      writeFileSync(file, gunzipSync(readFileSync(join(DATABASES, name))));
      const restored = await runProgram(["restore", file], { database });
      assert.equal(restored.code, 0, restored.stderr);
      const listMigrations = async () =>
        (await database.query<{ name: string }>("select name from jejakekal.migration order by name")).map(
          (row) => row.name,
        );
      const before = await listMigrations();
      assert.ok(before.length < MIGRATION_NAMES.length, String(before));

      await using program = await startProgram({ database });
      const { url } = program;
      assert.deepEqual(await listMigrations(), MIGRATION_NAMES);
      for (const runId of ["earlier-ended", "earlier-table"]) {
        checkCompleted(await readRun(url, runId));
        const events = objectOf(await request(`${url}/runs/${runId}/events`));
        assert.equal(Object(events.chain).sound, true, JSON.stringify(events.chain));
        const bundle = join(folder.path, `${runId}.zip`);
        writeFileSync(bundle, (await request(`${url}/runs/${runId}/bundle.zip`)).bytes);
        const verified = await runProgram(["verify", bundle], { database });
        assert.equal(verified.code, 0, verified.stdout);
      }

      const asleep = await waitForEnd(url, "earlier-asleep", { timeoutMs: 90_000 });
      assert.equal(asleep.dbos_status, "SUCCESS", "the run in flight continued");
      checkCompleted(asleep);

      const { runs } = Object(jsonOf(await request(`${url}/runs`)));
      assert.equal(runs.length, 5, "with the fork that the earlier version made");
      const forked = await postJson(`${url}/runs/earlier-ended/fork`, { from_step: 2 });
      assert.equal(forked.status, 202, forked.text);
      assert.equal((await waitForEnd(url, String(objectOf(forked).run_id))).dbos_status, "SUCCESS");
      assert.equal((await postJson(`${url}/runs/earlier-cancelled/resume`, {})).status, 202);
      assert.equal(
        (await waitForEnd(url, "earlier-cancelled", { timeoutMs: 90_000 })).dbos_status,
        "SUCCESS",
      );

      await pollUntil("the search finds it", async () => {
        const { hits } = Object(jsonOf(await request(`${url}/search?q=invoice`)));
        return hits?.some((hit: { run_id: string }) => hit.run_id === "earlier-ended");
      });
      const erased = await postJson(`${url}/runs/earlier-table/erase`, { reason: "to see" });
      assert.equal(erased.status, 200, erased.text);
      assert.equal((await request(`${url}/artifacts/earlier-table:raw`)).status, 410);
    });
  }
});
