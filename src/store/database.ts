import type pg from "pg";
import { Failure } from "../failure.ts";
import type { Log } from "../log.ts";
import type { ServerId } from "./cluster-identity.ts";
import { openPool } from "./pool.ts";

/** What a query is sent to: a pool, or one connection inside a transaction. */
export type Queryable = Pick<pg.Pool, "query">;

/** A connection that is borrowed from a pool. */
export type Connection = pg.PoolClient;

export type ConnectionPool = pg.Pool;

export type Database = Readonly<{
  pool: ConnectionPool;
  /** Runs `work` on one connection, and closes the connection when `work` throws. */
  withConnection<Result>(work: (client: Connection) => Promise<Result>): Promise<Result>;
  /** Runs `work` in one transaction; commits when it returns, rolls back when it throws. */
  transaction<Result>(work: (client: Connection) => Promise<Result>): Promise<Result>;
  close(): Promise<void>;
}>;

const CONNECT_TIMEOUT_MS = 5_000;

/** A connection on which no answer comes within this time has most likely been dropped by the network. */
const ANSWER_TIMEOUT_MS = 12_000;

/** Ends what the server still works on when its client has closed the connection. */
const STATEMENT_TIMEOUT_MS = 30_000;

/** A transaction of a client that has gone keeps its locks for this long. */
const IDLE_IN_TRANSACTION_TIMEOUT_MS = 15_000;

export function openDatabase({
  url,
  serverId,
  poolSize,
  log,
  connectTimeoutMs = CONNECT_TIMEOUT_MS,
}: {
  url: string;
  serverId: ServerId;
  poolSize: number;
  log: Pick<Log, "databaseTrouble">;
  /** How long a caller waits for a free connection; 0 waits without end. */
  connectTimeoutMs?: number;
}): Database {
  const pool = openPool({
    url,
    serverId,
    maxConnections: poolSize,
    applicationName: "jejakekal",
    connectTimeoutMs,
    statementTimeoutMs: STATEMENT_TIMEOUT_MS,
    answerTimeoutMs: ANSWER_TIMEOUT_MS,
    idleInTransactionTimeoutMs: IDLE_IN_TRANSACTION_TIMEOUT_MS,
    log,
  });
  return {
    pool,
    async withConnection(work) {
      const client = await pool.connect();
      let mustClose = true;
      try {
        const result = await work(client);
        mustClose = false;
        return result;
      } finally {
        client.release(mustClose);
      }
    },
    async transaction(work) {
      const client = await pool.connect();
      try {
        await client.query("begin");
        const result = await work(client);
        await client.query("commit");
        client.release();
        return result;
      } catch (error) {
        // A connection that cannot roll back is closed together with its transaction.
        const mustClose = await client.query("rollback").then(
          () => false,
          () => true,
        );
        client.release(mustClose);
        throw error;
      }
    },
    close: () => pool.end(),
  };
}

/** The `like` pattern that matches `text`, taken literally, anywhere in a value. */
export function containing(text: string): string {
  return `%${text.replace(/[\\%_]/g, "\\$&")}%`;
}

/** SQLSTATE classes and socket errors that mean "the database is not there", not "the query is wrong". */
const UNAVAILABLE_SQLSTATE = /^(08|57P|53[023])/;
/** disk_full, io_error */
const STORAGE_SQLSTATE = /^(53100|58030)$/;
const UNAVAILABLE_SOCKET = new Set([
  "ECONNREFUSED",
  "ECONNRESET",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "ENOTFOUND",
  "ETIMEDOUT",
  "EPIPE",
  "EAI_AGAIN",
]);
const UNAVAILABLE_MESSAGE =
  /connection terminated|timeout exceeded when trying to connect|timeout expired|connection ended|not queryable|after calling end on the pool/i;

/** Whether an error means that the database is away. `pg` reports some of these by their message only. */
export function isDatabaseUnavailable(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (error instanceof Failure) return error.code === "database_unavailable";
  if (error instanceof AggregateError) return error.errors.some(isDatabaseUnavailable);
  const code = "code" in error ? String(error.code) : "";
  return (
    UNAVAILABLE_SQLSTATE.test(code) || UNAVAILABLE_SOCKET.has(code) || UNAVAILABLE_MESSAGE.test(error.message)
  );
}

/** Whether an error means that the database has no room on its disk, or cannot use it. */
export function isStorageUnavailable(error: unknown): boolean {
  if (error instanceof Failure) return error.code === "storage_unavailable";
  return error instanceof Error && "code" in error && STORAGE_SQLSTATE.test(String(error.code));
}

/**
 * Calls `query`, and reports a database that is away, or has no storage, as a Failure.
 * @throws Failure `database_unavailable`, `storage_unavailable`
 */
export async function withTypedOutage<Result>(query: () => Promise<Result>): Promise<Result> {
  try {
    return await query();
  } catch (error) {
    if (error instanceof Failure) throw error;
    if (isStorageUnavailable(error)) throw new Failure("storage_unavailable", {}, { cause: error });
    if (isDatabaseUnavailable(error)) throw new Failure("database_unavailable", {}, { cause: error });
    throw error;
  }
}
