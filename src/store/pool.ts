import pg from "pg";
import { isHostShortage } from "../host-shortage.ts";
import type { Log } from "../log.ts";
import { assertSameCluster, type ServerId } from "./cluster-identity.ts";
import { createStatementNames } from "./statement-names.ts";

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
  /** Queries are sent without waiting for the answers to those before them, and a `begin` together with the query after it. */
  isPipelined?: boolean;
  log: Pick<Log, "databaseTrouble">;
}>;

/** The first keepalive probe; the operating system repeats it each second and gives up after ten. */
const KEEP_ALIVE_DELAY_MS = 5_000;

const IDLE_CONNECTION_TIMEOUT_MS = 60_000;

/** How long a connection may take to be established in a pool whose callers wait without end. */
const CONNECT_TIMEOUT_MS = 5_000;

const SIZED_ANSWER_TIMEOUT_MS = 10_000;
const SIZED_ANSWER_BYTES_PER_MS = 4_096;

/** How long the answer to a statement may take that carries, hashes or returns so many bytes: 10 s, and 1 s more for each 4 MB. */
export function sizedTimeoutMs(bytes: number): number {
  return SIZED_ANSWER_TIMEOUT_MS + Math.ceil(bytes / SIZED_ANSWER_BYTES_PER_MS);
}

/** A statement that carries, hashes or returns contents of this size. */
export function sizedQuery(bytes: number, query: pg.QueryConfig): pg.QueryConfig {
  return Object.assign(query, { query_timeout: sizedTimeoutMs(bytes) });
}

/** What a statement may take that carries or rewrites many rows, as if they were so many bytes. */
const HEAVY_BYTES = 2 ** 30;

/** A statement that carries, rewrites or deletes many rows. */
export function heavyQuery(text: string, values: readonly unknown[]): pg.QueryConfig {
  return sizedQuery(HEAVY_BYTES, { text, values: [...values] });
}

/**
 * Opens a pool of connections on which no query waits without end. A network can drop established connections silently, so that
 * neither side ever hears of it; a query that gets no answer in time closes its connection and fails like a lost connection.
 */
