import pg from "pg";
import { pollUntil } from "../poll.ts";
import { acquireServer } from "./server.ts";
import { CLONE_PREFIX, ensureTemplate, type UrlOf } from "./template.ts";

/** A real database for one test. Its disposal checks that nobody is still connected, and drops it. */
export type TestDatabase = Readonly<{
  url: string;
  /** The rows of a statement. */
  query<Row extends pg.QueryResultRow>(sql: string, values?: readonly unknown[]): Promise<Row[]>;
  /** A session of its own, for locks and transactions; ends with the database at the latest. */
  connect(): Promise<pg.Client>;
}> &
  AsyncDisposable;

let made = 0;

/** A copy of the template: both schemas, no rows. */
export async function cloneDatabase(): Promise<TestDatabase> {
  return await createDatabase(ensureTemplate);
}

/** A database without anything in it, as a first start finds it. */
export async function emptyDatabase(): Promise<TestDatabase> {
  return await createDatabase(async () => "template0");
}

async function createDatabase(chooseTemplate: (urlOf: UrlOf) => Promise<string>): Promise<TestDatabase> {
  const undo = new AsyncDisposableStack();
  try {
    const urlOf = await acquireServer();
    const template = await chooseTemplate(urlOf);
    made += 1;
    const name = `${CLONE_PREFIX}${process.pid}_${made}`;
    await atMaintenance(urlOf, (session) => session.query(`create database ${name} template ${template}`));
    undo.defer(() => atMaintenance(urlOf, (session) => dropUnused(session, name)));
    return connectTo(urlOf(name), undo);
  } catch (error) {
    await undo.disposeAsync();
    throw error;
  }
}

export function connectTo(url: string, undo: AsyncDisposableStack): TestDatabase {
  const pool = new pg.Pool({ connectionString: url, max: 4, application_name: "test" });
  pool.on("error", () => {});
  undo.defer(() => pool.end());
  return {
    url,
    async query<Row extends pg.QueryResultRow>(sql: string, values: readonly unknown[] = []) {
      return (await pool.query<Row>(sql, [...values])).rows;
    },
    async connect() {
      const session = new pg.Client({ connectionString: url, application_name: "test session" });
      session.on("error", () => {});
      await session.connect();
      undo.defer(() => session.end());
      return session;
    },
    [Symbol.asyncDispose]: () => undo.disposeAsync(),
  };
}

/** Checks for leaks: a program that has ended must leave no session. The server needs a moment to notice that a client is gone. */
async function dropUnused(session: pg.Client, name: string): Promise<void> {
  const others = async () => {
    const { rows } = await session.query<{ who: string }>(
      `select coalesce(nullif(application_name, ''), backend_type) || ': ' || left(query, 80) as who
         from pg_stat_activity where datname = $1 and backend_type = 'client backend'`,
      [name],
    );
    return rows.map(({ who }) => who);
  };
  const isUnused = async () => (await others()).length === 0;
  const leaked = await pollUntil("the database is unused", isUnused, { timeoutMs: 2_000 }).then(
    () => [],
    others,
  );
  await session.query(`drop database ${name} with (force)`);
  if (leaked.length > 0) throw new Error(`connections were left open on ${name}: ${leaked.join("; ")}`);
}

async function atMaintenance(urlOf: UrlOf, work: (session: pg.Client) => Promise<unknown>): Promise<void> {
  const session = new pg.Client({ connectionString: urlOf("postgres"), application_name: "test setup" });
  await session.connect();
  try {
    await work(session);
  } finally {
    await session.end();
  }
}
