import pg from "pg";
import { settleWithin } from "../timeout.ts";
import { findUnknownMigrations, MIGRATION_NAMES } from "./migrate.ts";

/** What a check of the database reads, without changing anything. */
export type DatabaseFacts = Readonly<{
  /** As `18.4`. */
  serverVersion: string;
  /** As 180004. */
  serverVersionNumber: number;
  /** The settings without which a crash of the machine loses committed rows, and their values, where they are not on. */
  unsafeSettings: readonly string[];
  isReadOnly: boolean;
  /** Whether this role may create schemas. */
  mayCreate: boolean;
  /** Names of migrations that this program does not know: a newer version made them. */
  unknownMigrations: readonly string[];
  /** How many migrations the next start will make; null in a database that this program has not used yet. */
  missingMigrations: number | null;
  /** Tokens that are not revoked; null where there is no table of tokens yet. */
  validTokens: number | null;
  /** The clock of the database minus that of this machine, and how much of it the duration of the query may be. */
  clockOffsetMs: number;
  clockUncertaintyMs: number;
}>;

const CONNECT_TIMEOUT_MS = 5_000;
const ANSWER_TIMEOUT_MS = 10_000;
const END_TIMEOUT_MS = 2_000;

/** @throws errors of pg */
export async function readDatabaseFacts(databaseUrl: string): Promise<DatabaseFacts> {
  const client = new pg.Client({
    connectionString: databaseUrl,
    application_name: "jejakekal doctor",
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    query_timeout: ANSWER_TIMEOUT_MS,
  });
  // The query that fails reports a broken connection. Without a listener Node would end the process.
  client.on("error", () => undefined);
  try {
    await client.connect();
    return {
      ...(await readServer(client)),
      ...(await readMigrations(client)),
      validTokens: await countValidTokens(client),
      ...(await readClock(client)),
    };
  } finally {
    await settleWithin(client.end(), END_TIMEOUT_MS);
    client.connection.stream.destroy();
  }
}

async function readServer(client: pg.Client) {
  const { rows } = await client.query<
    Pick<
      DatabaseFacts,
      "serverVersion" | "serverVersionNumber" | "unsafeSettings" | "isReadOnly" | "mayCreate"
    >
  >(
    `select split_part(current_setting('server_version'), ' ', 1) as "serverVersion",
            current_setting('server_version_num')::int as "serverVersionNumber",
            array(select name || ' = ' || setting from pg_settings
                   where name in ('fsync', 'full_page_writes', 'synchronous_commit') and setting = 'off'
                   order by name) as "unsafeSettings",
            pg_is_in_recovery() or current_setting('transaction_read_only') = 'on' as "isReadOnly",
            has_database_privilege(current_database(), 'create') as "mayCreate"`,
  );
  const [row] = rows;
  if (row === undefined) throw new Error("the server described itself with no row");
  return row;
}

async function readMigrations(client: pg.Client) {
  if (!(await hasTable(client, "jejakekal.migration")))
    return { unknownMigrations: [], missingMigrations: null };
  const { rows } = await client.query<{ name: string }>("select name from jejakekal.migration order by name");
  const applied = rows.map(({ name }) => name);
  const missing = MIGRATION_NAMES.filter((name) => !applied.includes(name));
  return { unknownMigrations: findUnknownMigrations(applied), missingMigrations: missing.length };
}

async function countValidTokens(client: pg.Client): Promise<number | null> {
  if (!(await hasTable(client, "jejakekal.token"))) return null;
  const { rows } = await client.query<{ count: number }>(
    `select count(*)::int as count from jejakekal.token t
      where not exists (select from jejakekal.token_revocation r where r.token_id = t.token_id)`,
  );
  return rows[0]?.count ?? 0;
}

async function hasTable(client: pg.Client, name: string): Promise<boolean> {
  const { rows } = await client.query<{ there: boolean }>("select to_regclass($1) is not null as there", [
    name,
  ]);
  return rows[0]?.there === true;
}

async function readClock(client: pg.Client) {
  const before = Date.now();
  const { rows } = await client.query<{ nowEpochMs: number }>(
    `select (extract(epoch from clock_timestamp()) * 1000)::float8 as "nowEpochMs"`,
  );
  const after = Date.now();
  const own = (before + after) / 2;
  return {
    clockOffsetMs: Math.round((rows[0]?.nowEpochMs ?? own) - own),
    clockUncertaintyMs: Math.ceil((after - before) / 2),
  };
}