export function openPool(settings: PoolSettings): pg.Pool {
  const { log } = settings;
  const pool = new pg.Pool({
    Client: settings.isPipelined ? PipelinedClient : AnsweringClient,
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
  pool.on("release", (_error, client) => {
    if (client instanceof AnsweringClient) idleClients.add(client);
  });
  for (const event of ["acquire", "remove"] as const) {
    pool.on(event, (client) => {
      if (client instanceof AnsweringClient) idleClients.delete(client);
    });
  }
  return pool;
}

type QueryCallback = (error: Error | null | undefined, result: unknown) => void;

/** For the connections of all pools: the same statements are sent on each. */
const statementNames = createStatementNames();

/** The clients of all pools that nobody has borrowed. */
const idleClients = new Set<AnsweringClient>();

/**
 * A client that closes its connection when an answer does not come within `query_timeout`, together with those idle connections, of
 * all pools, that have not answered since that query began: what dropped the one has most likely dropped them all, and otherwise a
 * sequence of queries would wait for the timeout on one after the other. Errors that pass get a SQLSTATE after which DBOS tries again,
 * as this program does.
 */
class AnsweringClient extends pg.Client {
  #answeredAt = performance.now();

  constructor(config: pg.ClientConfig = {}) {
    // A pool whose callers wait for a free connection without end still gives up a connection that is not established in time.
    super({ ...config, connectionTimeoutMillis: config.connectionTimeoutMillis || CONNECT_TIMEOUT_MS });
    // Between the pool's listener and the borrower's there is a moment without a listener.
    this.on("error", () => undefined);
    const query = this.query.bind(this) as Method;
    this.query = ((...args: readonly unknown[]) => {
      const askedAt = performance.now();
      return withOutcome(query, (error) => this.#noteAnswer(error, askedAt))(...withName(args));
    }) as typeof this.query;
    this.connect = withOutcome(this.connect.bind(this) as Method, translateConnect) as typeof this.connect;
  }

  #noteAnswer(error: unknown, askedAt: number): unknown {
    if (!isReadTimeout(error)) {
      this.#answeredAt = performance.now();
      if (!isOutdatedStatement(error)) return translate(error);
      this.#close();
      return withSqlState(CONNECTION_FAILURE, "a prepared statement of the connection is outdated", error);
    }
    this.#close();
    const failure = withSqlState(CONNECTION_FAILURE, "the database did not answer in time", error);
    for (const idle of idleClients) {
      if (idle.#answeredAt >= askedAt) continue;
      // The pool then gives it to nobody any more. The close alone would reach it some time later.
      idle.emit("error", new Error("an idle connection is closed as another did not answer"));
      idle.#close();
    }
    return failure;
  }

  #close(): void {
    this.connection.stream.destroy();
  }
}

/**
 * A client whose `begin` needs no round trip: its caller goes on at once, and both statements are sent together. Should the `begin`
 * fail, the connection is broken, and so does the statement after it.
 */
class PipelinedClient extends AnsweringClient {
  #heldBack: NodeJS.Immediate | undefined;

  constructor(config: pg.ClientConfig = {}) {
    super({ ...config, pipeline: true });
    const query = this.query.bind(this) as Method;
    this.query = ((...args: readonly unknown[]) => {
      const [text] = args;
      if (args.length > 1 || typeof text !== "string" || !BEGIN.test(text)) {
        const result = query(...args);
        this.#send();
        return result;
      }
      this.connection.stream.cork();
      this.#heldBack ??= setImmediate(() => this.#send());
      (query(text) as Promise<unknown>).catch(() => undefined);
      return Promise.resolve({ command: "BEGIN", rowCount: null, rows: [], fields: [] });
    }) as typeof this.query;
  }

  #send(): void {
    if (this.#heldBack === undefined) return;
    clearImmediate(this.#heldBack);
    this.#heldBack = undefined;
    this.connection.stream.uncork();
  }
}

const BEGIN = /^begin\b/i;

/**
 * The start of the program has connected with this login, so a server that refuses it later is another one on the same port, or is
 * being set up again.
 */
function translateConnect(error: unknown): unknown {
  const isRefused = error instanceof Error && "code" in error && LOGIN_REFUSED.test(String(error.code));
  if (!isRefused) return translate(error);
  return withSqlState(CONNECTION_REJECTED, "the database refuses the login of this program", error);
}

function translate(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  if (isHostShortage(error)) return withSqlState(CANNOT_CONNECT, "the host has no connection left", error);
  if (error.message === CONNECT_TIMEOUT_MESSAGE) {
    return withSqlState(CANNOT_CONNECT, "the database did not accept a connection in time", error);
  }
  if ("code" in error && error.code === IO_ERROR) return withSqlState(DISK_FULL, error.message, error);
  return error;
}

function isReadTimeout(error: unknown): error is Error {
  return error instanceof Error && error.message === READ_TIMEOUT_MESSAGE;
}

/**
 * The arguments of a query, with a name for its statement. Statements without parameters stay unnamed: `begin` and `commit` have no
 * plan, and a text of several statements cannot have a name.
 */
function withName([first, ...rest]: readonly unknown[]): readonly unknown[] {
  const [values] = rest;
  if (typeof first === "string" && Array.isArray(values) && values.length > 0) {
    const name = statementNames.nameOf(first);
    return name === undefined ? [first, ...rest] : [{ name, text: first, values }, ...rest.slice(1)];
  }
  if (isUnnamedConfig(first)) {
    const name = statementNames.nameOf(first.text);
    return name === undefined ? [first, ...rest] : [{ ...first, name }, ...rest];
  }
  return [first, ...rest];
}

function isUnnamedConfig(query: unknown): query is pg.QueryConfig {
  return (
    typeof query === "object" &&
    query !== null &&
    Object.getPrototypeOf(query) === Object.prototype &&
    "text" in query &&
    typeof query.text === "string" &&
    !("name" in query && query.name !== undefined) &&
    "values" in query &&
    Array.isArray(query.values) &&
    query.values.length > 0
  );
}

/** A migration has changed the columns of a table, or a proxy or `discard all` has dropped the statement. */
function isOutdatedStatement(error: unknown): error is Error {
  if (!(error instanceof Error && "code" in error)) return false;
  return (
    error.code === MISSING_STATEMENT || (error.code === UNSUPPORTED && /cached plan/.test(error.message))
  );
}

type Method = (...args: readonly unknown[]) => unknown;

/**
 * The same method, which tells `onOutcome` the error, undefined when there is none, and fails with the error that it returns. The
 * method reports by callback or by promise.
 */
function withOutcome(method: Method, onOutcome: (error: unknown) => unknown): Method {
  return (...args) => {
    const callback = args.at(-1);
    if (typeof callback === "function") {
      const answer: QueryCallback = (error, result) => callback(onOutcome(error), result);
      return method(...args.slice(0, -1), answer);
    }
    const result = method(...args);
    if (!(result instanceof Promise)) return result;
    return result.then(
      (value) => {
        onOutcome(undefined);
        return value;
      },
      (error: unknown) => {
        throw onOutcome(error);
      },
    );
  };
}

function withSqlState(code: string, message: string, cause: Error): Error {
  return Object.assign(new Error(message, { cause }), { code });
}

/** How `pg` reports that `query_timeout` has passed. */
const READ_TIMEOUT_MESSAGE = "Query read timeout";

/** How `pg` reports that `connectionTimeoutMillis` of a client has passed. */
const CONNECT_TIMEOUT_MESSAGE = "timeout expired";

/** SQLSTATEs. DBOS tries again after classes 08 and 53, and not after 58. */
const CANNOT_CONNECT = "08001";
const CONNECTION_REJECTED = "08004";
const CONNECTION_FAILURE = "08006";
/** invalid_authorization_specification, invalid_password, invalid_catalog_name */
const LOGIN_REFUSED = /^(28|3D)/;
/** invalid_sql_statement_name */
const MISSING_STATEMENT = "26000";
/** feature_not_supported: "cached plan must not change result type" */
const UNSUPPORTED = "0A000";
const DISK_FULL = "53100";
const IO_ERROR = "58030";
