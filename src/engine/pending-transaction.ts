import type { Connection, ConnectionPool } from "../store/index.ts";
import { type Committed, commitInOrder, type RecordToCommit } from "./record-order.ts";
import { SentStatements, type Write } from "./sent-statements.ts";
import type { StepRecord } from "./step-record.ts";

/** The records that a write can be joined with, by the method of `SystemDatabase` that makes each. */
export type RecordKind = "workflow" | "step" | "fork" | "failure";

/** A write of this program, and the transaction in which it is committed with a record of DBOS's. */
export class PendingTransaction {
  readonly kind: RecordKind;
  readonly #pool: ConnectionPool;
  #write: Write<unknown> | undefined;
  #recorded: StepRecord | undefined;
  /** Whether `#write` is to be sent together with the record. */
  #isHeld = false;
  /** The connection of the transaction; unless it is held, `#write` ran on it and is not committed. */
  #client: Connection | undefined;
  readonly #onConnectionError = (error: Error) => this.#release(error);

  constructor(pool: ConnectionPool, kind: RecordKind) {
    this.#pool = pool;
    this.kind = kind;
  }

  get isPending(): boolean {
    return this.#write !== undefined;
  }

  get isHeld(): boolean {
    return this.#isHeld;
  }

  async begin<Result>(write: Write<Result>): Promise<Result> {
    await this.rollBack();
    const result = await this.#run(write);
    this.#write = write;
    return result;
  }

  hold(write: Write<unknown>): void {
    this.#write = write;
    this.#isHeld = true;
  }

  async #run<Result>(write: Write<Result>): Promise<Result> {
    const client = await this.#pool.connect();
    client.on("error", this.#onConnectionError);
    this.#client = client;
    try {
      // DBOS's own isolation level, whatever the default of the database is.
      await client.query("begin isolation level read committed");
      return await write(client);
    } catch (error) {
      await this.#rollBackConnection();
      throw error;
    }
  }

  /** Makes the record in the open transaction and commits both; rolls back when the record says that it changed nothing. */
  async commitWith<Result>(
    record: (client: Connection) => Promise<Result>,
    hasChanged: (result: Result) => boolean = () => true,
  ): Promise<Result> {
    return await this.#end(async (client) => {
      const result = await record(client);
      await client.query(hasChanged(result) ? "commit" : "rollback");
      return result;
    });
  }

  /**
   * Like `commitWith`, for a record whose statements fail where nothing is to be committed: they are sent together with the write that
   * is held and the commit. `send` returns when they are sent, without awaiting an answer.
   */
  async commitTogether(send: (sent: SentStatements) => void | Promise<void>): Promise<void> {
    await this.#end(async (client) => {
      const { stream } = client.connection;
      const sent = new SentStatements(client);
      stream.cork();
      try {
        if (this.#isHeld && this.#write !== undefined) await sent.addAll(this.#write);
        await send(sent);
        sent.add(sent.behind.query("commit"));
      } finally {
        stream.uncork();
      }
      // After an error in the transaction a commit is a rollback, which the error tells.
      await sent.outcome();
    });
  }

  /** Opens the transaction unless it is open, and has `work` end it; rolls back when `work` fails. */
  async #end<Result>(work: (client: Connection) => Promise<Result>): Promise<Result> {
    if (this.#client === undefined && this.#write !== undefined)
      await this.#run(this.#isHeld ? async () => undefined : this.#write);
    const client = this.#client;
    if (client === undefined) throw new Error("a record transaction has no connection");
    try {
      const result = await work(client);
      this.#write = undefined;
      this.#release();
      return result;
    } catch (error) {
      await this.#rollBackConnection();
      throw error;
    }
  }

  /** Records a step and those behind it, each in a transaction of its own: see `commitInOrder`. */
  async recordSteps(
    ownerToken: string,
    first: RecordToCommit,
    behind: readonly RecordToCommit[],
  ): Promise<Committed> {
    await this.rollBack();
    const committed = await commitInOrder(this.#pool, ownerToken, [first, ...behind]);
    this.#recorded = first.record;
    return committed;
  }

  /** Whether this transaction has recorded the step already. @throws Error when it did with another outcome */
  hasRecorded([workflowId, functionId, , , , , result]: StepRecord): boolean {
    if (this.#recorded === undefined) return false;
    const [ofWorkflow, ofFunction, , , , , recorded] = this.#recorded;
    const isSame =
      ofWorkflow === workflowId && ofFunction === functionId && recorded?.output === result?.output;
    if (!isSame || result?.error != null) throw new Error("the step is recorded with another outcome");
    return true;
  }

  /** Whether there was a write to roll back. */
  async rollBack(): Promise<boolean> {
    const wasPending = this.isPending;
    this.#write = undefined;
    this.#isHeld = false;
    await this.#rollBackConnection();
    return wasPending;
  }

  async #rollBackConnection(): Promise<void> {
    // A connection that cannot roll back is closed together with its transaction.
    await this.#client?.query("rollback").then(
      () => this.#release(),
      (error) => this.#release(error),
    );
  }

  #release(error?: Error): void {
    this.#client?.off("error", this.#onConnectionError);
    this.#client?.release(error);
    this.#client = undefined;
  }
}
