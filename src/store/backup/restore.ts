import pg from "pg";
import { codeOf } from "../../error-code.ts";
import { StartFailure } from "../../failure.ts";
import { MIGRATION_NAMES } from "../migrate.ts";
import { type BackupHeader, readBackupFile } from "./backup-file.ts";
import { copyIn } from "./copy.ts";
import { qualified, readDbosVersion, withColumns, withSession } from "./session.ts";

/** Makes the schemas of an empty database, with these migrations of schema `jejakekal` and no others. */
type PrepareDatabase = (databaseUrl: string, migrations: readonly string[]) => Promise<void>;

export type RestoreResult = Readonly<{ runs: number; program: string; created_at: string }>;

/** Key of the advisory lock that a restore holds, in the maintenance database. Any number that nothing else uses. */
const RESTORE_LOCK = 7_310_121;

/**
 * Fills a new database from the backup and then gives it the name of the database of `databaseUrl`, which is dropped. Until the two
 * names change, in one transaction, the old database stays as it is; a restore that is killed leaves at most a database with the suffix
 * `_restore` or `_replaced`, which the next restore drops.
 * @throws StartFailure when the file is no whole backup or a newer one, or when the database is in use, or holds runs and `force` is false
 */
export async function restoreDatabase(
  databaseUrl: string,
  path: string,
  { force, prepare }: { force: boolean; prepare: PrepareDatabase },
): Promise<RestoreResult> {
  return readBackupFile(path, async (header, nextSection) => {
    refuseUnknown(header);
    const name = await withSession(databaseUrl, (client) => checkTarget(client, force));
    const maintenanceUrl = atDatabase(databaseUrl, name === "postgres" ? "template1" : "postgres");
    await withSession(maintenanceUrl, async (maintenance) => {
      await lockRestores(maintenance);
      await refuseInUse(maintenance, name);
      await dropLeftovers(maintenance, name);
      try {
        await maintenance.query(`create database ${pg.escapeIdentifier(`${name}_restore`)}`);
        const draftUrl = atDatabase(databaseUrl, `${name}_restore`);
        await prepare(draftUrl, header.migrations);
        await withSession(draftUrl, (client) => fill(client, header, nextSection));
        await swap(maintenance, name);
      } finally {
        await dropLeftovers(maintenance, name);
      }
    });
    return { runs: header.runs, program: header.program, created_at: header.created_at };
  });
}

function refuseUnknown({ migrations, program }: BackupHeader): void {
  const unknown = migrations.filter((name) => !MIGRATION_NAMES.includes(name));
  if (unknown.length === 0) return;
  throw new StartFailure(
    `the backup was made by a newer version of this program (${program}, ${unknown.join(", ")}): restore it with that version or a later one.`,
  );
}

/** The name of the database. */
async function checkTarget(client: pg.Client, force: boolean): Promise<string> {
  const { rows } = await client.query<{ name: string; has_table: boolean }>(
    "select current_database() as name, to_regclass('jejakekal.run') is not null as has_table",
  );
  const [row] = rows;
  if (row === undefined) throw new Error("the database does not tell its name");
  if (row.has_table && !force) {
    const { rowCount } = await client.query("select from jejakekal.run limit 1");
    if (rowCount !== 0)
      throw new StartFailure(
        "the database holds runs: `restore --force` replaces them by those of the backup.",
      );
  }
  return row.name;
}

async function lockRestores(maintenance: pg.Client): Promise<void> {
  const { rows } = await maintenance.query<{ taken: boolean }>("select pg_try_advisory_lock($1) as taken", [
    RESTORE_LOCK,
  ]);
  if (rows[0]?.taken !== true) throw new StartFailure("another restore is working on this server.");
}

const IN_USE =
  "the database is in use: stop the services and the subcommands that use it, and restore again.";

async function refuseInUse(maintenance: pg.Client, name: string): Promise<void> {
  const { rowCount } = await maintenance.query(
    "select from pg_stat_activity where datname = $1 and backend_type = 'client backend' and application_name <> 'jejakekal backup' limit 1",
    [name],
  );
  if (rowCount !== 0) throw new StartFailure(IN_USE);
}

async function dropLeftovers(maintenance: pg.Client, name: string): Promise<void> {
  for (const suffix of ["restore", "replaced"])
    await maintenance.query(
      `drop database if exists ${pg.escapeIdentifier(`${name}_${suffix}`)} with (force)`,
    );
}

/** Triggers are off, foreign keys among them: the rows were checked where they were written. */
async function fill(
  client: pg.Client,
  header: BackupHeader,
  nextSection: () => AsyncIterable<Buffer>,
): Promise<void> {
  if (header.dbos_version > (await readDbosVersion(client)))
    throw new StartFailure("the backup has a schema `dbos` that is newer than this program's DBOS.");
  await client.query("set session_replication_role = replica");
  for (const table of header.tables) {
    await client.query("begin");
    await client.query(`delete from ${qualified(table)}`);
    await copyIn(client, `copy ${withColumns(table)} from stdin (format binary)`, nextSection());
    await client.query("commit");
  }
  for (const { last_value, is_called, ...sequence } of header.sequences)
    await client.query("select setval($1::regclass, $2::bigint, $3)", [
      qualified(sequence),
      last_value,
      is_called,
    ]);
  await client.query("analyze");
}

/** Postgres refuses to rename a database that has sessions, so nobody can be using either. */
async function swap(maintenance: pg.Client, name: string): Promise<void> {
  const rename = (from: string, to: string) =>
    maintenance.query(`alter database ${pg.escapeIdentifier(from)} rename to ${pg.escapeIdentifier(to)}`);
  try {
    await maintenance.query("begin");
    await rename(name, `${name}_replaced`);
    await rename(`${name}_restore`, name);
    await maintenance.query("commit");
  } catch (error) {
    await maintenance.query("rollback");
    // object_in_use
    throw codeOf(error) === "55006" ? new StartFailure(IN_USE, { cause: error }) : error;
  }
}

function atDatabase(url: string, name: string): string {
  const other = new URL(url);
  other.pathname = `/${encodeURIComponent(name)}`;
  return other.href;
}
