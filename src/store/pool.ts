import pg from "pg";
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

/** A client that closes its connection when an answer does not come within `query_timeout`. */
class AnsweringClient extends pg.Client {
  constructor(config?: pg.ClientConfig) {
    super(config);
    // Between the pool's listener and the borrower's there is a moment without a listener.
    this.on("error", () => undefined);
    const query = this.query.bind(this) as (...args: readonly unknown[]) => unknown;
    this.query = ((...args: readonly unknown[]) => {
      const callback = args.at(-1);
      if (typeof callback === "function") {
        const answer: QueryCallback = (error, result) => callback(this.#closeIfSilent(error), result);
        return query(...args.slice(0, -1), answer);
      }
      const result = query(...args);
      if (!(result instanceof Promise)) return result;
      return result.catch((error: unknown) => {
        throw this.#closeIfSilent(error);
      });
    }) as pg.Client["query"];
  }

  #closeIfSilent(error: unknown): unknown {
    if (!(error instanceof Error) || error.message !== READ_TIMEOUT_MESSAGE) return error;
    this.connection.stream.destroy();
    return Object.assign(new Error("the database did not answer in time", { cause: error }), {
      code: CONNECTION_FAILURE,
    });
  }
}

/** How `pg` reports that `query_timeout` has passed. */
const READ_TIMEOUT_MESSAGE = "Query read timeout";

/** SQLSTATE connection_failure: DBOS and this program both try again after it. */
const CONNECTION_FAILURE = "08006";
