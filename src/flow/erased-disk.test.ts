import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { completeRun, postJson } from "../client.ts";
import { withSentBytes } from "../store/sent-bytes.ts";
import type { TestDatabase } from "../testing/database.ts";
import { REPOSITORY } from "../testing/paths.ts";
import { startPrivateServer } from "../testing/private-server.ts";
import { startProgram } from "../testing/program.ts";
import { slow } from "../testing/service.ts";

/** A word that stands in the document alone. */
const WORD = "zanzibarium";

test(
  "an erased document is in no file of Postgres after the statements of docs/operations.md, but for the write-ahead log",
  slow,
  async () => {
    await using server = await startPrivateServer();
    const { database } = server;
    // What is deleted stays where it is until the statements are run.
    await database.query("alter system set autovacuum = off");
    await database.query("select pg_reload_conf()");
    await using program = await startProgram({ database });
    await completeRun(program.url, {
      source: `# About ${WORD}\n\nThe ${WORD} costs 12 euros.\n`,
      workflowId: "erased",
    });
    await completeRun(program.url, { source: "# Kept\n\nIt has words of its own.\n" });
    await sendLargeDocument(database);
    // Statistics hold titles and words too.
    await database.query("analyze");
    await database.query("checkpoint");
    const [row] = await database.query<{ folder: string; large_objects: string }>(
      "select current_setting('data_directory') as folder, pg_relation_filepath('pg_largeobject') as large_objects",
    );
    const { folder = "", large_objects = "" } = row ?? {};
    assert.ok(filesWith(join(folder, "base")).length > 4);
    assert.ok(filesWith(folder).includes(large_objects));

    const erased = await postJson(`${program.url}/runs/erased/erase`, { reason: "to see" });
    assert.equal(erased.status, 200, erased.text);
    for (const statement of documentedStatements()) await database.query(statement);
    await database.query("checkpoint");
    assert.deepEqual(
      filesWith(folder).filter((path) => !path.startsWith("pg_wal/")),
      [],
    );
  },
);

/** Sends a document of many megabytes with the word, as the start of its run does. What is random is stored as it is. */
async function sendLargeDocument(database: TestDatabase): Promise<void> {
  const document = randomBytes(5 * 2 ** 20);
  document.write(WORD, 1_000);
  const session = await database.connect();
  await session.query("begin");
  await withSentBytes(session, document, async () => undefined);
  await session.query("commit");
}

/** Paths in the folder of the files that hold the word. Files that Postgres removes meanwhile are not read. */
function filesWith(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => {
      try {
        return readFileSync(path).includes(WORD);
      } catch {
        return false;
      }
    })
    .map((path) => path.slice(folder.length + 1));
}

function documentedStatements(): readonly string[] {
  const document = readFileSync(join(REPOSITORY, "docs", "operations.md"), "utf8");
  const [, block = ""] = /```sql\n([\s\S]+?)```/.exec(document) ?? [];
  const statements = block.split(";").map((statement) => statement.trim());
  return statements.filter((statement) => statement.startsWith("vacuum"));
}
