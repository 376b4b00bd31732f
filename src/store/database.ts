import pg from "pg";
import { Failure } from "../failure.ts";
import type { Log } from "../log.ts";
import { demandServer, type ServerId } from "./server-identity.ts";

/** What a query can be sent to: the pool, or one client of it inside a transaction. */
export type Queryable = Pick<pg.Pool, "query">;

export type Database = Readonly<{
  pool: pg.Pool;
  /** Runs `work` on one connection that is its own meanwhile, and closes the connection when `work` throws. */
  withConnection<Result>(work: (client: pg.PoolClient) => Promise<Result>): Promise<Result>;
  /** Runs `work` in one transaction on one connection; commits when it returns, rolls back when it throws. */
  transaction<Result>(work: (client: pg.PoolClient) => Promise<Result>): Promise<Result>;
  close(): Promise<void>;
}>;

const CONNECT_TIMEOUT_MS = 5_000;
const STATEMENT_TIMEOUT_MS = 30_000;

/** A server that is there and says nothing cannot enforce its own limit; after this much more the connection is given up. */
const SILENCE_MS = 5_000;

export function openDatabase({
  url,
  serverId,
  poolSize,
  log,
  statementTimeoutMs = STATEMENT_TIMEOUT_MS,
  waitForEver = false,
}: {
  url: string;
  serverId: ServerId;
  poolSize: number;
  log: Pick<Log, "databaseTrouble">;
  statementTimeoutMs?: number;
  /** Whether a caller that finds all connections taken waits for as long as it takes. */
  waitForEver?: boolean;
}): Database {
  const pool = new pg.Pool({
    connectionString: url,
    max: poolSize,
    connectionTimeoutMillis: waitForEver ? 0 : CONNECT_TIMEOUT_MS,
    statement_timeout: statementTimeoutMs,
    query_timeout: statementTimeoutMs + SILENCE_MS,
    application_name: "jejakekal",
    keepAlive: true,
    onConnect: (client) => demandServer(client, serverId),
    idleTimeoutMillis: 60_000,
  });
  const trouble = (error: Error) => log.databaseTrouble({ error });
  // A connection that breaks says so, idle or borrowed; without a listener Node would end the process. What the pool itself
  // says of idle ones has been said then.
  pool.on("connect", (client) => client.on("error", trouble));
  pool.on("error", () => undefined);
  const borrow = async () => {
    const client = await pool.connect();
    return { client, giveBack: (isSound: boolean) => client.release(!isSound) };
  };
  return {
    pool,
    async withConnection(work) {
      const { client, giveBack } = await borrow();
      let isSound = false;
      try {
        const result = await work(client);
        isSound = true;
        return result;
      } finally {
        giveBack(isSound);
      }
    },
    async transaction(work) {
      const { client, giveBack } = await borrow();
      try {
        await client.query("begin");
        const result = await work(client);
        await client.query("commit");
        giveBack(true);
        return result;
      } catch (error) {
        // A connection that cannot even roll back is thrown away with whatever it had begun.
        const isRolledBack = await client.query("rollback").then(
          () => true,
          () => false,
        );
        giveBack(isRolledBack);
        throw error;
      }
    },
    close: () => pool.end(),
  };
}

/** The `like` pattern for "has this somewhere in it", with the text meant literally. */
export function containing(text: string): string {
  return `%${text.replace(/[\\%_]/g, "\\$&")}%`;
}

/** SQLSTATE classes and socket errors that mean "the database is not there", not "the query is wrong". */
const UNAVAILABLE_SQLSTATE = /^(08|57P|53[023])/;
const UNAVAILABLE_SOCKET = new Set([
  "ECONNREFUSED",
  "ECONNRESET",
  "ENOTFOUND",
  "ETIMEDOUT",
  "EPIPE",
  "EAI_AGAIN",
]);
const UNAVAILABLE_MESSAGE =
  /connection terminated|timeout exceeded when trying to connect|connection ended|not queryable|query read timeout/i;

/** Tells an absent database from a fault of ours; `pg` reports some of the first kind by message only. */
export function isDatabaseUnavailable(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (error instanceof Failure) return error.code === "database_unavailable";
  if (error instanceof AggregateError) return error.errors.some(isDatabaseUnavailable);
  const code = "code" in error ? String(error.code) : "";
  return (
    UNAVAILABLE_SQLSTATE.test(code) || UNAVAILABLE_SOCKET.has(code) || UNAVAILABLE_MESSAGE.test(error.message)
  );
}
