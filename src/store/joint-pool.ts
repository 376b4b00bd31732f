import { AsyncLocalStorage } from "node:async_hooks";
import pg from "pg";
import { Failure } from "../failure.ts";
import type { Log } from "../log.ts";
import { within } from "../time-limit.ts";
import type { Queryable } from "./database.ts";
import { demandServer, type ServerId } from "./server-identity.ts";

/** Something of ours that is written in a transaction which the engine commits with a record of its own. */
export type Write<Result> = (db: Queryable) => Promise<Result>;

/** Writes now. It is committed with the record that the engine makes next, or not at all; a second write takes its place. */
export type JointWriter = <Result>(write: Write<Result>) => Promise<Result>;

const joints = new AsyncLocalStorage<Joint>();

const CONNECT_TIMEOUT_MS = 10_000;

/** A server that is there and says nothing does not keep a connection for longer. Nobody waits longer for an answer either. */
const WRITE_TIMEOUT_MS = 15_000;

/** A transaction that nobody goes on with does not keep its locks for longer. */
const IDLE_IN_TRANSACTION_TIMEOUT_MS = 60_000;

/**
 * The pool that the engine works with, and the way in which a write of ours and a record of the engine's become one transaction:
 *
 * 1. `jointly` opens a joint for its caller and all that is called from there.
 * 2. A write takes a connection, begins a transaction and does what it does, uncommitted.
 * 3. The engine asks for a connection, to begin a transaction for its record: it is handed that one, and its BEGIN is passed over.
 * 4. Its COMMIT is for both.
 * 5. What is not committed when the caller is done is undone.
 *
 * Should the connection break and the engine try again on another, the write is written there again, as the first of the
 * transaction.
 *
 * Half of the connections are for writes. One that waits for a lock keeps its connection, and whoever holds the lock may need
 * one of the engine's to come to an end.
 */
export class JointPool extends pg.Pool {
  readonly #writers: pg.Pool;

  constructor({
    url,
    serverId,
    poolSize,
    log,
  }: {
    url: string;
    serverId: ServerId;
    poolSize: number;
    log: Pick<Log, "databaseTrouble">;
  }) {
    const settings = {
      Client: JointClient,
      connectionString: url,
      max: Math.ceil(poolSize / 2),
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      keepAlive: true,
      onConnect: (client: pg.ClientBase) => demandServer(client, serverId),
      idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_TIMEOUT_MS,
      application_name: "jejakekal engine",
    };
    super(settings);
    this.#writers = new pg.Pool(settings);
    for (const pool of [this, this.#writers]) pool.on("error", (error) => log.databaseTrouble({ error }));
    const connect = this.connect.bind(this) as (...callback: readonly unknown[]) => unknown;
    // With a callback it is the pool itself that asks, for a single statement.
    this.connect = ((...callback: readonly unknown[]) =>
      (callback.length === 0 ? joints.getStore()?.handOver() : undefined) ??
      connect(...callback)) as pg.Pool["connect"];
  }

  /** Calls `work`, in which the engine makes one record. What is written in it and not recorded is undone. */
  async jointly<Result>(work: (write: JointWriter) => Promise<Result>): Promise<Result> {
    const joint = new Joint(this.#writers);
    try {
      return await joints.run(joint, () => work((write) => joint.begin(write)));
    } finally {
      await joint.undo();
    }
  }

  async close(): Promise<void> {
    await Promise.all([this.end(), this.#writers.end()]);
  }
}

/** A write from its begin to its commit. */
class Joint {
  readonly #writers: pg.Pool;
  #write: Write<unknown> | undefined;
  #held: (pg.PoolClient & JointClient) | undefined;
  readonly #lose = (error: Error) => this.#letGo(error);

  constructor(writers: pg.Pool) {
    this.#writers = writers;
  }

  async begin<Result>(write: Write<Result>): Promise<Result> {
    await this.undo();
    const client = (await this.#writers.connect()) as pg.PoolClient & JointClient;
    client.on("error", this.#lose);
    this.#held = client;
    const silence = () => {
      const error = new Failure("database_unavailable");
      this.#letGo(error);
      return error;
    };
    try {
      const result = await within(WRITE_TIMEOUT_MS, beginWith(client, write), silence);
      this.#write = write;
      return result;
    } catch (error) {
      await this.undo();
      throw error;
    }
  }

  /** The connection of the open transaction, once, for whoever makes the record. */
  handOver(): Promise<pg.PoolClient> | undefined {
    const client = this.#write === undefined ? undefined : this.#held;
    if (client === undefined) return undefined;
    client.off("error", this.#lose);
    this.#held = undefined;
    client.isBegun = true;
    return Promise.resolve(client);
  }

  /** To be called at the begin of a transaction that is to make the record, on a connection that was not handed over. */
  async repeat(db: Queryable): Promise<void> {
    await this.#write?.(db);
  }

  settle(): void {
    this.#write = undefined;
  }

  async undo(): Promise<void> {
    this.#write = undefined;
    // A connection that cannot even roll back is thrown away with whatever it had begun.
    await this.#held?.query("rollback").then(
      () => this.#letGo(),
      (error) => this.#letGo(error),
    );
  }

  #letGo(error?: Error): void {
    this.#held?.off("error", this.#lose);
    this.#held?.release(error);
    this.#held = undefined;
  }
}

/** The engine's own level, whatever the database's default is. */
async function beginWith<Result>(client: pg.PoolClient, write: Write<Result>): Promise<Result> {
  await client.query("begin isolation level read committed");
  return await write(client);
}

const BEGIN_WRITING = /^begin\b(?!.*\bread only\b)/i;
const BEGIN_OR_ROLLBACK = /^(?:begin|rollback)\b/i;
const COMMIT = /^commit\b/i;

/** Sees where a transaction of the engine's begins and ends; everything else passes as it is. */
class JointClient extends pg.Client {
  /** Whether the transaction that is about to be begun has been already. */
  isBegun = false;
  /** What the present transaction commits. */
  #joint: Joint | undefined;

  constructor(config?: pg.ClientConfig) {
    super(config);
    // Between the pool's listener and the borrower's there is a moment without any, in which an error would end the process.
    this.on("error", () => undefined);
    const plain = this.query.bind(this) as (...query: readonly unknown[]) => unknown;
    this.query = ((...query: readonly unknown[]) => {
      const [text, ...rest] = query;
      if (typeof text === "string" && rest.length === 0) {
        if (BEGIN_WRITING.test(text)) return this.#begin(() => plain(text));
        if (COMMIT.test(text)) return this.#commit(() => plain(text));
        if (BEGIN_OR_ROLLBACK.test(text)) this.#joint = undefined;
      }
      return plain(...query);
    }) as pg.Client["query"];
  }

  async #begin(begin: () => unknown): Promise<unknown> {
    const joint = joints.getStore();
    this.#joint = joint;
    if (this.isBegun) {
      this.isBegun = false;
      return undefined;
    }
    const begun = await begin();
    try {
      await joint?.repeat(this);
      return begun;
    } catch (error) {
      // Whoever is told that a transaction has not begun does not end it.
      await this.query("rollback").catch(() => undefined);
      throw error;
    }
  }

  async #commit(commit: () => unknown): Promise<unknown> {
    const joint = this.#joint;
    this.#joint = undefined;
    const committed = await commit();
    joint?.settle();
    return committed;
  }
}
