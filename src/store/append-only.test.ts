import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import { completeRun } from "../client.ts";
import { writeBundleFolder } from "../files/bundle-folder.ts";
import { bundleOf } from "../testing/bundles.ts";
import { temporaryFolder } from "../testing/paths.ts";
import { runProgram } from "../testing/program.ts";
import { slow, useService } from "../testing/service.ts";

describe("the program's own tables", () => {
  const service = useService();
  before(async () => {
    await completeRun(service.url, "# A row in every table\n\nwords");
    const { run_id } = await completeRun(service.url, "# A document to erase\n\nits words");
    assert.equal(
      (await runProgram(["erase", run_id, "--reason", "a test"], { database: service.database })).code,
      0,
    );
    await service.database.query(`
      insert into jejakekal.token (token_id, name, scope, secret_sha256)
      values (repeat('0', 16), 'nobody', 'read', repeat('0', 64));
      insert into jejakekal.token_revocation select token_id from jejakekal.token;
      insert into jejakekal.session (session_sha256, token_id, expires_at)
      select secret_sha256, token_id, clock_timestamp() from jejakekal.token;
      insert into jejakekal.session_end select session_sha256 from jejakekal.session;
      insert into jejakekal.batch (batch_id) values ('batch-1');
      insert into jejakekal.batch_item (batch_id, run_id) values ('batch-1', 'run-1')`);
    using folder = temporaryFolder();
    const bundle = await writeBundleFolder(folder.path, "bundle", (await bundleOf()).entries);
    const { code, stderr } = await runProgram(["import", bundle], { database: service.database });
    assert.equal(code, 0, stderr);
  }, slow);

  /**
   * From the catalog, so that a table of tomorrow is not forgotten; with a column that an UPDATE may name. The search index and
   * the review queue are left out: they are made again from artifacts and the journal.
   */
  async function tables() {
    const rows = await service.database.query<{ name: string; column: string }>(
      `select c.relname as name,
              (select a.attname from pg_attribute a
                where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attidentity = '' and a.attgenerated = ''
                order by a.attnum desc limit 1) as column
         from pg_class c
        where c.relnamespace = 'jejakekal'::regnamespace and c.relkind in ('r', 'p') and c.relname !~ '^(search|review)_'
        order by c.relname`,
    );
    assert.ok(rows.length >= 7, "the tables are found");
    return rows;
  }

  test("refuse UPDATE, DELETE and TRUNCATE, each of them", slow, async () => {
    for (const { name, column } of await tables()) {
      const table = `jejakekal.${name}`;
      const count = async () =>
        (await service.database.query(`select count(*)::int as count from ${table}`))[0];
      const before = await count();
      assert.notDeepEqual(before, { count: 0 }, `${table} has a row to be refused`);
      for (const statement of [
        `update ${table} set ${column} = ${column}`,
        `delete from ${table}`,
        `truncate ${table} cascade`,
      ]) {
        await assert.rejects(
          service.database.query(statement),
          (error: Error & { code?: string }) =>
            error.code === "23001" && /is append-only: \w+ is refused/.test(error.message),
          statement,
        );
      }
      assert.deepEqual(await count(), before);
    }
  });

  test("take no second row for a claim, an artifact, a receipt or a blob", slow, async () => {
    for (const name of ["blob", "run", "artifact", "effect_intent", "effect_receipt", "token"]) {
      await assert.rejects(
        service.database.query(`insert into jejakekal.${name} select * from jejakekal.${name}`),
        (error: Error & { code?: string }) => error.code === "23505",
        name,
      );
    }
  });

  test("have no column for a status: only DBOS stores it", slow, async () => {
    const columns = await service.database.query(
      "select table_name, column_name from information_schema.columns where table_schema = 'jejakekal' and column_name ~ 'status|state'",
    );
    assert.deepEqual(columns, []);
  });
});
