import { withDbRetry } from "@dbos-inc/dbos-sdk/internal/system_database";
import { globalParams } from "@dbos-inc/dbos-sdk/internal/utils";
import type { ConnectionPool } from "../store/index.ts";
import { SentStatements, type Write } from "./sent-statements.ts";
import { recordEnd, recordStep, type StepRecord } from "./step-record.ts";

/** The record of a step, and what is committed in its transaction. */
export type RecordToCommit = Readonly<{
  record: StepRecord;
  /** Sends its statements at once, and fails where nothing is to be committed. */
  write?: Write<unknown>;
  /** The output of the workflow, as DBOS stores it, where this is the last step. */
  end?: string;
}>;

/** How many records are committed, and the error of the first that is not. */
export type Committed = Readonly<{ count: number; error?: unknown }>;

/**
 * Commits records of steps that follow each other, each in a transaction of its own. All are sent at once, on one connection, and a
 * record fails where the one before it did, so what is committed are always the first of them. After a lost connection the same
 * records are made again: the first may have been committed.
 * @returns at least one
 * @throws the error of the first
 */
export async function commitInOrder(
  pool: ConnectionPool,
  ownerToken: string,
  records: readonly RecordToCommit[],
): Promise<Committed> {
  let count = 0;
  let refusal: unknown;
  let mayBeCommitted = false;
  const commit = async () => {
    const left = records.slice(count);
    const sent = await sendInOrder(pool, left, { ownerToken, isFirstBehind: count > 0 });
    const { error } = sent;
    count += sent.count;
    if (error === undefined) return;
    // The server has refused it, and nothing is committed: the attempt fails.
    if (isOutOfResources(error) && !mayBeCommitted) {
      refusal = error;
      return;
    }
    mayBeCommitted = true;
    throw error;
  };
  await withDbRetry(commit).catch((error: unknown) => {
    refusal = error;
  });
  if (count === 0) throw refusal;
  return { count, error: refusal };
}

type Sending = Readonly<{
  ownerToken: string;
  /** The record before the first is committed, or under way. */
  isFirstBehind: boolean;
}>;

async function sendInOrder(
  pool: ConnectionPool,
  records: readonly RecordToCommit[],
  { ownerToken, isFirstBehind }: Sending,
): Promise<Committed> {
  const client = await pool.connect();
  const { stream } = client.connection;
  const transactions: SentStatements[] = [];
  let end: Promise<unknown> = Promise.resolve();
  stream.cork();
  try {
    for (const [index, record] of records.entries()) {
      const sent = new SentStatements(client);
      transactions.push(sent);
      // DBOS's own isolation level, whatever the default of the database is.
      sent.add(client.query("begin isolation level read committed"));
      // After an error in the transaction a commit is a rollback, which the error tells.
      let ending = "commit";
      try {
        await addRecord(sent, record, ownerToken, isFirstBehind || index > 0);
      } catch (error) {
        ending = "rollback";
        sent.add(Promise.reject(error));
      }
      end = sent.behind.query(ending);
      sent.add(end);
    }
  } finally {
    stream.uncork();
  }
  const outcomes = await Promise.allSettled(transactions.map((sent) => sent.outcome()));
  // The answer to the last commit says that the connection is in no transaction.
  await end.then(
    () => client.release(),
    (error) => client.release(error),
  );
  const count = outcomes.findIndex(({ status }) => status === "rejected");
  const failure = outcomes[count];
  return failure?.status === "rejected" ? { count, error: failure.reason } : { count: outcomes.length };
}

/** Sends what is committed together with a record, and the record. */
async function addRecord(
  sent: SentStatements,
  { record, write, end }: RecordToCommit,
  ownerToken: string,
  isBehind: boolean,
): Promise<void> {
  if (write !== undefined) await sent.addAll(write);
  sent.add(recordStep(sent.behind, ownerToken, globalParams.appName, record, isBehind));
  if (end !== undefined) sent.add(recordEnd(sent.behind, record[0], ownerToken, end));
}

/** insufficient_resources, such as a full disk */
function isOutOfResources(error: unknown): boolean {
  return error instanceof Error && "code" in error && /^53/.test(String(error.code));
}
