import { AsyncLocalStorage } from "node:async_hooks";
import pg from "pg";
import type { Log } from "../log.ts";
import type { Queryable } from "./database.ts";

/** A write of ours that is committed with a record of the engine's: both or neither. */
export type JointWrite = (db: Queryable) => Promise<unknown>;

type Joint = { write: JointWrite | undefined };

const joints = new AsyncLocalStorage<Joint>();

/**
 * Calls `work`, in which the engine makes one record in a transaction of its own. The write that `work` joins becomes the first
 * statement of that transaction, and once more of each in which the engine tries again; when it throws, nothing is recorded.
 */
export function jointly<Result>(
  work: (join: (write: JointWrite) => void) => Promise<Result>,
): Promise<Result> {
  const joint: Joint = { write: undefined };
  return joints.run(joint, () =>
    work((write) => {
      joint.write = write;
    }),
  );
}

const CONNECT_TIMEOUT_MS = 10_000;

/** A transaction that nobody goes on with does not keep its locks for longer. */
const IDLE_IN_TRANSACTION_TIMEOUT_MS = 60_000;

/** The pool that the engine works with. Its transactions are those which writes can join. */
export function openJointPool({
  url,
  poolSize,
  log,
}: {
  url: string;
  poolSize: number;
  log: Pick<Log, "databaseTrouble">;
}): pg.Pool {
  const pool = new pg.Pool({
    Client: JointClient,
    connectionString: url,
    max: poolSize,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_TIMEOUT_MS,
    application_name: "jejakekal engine",
  });
  pool.on("error", (error) => log.databaseTrouble({ error }));
  return pool;
}

const BEGIN = /^begin\b(?!.*\bread only\b)/i;
const COMMIT = /^commit\b/i;

/** Sees where a transaction begins and ends; everything else passes as it is. */
class JointClient extends pg.Client {
  #joint: Joint | undefined;

  constructor(config?: pg.ClientConfig) {
    super(config);
    const plain = this.query.bind(this) as (...query: readonly unknown[]) => unknown;
    this.query = ((...query: readonly unknown[]) => {
      const [text, ...rest] = query;
      if (typeof text === "string" && rest.length === 0) {
        if (BEGIN.test(text)) return this.#begin(() => plain(text));
        if (COMMIT.test(text)) return this.#commit(() => plain(text));
      }
      return plain(...query);
    }) as pg.Client["query"];
  }

  async #begin(begin: () => unknown): Promise<unknown> {
    this.#joint = joints.getStore();
    const begun = await begin();
    try {
      await this.#joint?.write?.(this);
      return begun;
    } catch (error) {
      // Whoever is told that a transaction has not begun does not end it.
      await this.query("ROLLBACK").catch(() => undefined);
      throw error;
    }
  }

  async #commit(commit: () => unknown): Promise<unknown> {
    const committed = await commit();
    if (this.#joint !== undefined) this.#joint.write = undefined;
    return committed;
  }
}
