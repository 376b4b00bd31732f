import pg from "pg";
import { isHostShortage } from "../host-shortage.ts";
import type { Log } from "../log.ts";
import { assertSameCluster, type ServerId } from "./cluster-identity.ts";

/** Whose connections a pool opens, and how long each waits. */
export type PoolSettings = Readonly<{
  url: string;
  /** The cluster that must answer; undefined accepts any. */
  serverId: ServerId;
  maxConnections: number;
  /** Shown in `pg_stat_activity`. */
  applicationName: string;
  /** How long a caller waits for a free connection; 0 waits without end. */
  connectTimeoutMs: number;
  /** How long a statement may take before the server cancels it; undefined sets no limit there. */
  statementTimeoutMs?: number;
  /** How long an answer may take before the connection is closed. A query can set its own `query_timeout`. */
  answerTimeoutMs: number;
  /** How long the server keeps a transaction that its client does not continue. */
  idleInTransactionTimeoutMs?: number;
  log: Pick<Log, "databaseTrouble">;
}>;

/** The first keepalive probe; the operating system repeats it each second and gives up after ten. */
const KEEP_ALIVE_DELAY_MS = 5_000;

const IDLE_CONNECTION_TIMEOUT_MS = 60_000;

/**
 * Opens a pool of connections on which no query waits without end. A network can drop established connections silently, so that
 * neither side ever hears of it; a query that gets no answer in time closes its connection and fails like a lost connection.
 */
export function openPool(settings: PoolSettings): pg.Pool {
  const { log } = settings;
  const pool = new pg.Pool({
    Client: AnsweringClient,
    connectionString: settings.url,
    max: settings.maxConnections,
    application_name: settings.applicationName,
    connectionTimeoutMillis: settings.connectTimeoutMs,
    query_timeout: settings.answerTimeoutMs,
    ...(settings.statementTimeoutMs === undefined ? {} : { statement_timeout: settings.statementTimeoutMs }),
    ...(settings.idleInTransactionTimeoutMs === undefined
      ? {}
      : { idle_in_transaction_session_timeout: settings.idleInTransactionTimeoutMs }),
    idleTimeoutMillis: IDLE_CONNECTION_TIMEOUT_MS,
    keepAlive: true,
    keepAliveInitialDelayMillis: KEEP_ALIVE_DELAY_MS,
    onConnect: (client) => assertSameCluster(client, settings.serverId),
  });
  // Without a listener, an error on a connection ends the process. The pool repeats the errors of idle connections.
  pool.on("connect", (client) => client.on("error", (error) => log.databaseTrouble({ error })));
  pool.on("error", () => undefined);
  return pool;
}

type QueryCallback = (error: Error | null | undefined, result: unknown) => void;

/**
 * A client that closes its connection when an answer does not come within `query_timeout`. Errors that pass get a SQLSTATE after which
 * DBOS tries again, as this program does.
 */
class AnsweringClient extends pg.Client {
  constructor(config?: pg.ClientConfig) {
    super(config);
    // Between the pool's listener and the borrower's there is a moment without a listener.
    this.on("error", () => undefined);
    const translate = (error: unknown) => this.#translate(error);
    this.query = withErrors(this.query.bind(this) as Method, translate) as pg.Client["query"];
    this.connect = withErrors(this.connect.bind(this) as Method, translate) as pg.Client["connect"];
  }

  #translate(error: unknown): unknown {
    if (!(error instanceof Error)) return error;
    if (error.message === READ_TIMEOUT_MESSAGE) {
      this.connection.stream.destroy();
      return withSqlState(CONNECTION_FAILURE, "the database did not answer in time", error);
    }
    if (isHostShortage(error)) return withSqlState(CANNOT_CONNECT, "the host has no connection left", error);
    if ("code" in error && error.code === IO_ERROR) return withSqlState(DISK_FULL, error.message, error);
    return error;
  }
}

type Method = (...args: readonly unknown[]) => unknown;

/** The same method, whose errors go through `translate`, whether it reports by callback or by promise. */
function withErrors(method: Method, translate: (error: unknown) => unknown): Method {
  return (...args) => {
    const callback = args.at(-1);
    if (typeof callback === "function") {
      const answer: QueryCallback = (error, result) => callback(translate(error), result);
      return method(...args.slice(0, -1), answer);
    }
    const result = method(...args);
    if (!(result instanceof Promise)) return result;
    return result.catch((error: unknown) => {
      throw translate(error);
    });
  };
}

function withSqlState(code: string, message: string, cause: Error): Error {
  return Object.assign(new Error(message, { cause }), { code });
}

/** How `pg` reports that `query_timeout` has passed. */
const READ_TIMEOUT_MESSAGE = "Query read timeout";

/** SQLSTATEs. DBOS tries again after classes 08 and 53, and not after 58. */
const CANNOT_CONNECT = "08001";
const CONNECTION_FAILURE = "08006";
const DISK_FULL = "53100";
const IO_ERROR = "58030";
