import { AsyncLocalStorage } from "node:async_hooks";
import { SystemDatabase, withDbRetry } from "@dbos-inc/dbos-sdk/internal/system_database";
import type { Connection, ConnectionPool, Queryable } from "../store/index.ts";
import { failOnOutage } from "./outage.ts";
import { PendingTransaction, type RecordKind } from "./pending-transaction.ts";
import type { Committed, RecordToCommit } from "./record-order.ts";
import type { Write } from "./sent-statements.ts";
import { findStepOwner } from "./step-check.ts";
import { recordStep } from "./step-record.ts";

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
   * Makes the record of a step together with its write, which sends its statements like that of `hold`, and fails where nothing is to be
   * committed. DBOS's own record of the same outcome then does nothing. The records of steps `behind` are sent with it, each in a
   * transaction of its own: see `commitInOrder`.
   */
  recordSteps(
    ownerToken: string,
    first: RecordToCommit,
    behind: readonly RecordToCommit[],
  ): Promise<Committed>;
  /** Rolls back what was joined: there will be no record. */
  discard(): Promise<void>;
}>;

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
  const transaction = new PendingTransaction(pool, kind);
  let result: Result;
  try {
    result = await transactions.run(transaction, () =>
      work({
        join: (write) => transaction.begin(write),
        hold: (write) => transaction.hold(write),
        recordSteps: (...records) => transaction.recordSteps(...records),
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

const transactions = new AsyncLocalStorage<PendingTransaction>();

/** The transaction of the calling context, if a write waits in it for a record of this kind. */
function findPending(kind: RecordKind): PendingTransaction | undefined {
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
  transaction: PendingTransaction,
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

/** Outputs of workflows that are recorded together with their last step, by the token of the execution. */
const recordedOutputs = new Map<string, string>();

/** DBOS's own record of this output, which follows, then does nothing. */
export function noteRecordedOutput(ownerToken: string, output: string): void {
  recordedOutputs.set(ownerToken, output);
}

/** The success of a workflow: `UPDATE` of `workflow_status` and `INSERT` into `workflow_output`, in one statement. */
dbos.recordWorkflowOutput = async function (workflowId, status, ownerXid) {
  if (ownerXid === undefined) return recordWorkflowOutput.call(this, workflowId, status, ownerXid);
  const recorded = recordedOutputs.get(ownerXid);
  if (recorded !== undefined) {
    recordedOutputs.delete(ownerXid);
    if (recorded !== status.output) throw new Error(`${workflowId} is recorded with another output`);
    return true;
  }
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
  const transaction = new PendingTransaction(joined.pool, "failure");
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
