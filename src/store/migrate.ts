import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import foundation from "../../infra/sql/0001-foundation.sql" with { type: "text" };
import journal from "../../infra/sql/0002-journal.sql" with { type: "text" };
import comments from "../../infra/sql/0003-comments.sql" with { type: "text" };
import executionEvents from "../../infra/sql/0005-execution-events.sql" with { type: "text" };
import effectLock from "../../infra/sql/0006-effect-lock.sql" with { type: "text" };
import effectOrder from "../../infra/sql/0007-effect-order.sql" with { type: "text" };
import artifactInput from "../../infra/sql/0008-artifact-input.sql" with { type: "text" };
import search from "../../infra/sql/0009-search.sql" with { type: "text" };
import review from "../../infra/sql/0010-review.sql" with { type: "text" };
import recordStep from "../../infra/sql/0011-record-step.sql" with { type: "text" };
import access from "../../infra/sql/0012-access.sql" with { type: "text" };
import batch from "../../infra/sql/0013-batch.sql" with { type: "text" };
import importedRuns from "../../infra/sql/0014-imported-runs.sql" with { type: "text" };
import erase from "../../infra/sql/0015-erase.sql" with { type: "text" };
import limits from "../../infra/sql/0016-limits.sql" with { type: "text" };
import importedReviews from "../../infra/sql/0017-imported-reviews.sql" with { type: "text" };
import runList from "../../infra/sql/0018-run-list.sql" with { type: "text" };
import recordOutput from "../../infra/sql/0019-record-output.sql" with { type: "text" };
import recordWithWrite from "../../infra/sql/0020-record-with-write.sql" with { type: "text" };
import recordInOrder from "../../infra/sql/0021-record-in-order.sql" with { type: "text" };
import { StartFailure } from "../failure.ts";
import { settleWithin } from "../timeout.ts";

type Migration = Readonly<{ name: string; sql: string }>;

/** In the order in which they are applied. One that has landed is never edited; the next is added below it. */
const MIGRATIONS: readonly Migration[] = [
  { name: "0001-foundation", sql: foundation },
  { name: "0002-journal", sql: journal },
  { name: "0003-comments", sql: comments },
  { name: "0005-execution-events", sql: executionEvents },
  { name: "0006-effect-lock", sql: effectLock },
  { name: "0007-effect-order", sql: effectOrder },
  { name: "0008-artifact-input", sql: artifactInput },
  { name: "0009-search", sql: search },
  { name: "0010-review", sql: review },
  { name: "0011-record-step", sql: recordStep },
  { name: "0012-access", sql: access },
  { name: "0013-batch", sql: batch },
  { name: "0014-imported-runs", sql: importedRuns },
  { name: "0015-erase", sql: erase },
  { name: "0016-limits", sql: limits },
  { name: "0017-imported-reviews", sql: importedReviews },
  { name: "0018-run-list", sql: runList },
  { name: "0019-record-output", sql: recordOutput },
  { name: "0020-record-with-write", sql: recordWithWrite },
  { name: "0021-record-in-order", sql: recordInOrder },
];

export const MIGRATION_NAMES: readonly string[] = MIGRATIONS.map(({ name }) => name);

/** Key of the advisory lock that every program holds while it migrates and launches. Any number that nothing else uses. */
const MIGRATION_LOCK = 7_310_115;
const LOCK_POLL_MS = 20;

const CONNECT_TIMEOUT_MS = 5_000;
const ANSWER_TIMEOUT_MS = 10_000;
const END_TIMEOUT_MS = 2_000;

/** A migration can rewrite a table. */
const MIGRATION_TIMEOUT_MS = 600_000;

/**
 * Brings the schema `jejakekal` up to date and then runs `launch`, both under one advisory lock: the migrations of DBOS fail when
 * two programs launch on the same empty database at once.
 *
 * A schema `dbos` that is newer than this program's DBOS is no error: DBOS keeps newer schemas readable for older versions, and
 * applications of other versions may share it.
 * @param wanted the migrations to apply, for a database that is filled from a backup of an older version
 * @throws StartFailure when the database has migrations that this program does not know, or does not allow it to create tables
 */
export async function migrateThen<Result>(
  databaseUrl: string,
  launch: () => Promise<Result>,
  wanted: readonly string[] = MIGRATION_NAMES,
): Promise<Result> {
  const client = new pg.Client({
    connectionString: databaseUrl,
    application_name: "jejakekal launch",
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    query_timeout: ANSWER_TIMEOUT_MS,
    keepAlive: true,
  });
  // The query that fails reports a broken connection. Without a listener Node would end the process.
  client.on("error", () => undefined);
  await client.connect();
  try {
    await takeLock(client);
    await migrate(client, wanted);
    return await launch();
  } catch (error) {
    throw isForbidden(error) ? new StartFailure(FORBIDDEN, { cause: error }) : error;
  } finally {
    // The end of the session releases the lock. A server that does not answer is not waited for.
    await settleWithin(client.end(), END_TIMEOUT_MS);
    client.connection.stream.destroy();
  }
}

const FORBIDDEN =
  "the database does not let this role create what the program keeps there: grant it CREATE on the database that DBOS_SYSTEM_DATABASE_URL names.";

/** SQLSTATE insufficient_privilege. */
function isForbidden(error: unknown): boolean {
  return error instanceof pg.DatabaseError && error.code === "42501";
}

/**
 * Polls for the lock instead of waiting inside a statement: a waiting statement holds a snapshot, and the migrations of DBOS build
 * indexes concurrently, which waits for every older snapshot. The two would wait for each other.
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

async function migrate(client: pg.Client, wanted: readonly string[]): Promise<void> {
  await client.query("create schema if not exists jejakekal");
  await client.query(
    `create table if not exists jejakekal.migration (
       name       text primary key,
       applied_at timestamptz not null default clock_timestamp()
     )`,
  );
  const { rows } = await client.query<{ name: string }>("select name from jejakekal.migration order by name");
  const applied = rows.map(({ name }) => name);
  refuseUnknown(applied);
  for (const migration of MIGRATIONS) {
    if (wanted.includes(migration.name) && !applied.includes(migration.name)) await apply(client, migration);
  }
}

/** Those that a newer version of the program made; this version does not know what they changed. */
export function findUnknownMigrations(applied: readonly string[]): readonly string[] {
  return applied.filter((name) => !MIGRATION_NAMES.includes(name));
}

function refuseUnknown(applied: readonly string[]): void {
  const unknown = findUnknownMigrations(applied);
  if (unknown.length === 0) return;
  throw new StartFailure(
    `the database was migrated by a newer version of this program (${unknown.join(", ")}): start that version or a later one, or use another database.`,
  );
}

async function apply(client: pg.Client, { name, sql }: Migration): Promise<void> {
  await client.query("begin");
  try {
    await client.query(Object.assign({ text: sql }, { query_timeout: MIGRATION_TIMEOUT_MS }));
    await client.query("insert into jejakekal.migration (name) values ($1)", [name]);
    await client.query("commit");
  } catch (error) {
    await client.query("rollback");
    throw error;
  }
}
