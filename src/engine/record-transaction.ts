import { AsyncLocalStorage } from "node:async_hooks";
import { SystemDatabase, withDbRetry } from "@dbos-inc/dbos-sdk/internal/system_database";
import { globalParams } from "@dbos-inc/dbos-sdk/internal/utils";
import type { Connection, ConnectionPool, Queryable } from "../store/index.ts";
import { failOnOutage } from "./outage.ts";
import { SentStatements, type Write } from "./sent-statements.ts";
import { findStepOwner } from "./step-check.ts";
import { recordStep, type StepRecord } from "./step-record.ts";

/**
 * Runs `write` in a transaction that stays open until DBOS makes its next record. Another call replaces the transaction: the
 * first is rolled back.
 */
export type JoinNextRecord = <Result>(write: Write<Result>) => Promise<Result>;

export type OpenTransaction = Readonly<{
  join: JoinNextRecord;
  /** Like `join`, but `write` is sent together with the record. It must send its statements at once, without awaiting an answer. */
  hold(write: Write<unknown>): void;
  /**
   * Makes the record of a step together with `write`, which sends its statements like that of `hold`, and fails where nothing is to be
   * committed. DBOS's own record of the same outcome then does nothing.
   */
  recordStep(write: Write<unknown>, ownerToken: string, record: StepRecord): Promise<void>;
  /** Rolls back what was joined: there will be no record. */
  discard(): Promise<void>;
}>;

/** The records that a write can be joined with, by the method of `SystemDatabase` that makes each. */
type RecordKind = "workflow" | "step" | "fork" | "failure";

/**
 * Calls `work`, in which DBOS makes one record of this kind, and commits what was joined in the transaction of that record:
 * both are stored or neither. DBOS 5.3 has no public way to do this for a step with retries, so this file replaces the
 * methods of `SystemDatabase` that make the records; `record-transaction.test.ts` holds them against the installed DBOS.
 *
 * Should the connection break before the commit, DBOS tries its record again, and the write is repeated first. A write must
 * therefore give the same rows when it runs twice.
 *
 * @throws Error when `work` ends and a write was left without a record
 */
export async function withRecordTransaction<Result>(
  pool: ConnectionPool,
  kind: RecordKind,
  work: (transaction: OpenTransaction) => Promise<Result>,
): Promise<Result> {
  const transaction = new RecordTransaction(pool, kind);
  let result: Result;
  try {
    result = await transactions.run(transaction, () =>
      work({
        join: (write) => transaction.begin(write),
        hold: (write) => transaction.hold(write),
        recordStep: (...step) => transaction.recordStep(...step),
        discard: async () => void (await transaction.rollBack()),
      }),
    );
  } catch (error) {
    await transaction.rollBack();
    throw error;
  }
  if (await transaction.rollBack()) {
    throw new Error(`DBOS made no ${kind} record that a write of this program could be committed with`);
  }
  return result;
}

const transactions = new AsyncLocalStorage<RecordTransaction>();

class RecordTransaction {
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

