import type pg from "pg";
import { StartFailure } from "../../failure.ts";
import { VERSION } from "../../version.ts";
import { type BackupHeader, type BackupWriter, writeBackupFile } from "./backup-file.ts";
import { copyOut } from "./copy.ts";
import { qualified, readDbosVersion, withColumns, withSession } from "./session.ts";

export type BackupResult = Readonly<{ runs: number; tables: number; bytes: number; sha256: string }>;

/**
 * Writes all rows of the schemas `jejakekal` and `dbos` into `path`, as they were at one moment; runs may go on meanwhile.
 * @throws StartFailure when the database has no such schemas
 */
export async function backUpDatabase(databaseUrl: string, path: string): Promise<BackupResult> {
  return withSession(databaseUrl, async (client) => {
    await client.query("begin isolation level repeatable read, read only");
    const header = await describeDatabase(client);
    const written = await writeBackupFile(path, (writer) => writeTables(client, header, writer));
    return { runs: header.runs, tables: header.tables.length, ...written };
  });
}

async function writeTables(client: pg.Client, header: BackupHeader, writer: BackupWriter): Promise<void> {
  await writer.write(Buffer.from(JSON.stringify(header)));
  await writer.endSection();
  for (const table of header.tables) {
    await copyOut(client, `copy ${withColumns(table)} to stdout (format binary)`, writer.write);
    await writer.endSection();
  }
}

async function describeDatabase(client: pg.Client): Promise<BackupHeader> {
  const { rows: present } = await client.query<{ present: boolean }>(
    "select to_regclass('jejakekal.migration') is not null and to_regclass('dbos.dbos_migrations') is not null as present",
  );
  if (present[0]?.present !== true) throw new StartFailure("the database holds nothing of this program yet.");
  const { rows: migrations } = await client.query<{ name: string }>(
    "select name from jejakekal.migration order by name",
  );
  const { rows: counted } = await client.query<{ runs: number }>(
    "select count(*)::int as runs from jejakekal.run",
  );
  return {
    program: VERSION,
    created_at: new Date().toISOString(),
    migrations: migrations.map(({ name }) => name),
    dbos_version: await readDbosVersion(client),
    runs: counted[0]?.runs ?? 0,
    tables: await listTables(client),
    sequences: await readSequences(client),
  };
}

/** Without the two tables of migrations: a restore makes the schemas by migrating, which fills them. */
async function listTables(client: pg.Client): Promise<BackupHeader["tables"]> {
  const { rows } = await client.query<BackupHeader["tables"][number]>(
    `select n.nspname as schema, c.relname as name, array_agg(a.attname::text order by a.attnum) as columns
       from pg_class c
       join pg_namespace n on n.oid = c.relnamespace
       join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
      where n.nspname in ('jejakekal', 'dbos') and c.relkind = 'r'
        and (n.nspname, c.relname) not in (('jejakekal', 'migration'), ('dbos', 'dbos_migrations'))
      group by 1, 2 order by 1, 2`,
  );
  return rows;
}

/** Sequences do not belong to the snapshot. They are read after it was taken, so each is at or past the numbers in its table. */
async function readSequences(client: pg.Client): Promise<BackupHeader["sequences"]> {
  const { rows } = await client.query<{ schema: string; name: string }>(
    `select schemaname as schema, sequencename as name from pg_sequences
      where schemaname in ('jejakekal', 'dbos') order by 1, 2`,
  );
  const sequences: BackupHeader["sequences"] = [];
  for (const sequence of rows) {
    const { rows: values } = await client.query<{ last_value: string; is_called: boolean }>(
      `select last_value::text, is_called from ${qualified(sequence)}`,
    );
    for (const value of values) sequences.push({ ...sequence, ...value });
  }
  return sequences;
}
