import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import foundation from "../../infra/sql/0001-foundation.sql" with { type: "text" };
import journal from "../../infra/sql/0002-journal.sql" with { type: "text" };
import { StartFailure } from "../failure.ts";

/** Append-only: a migration that has landed is never edited, the next one is added below it. */
const MIGRATIONS: readonly { name: string; sql: string }[] = [
  { name: "0001-foundation", sql: foundation },
  { name: "0002-journal", sql: journal },
];

/** Any number that nothing else in this database uses; every program that migrates or launches holds this lock. */
const MIGRATION_LOCK = 7_310_115;
const LOCK_POLL_MS = 20;

/**
 * Brings `jejakekal.*` up to date and then runs `launch`, all under one advisory lock: DBOS's own migrations are not safe
 * against a second program that launches on the same empty database.
 */
export async function migrateThen<Result>(
  databaseUrl: string,
  launch: () => Promise<Result>,
): Promise<Result> {
  const client = new pg.Client({ connectionString: databaseUrl, application_name: "jejakekal launch" });
  // A connection that breaks is told of by the query that it breaks; without a listener Node would end the process.
  client.on("error", () => undefined);
  await client.connect();
  try {
    await takeLock(client);
    await migrate(client);
    return await launch();
  } catch (error) {
    throw isForbidden(error) ? new StartFailure(FORBIDDEN, { cause: error }) : error;
  } finally {
    // The lock goes with the connection.
    await client.end();
  }
}

const FORBIDDEN =
  "the database does not let this role create what the program keeps there: grant it CREATE on the database that DBOS_SYSTEM_DATABASE_URL names.";

/** SQLSTATE insufficient_privilege. */
function isForbidden(error: unknown): boolean {
  return error instanceof pg.DatabaseError && error.code === "42501";
}

/**
 * Asks for the lock again and again rather than waiting for it: a session that waits inside a statement holds a snapshot, and
 * DBOS's migrations build indexes concurrently, which waits for every snapshot that is older. The two would wait for ever.
 */
async function takeLock(client: pg.Client): Promise<void> {
  for (;;) {
    const { rows } = await client.query<{ taken: boolean }>("select pg_try_advisory_lock($1) as taken", [
      MIGRATION_LOCK,
    ]);
    if (rows[0]?.taken) return;
    await sleep(LOCK_POLL_MS);
  }
}

async function migrate(client: pg.Client): Promise<void> {
  await client.query("create schema if not exists jejakekal");
  await client.query(
    `create table if not exists jejakekal.migration (
       name       text primary key,
       applied_at timestamptz not null default clock_timestamp()
     )`,
  );
  const { rows } = await client.query<{ name: string }>("select name from jejakekal.migration");
  const applied = new Set(rows.map((row) => row.name));
  for (const { name, sql } of MIGRATIONS) {
    if (applied.has(name)) continue;
    await client.query("begin");
    try {
      await client.query(sql);
      await client.query("insert into jejakekal.migration (name) values ($1)", [name]);
      await client.query("commit");
    } catch (error) {
      await client.query("rollback");
      throw error;
    }
  }
}