  /**
   * Makes the record in the open transaction and commits both; rolls back when the record says that it changed nothing. Null: the
   * record has ended the transaction.
   */
  async commitWith<Result>(
    record: (client: Connection) => Promise<Result>,
    hasChanged: (result: Result) => boolean | null = () => true,
  ): Promise<Result> {
    if (this.#client === undefined && this.#write !== undefined)
      await this.#run(this.#isHeld ? async () => undefined : this.#write);
    const client = this.#client;
    if (client === undefined) throw new Error("a record transaction has no connection");
    try {
      const result = await record(client);
      const isChanged = hasChanged(result);
      if (isChanged !== null) await client.query(isChanged ? "commit" : "rollback");
      this.#write = undefined;
      this.#release();
      return result;
    } catch (error) {
      await this.#rollBackConnection();
      throw error;
    }
  }

  /**
   * Like `commitWith`, for a record whose statements fail where nothing is to be committed: all are sent together. `send` returns when
   * they are sent, without awaiting an answer.
   */
  async commitTogether(send: (sent: SentStatements) => void | Promise<void>): Promise<void> {
    await this.commitWith(
      async (client) => {
        const { stream } = client.connection;
        const sent = new SentStatements(client);
        stream.cork();
        try {
          if (this.#isHeld && this.#write !== undefined) sent.addAll(this.#write);
          await send(sent);
          sent.add(sent.behind.query("commit"));
        } finally {
          stream.uncork();
        }
        // After an error in the transaction a commit is a rollback, which the error tells.
        await sent.outcome();
      },
      () => null,
    );
  }

  async recordStep(write: Write<unknown>, ownerToken: string, record: StepRecord): Promise<void> {
    await this.rollBack();
    let refusal: unknown;
    let mayBeCommitted = false;
    try {
      // After a lost connection the same record is made again: the first may have been committed.
      await withDbRetry(async () => {
        this.hold(write);
        try {
          await this.commitTogether((sent) =>
            sent.add(recordStep(sent.behind, ownerToken, globalParams.appName, record)),
          );
        } catch (error) {
          // The server has refused it, and nothing is committed: the attempt fails.
          if (isOutOfResources(error) && !mayBeCommitted) {
            refusal = error;
            return;
          }
          mayBeCommitted = true;
          throw error;
        }
      });
      if (refusal !== undefined) throw refusal;
    } catch (error) {
      await this.rollBack();
      throw error;
    }
    this.#recorded = record;
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

/** insufficient_resources, such as a full disk */
function isOutOfResources(error: unknown): boolean {
  return error instanceof Error && "code" in error && /^53/.test(String(error.code));
}

/** The transaction of the calling context, if a write waits in it for a record of this kind. */
function findPending(kind: RecordKind): RecordTransaction | undefined {
  const transaction = transactions.getStore();
  return transaction?.kind === kind && transaction.isPending ? transaction : undefined;
}

/** The methods that this file replaces. */
type Recorder = Pick<
  SystemDatabase,
  | "initWorkflowStatus"
  | "recordOperationResult"
  | "bulkForkWorkflows"
  | "recordWorkflowOutput"
  | "recordWorkflowError"
  | "connect"
> & { appName: string | undefined; pool: ConnectionPool };

const dbos = SystemDatabase.prototype as unknown as Recorder;
const {
  initWorkflowStatus,
  recordOperationResult,
  bulkForkWorkflows,
  recordWorkflowOutput,
  recordWorkflowError,
  connect,
} = dbos;
for (const [name, method] of Object.entries({
  initWorkflowStatus,
  recordOperationResult,
  bulkForkWorkflows,
  recordWorkflowOutput,
  recordWorkflowError,
  connect,
})) {
  if (typeof method !== "function") throw new Error(`this version of DBOS has no SystemDatabase.${name}`);
}

/** A start: `INSERT` into `workflow_status`. DBOS takes a client here for its own `enqueueInTransaction`. */
dbos.initWorkflowStatus = function (status, creatorXid, client, reusePolicy) {
  const transaction = client === undefined ? findPending("workflow") : undefined;
  if (transaction === undefined)
    return initWorkflowStatus.call(this, status, creatorXid, client, reusePolicy);
  return withDbRetry(() =>
    transaction.isHeld
      ? startTogether(this, transaction, status, creatorXid)
      : transaction.commitWith(
          (joined) => initWorkflowStatus.call(this, status, creatorXid, joined, reusePolicy),
          (result) => result.shouldExecuteOnThisExecutor,
        ),
  );
};

type Start = Parameters<SystemDatabase["initWorkflowStatus"]>;
type Started = Awaited<ReturnType<SystemDatabase["initWorkflowStatus"]>>;

/** Has DBOS send the start of a workflow that is new, all statements together with the write that is held. */
async function startTogether(
  system: Recorder,
  transaction: RecordTransaction,
  status: Start[0],
  creatorXid: Start[1],
): Promise<Started> {
  let started: Started | undefined;
  await transaction.commitTogether(async (sent) => {
    const row = {
      status: status.status,
      name: status.workflowName,
      class_name: status.workflowClassName,
      config_name: status.workflowConfigName,
      queue_name: status.queueName ?? null,
      executor_id: status.executorId,
      creator_xid: creatorXid,
      serialization: status.serialization,
    };
    // DBOS gets the answer for a workflow that did not exist, and so sends the next statement.
    const query = (text: string, values: unknown[]) => {
      sent.add(sent.behind.query(text, values));
      return Promise.resolve({ rows: [row], rowCount: 1 });
    };
    started = await initWorkflowStatus.call(system, status, creatorXid, { query } as unknown as Start[2]);
  });
  if (started === undefined) throw new Error("DBOS started no workflow");
  return started;
}

/** The outcome of a step: `INSERT` into `operation_outputs`. Nothing is joined with the record of an error. */
dbos.recordOperationResult = async function (...record) {
  const ownerToken = findStepOwner(record[0]);
  if (ownerToken === undefined) return recordOperationResult.apply(this, record);
  if (transactions.getStore()?.hasRecorded(record)) return;
  const store = (db: Queryable) => recordStep(db, ownerToken, this.appName, record);
  const transaction = record[6]?.error == null ? findPending("step") : undefined;
  return withDbRetry(() =>
    transaction === undefined
      ? store(this.pool)
      : transaction.commitTogether((sent) => sent.add(store(sent.behind))),
  );
};

/** A fork: rows for a new workflow and its completed steps. */
dbos.bulkForkWorkflows = function (...fork) {
  const transaction = findPending("fork");
  if (transaction === undefined) return bulkForkWorkflows.apply(this, fork);
  return transaction.commitWith((client) =>
    borrowedConnection.run(client, () => bulkForkWorkflows.apply(this, fork)),
  );
};

/** The success of a workflow: `UPDATE` of `workflow_status` and `INSERT` into `workflow_output`, in one statement. */
dbos.recordWorkflowOutput = async function (workflowId, status, ownerXid) {
  if (ownerXid === undefined) return recordWorkflowOutput.call(this, workflowId, status, ownerXid);
  const { rows } = await withDbRetry(() =>
    this.pool.query<{ is_recorded: boolean }>("select jejakekal.record_output($1, $2, $3) as is_recorded", [
      workflowId,
      ownerXid,
      status.output,
    ]),
  );
  return rows[0]?.is_recorded ?? false;
};

/** The failure of a workflow: `UPDATE` of `workflow_status`, which changes nothing when the run belongs to another execution. */
dbos.recordWorkflowError = async function (workflowId, status, ownerXid) {
  const joined = ownerXid === undefined ? undefined : failureWrites.get(ownerXid);
  if (joined === undefined || ownerXid === undefined)
    return recordWorkflowError.call(this, workflowId, status, ownerXid);
  failureWrites.delete(ownerXid);
  const transaction = new RecordTransaction(joined.pool, "failure");
  try {
    return await withDbRetry(async () => {
      await transaction.begin(joined.write);
      const record = () => failOnOutage(() => recordWorkflowError.call(this, workflowId, status, ownerXid));
      return transaction.commitWith(
        (client) => borrowedConnection.run(client, record),
        (isRecorded) => isRecorded,
      );
    });
  } catch (error) {
    joined.onLost(error);
    return recordWorkflowError.call(this, workflowId, status, ownerXid);
  }
};

type FailureWrite = Readonly<{
  pool: ConnectionPool;
  write: Write<unknown>;
  onLost: (error: unknown) => void;
}>;

/** By the token of the execution that fails. */
const failureWrites = new Map<string, FailureWrite>();

/**
 * Has `write` committed with DBOS's record that the workflow failed; to be called by an execution just before it throws. A write that
 * fails is given up, after `onLost`, and the failure is recorded without it.
 */
export function joinNextFailure(ownerToken: string, failure: FailureWrite): void {
  failureWrites.set(ownerToken, failure);
}

/** The connection that DBOS gets from `connect` in the calling context, when it is to work in a transaction of this file. */
const borrowedConnection = new AsyncLocalStorage<Connection>();

dbos.connect = function () {
  const client = borrowedConnection.getStore();
  return client === undefined
    ? connect.call(this)
    : Promise.resolve(withinTransaction(client) as Awaited<ReturnType<typeof connect>>);
};

const TRANSACTION_CONTROL = /^(?:begin|commit|rollback)\b/i;

/** A connection in a transaction that its owner ends: `BEGIN`, `COMMIT` and `ROLLBACK` of the borrower do nothing. */
function withinTransaction(client: Connection): Pick<Connection, "query" | "release"> {
  const query = (...args: readonly unknown[]): unknown => {
    const [text] = args;
    if (typeof text === "string" && TRANSACTION_CONTROL.test(text)) {
      return Promise.resolve({ rows: [], rowCount: 0 });
    }
    return (client.query as (...args: unknown[]) => unknown).apply(client, [...args]);
  };
  return { query: query as Connection["query"], release: () => undefined };
}
