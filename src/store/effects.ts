import { setTimeout as sleep } from "node:timers/promises";
import type { EffectName, EffectOutcome, Receipt, StoredEffect } from "../domain/effect.ts";
import type { Queryable } from "./database.ts";

export type EffectRow = Readonly<{
  effect_key: string;
  kind: string;
  executions: number;
  receipt: Receipt | null;
  begun_after: readonly (number | null)[];
  receipt_after: number | null;
}>;

export function effectOf(row: EffectRow): StoredEffect {
  return {
    effectKey: row.effect_key,
    kind: row.kind,
    executions: row.executions,
    receipt: row.receipt,
    begunAfter: row.begun_after,
    receiptAfter: row.receipt_after,
  };
}

/** Stores a receipt that is the whole effect, or returns the one that is stored, in one statement. */
export async function recordEffect(
  db: Queryable,
  { effectKey, runId, kind }: EffectName,
  receipt: Receipt,
): Promise<EffectOutcome> {
  const { rows } = await db.query<EffectOutcome>({
    name: "record-effect",
    text: "select receipt, executions, kind from jejakekal.record_effect($1, $2, $3, $4)",
    values: [effectKey, runId, kind, receipt],
  });
  if (rows[0] === undefined) throw new Error(`effect ${effectKey} was not recorded`);
  return rows[0];
}

/** SQLSTATE of `jejakekal.record_new_effect`. */
const BEGUN_BEFORE = "JK004";

/** An effect was begun before, so its outcome is not that of a first execution. */
export class EffectBegunBeforeError extends Error {}

/**
 * Stores a receipt that is the whole effect, in one statement of a transaction, as the first and only execution.
 * @throws EffectBegunBeforeError
 */
export async function putReceipt(
  db: Queryable,
  { effectKey, runId, kind }: EffectName,
  receipt: Receipt,
): Promise<void> {
  try {
    await db.query({
      name: "put-receipt",
      text: "select jejakekal.record_new_effect($1, $2, $3, $4)",
      values: [effectKey, runId, kind, receipt],
    });
  } catch (cause) {
    const wasBegun = cause instanceof Error && "code" in cause && cause.code === BEGUN_BEFORE;
    throw wasBegun ? new EffectBegunBeforeError(`${effectKey} was begun before`, { cause }) : cause;
  }
}

/** A caller waits for the lock of an effect's key for as long as a slow receiver may keep the holder. */
const LOCK_TIMEOUT_MS = 120_000;
const LOCK_POLL_MS = 50;

/** The server ends the session of a holder, and so releases the lock, five seconds after the last heartbeat. */
const HEARTBEAT_INTERVAL_MS = 1_000;

/** Lends one connection for the time of `work`, and closes it when `work` fails. */
type Connections = Readonly<{
  withConnection<Result>(work: (client: Queryable) => Promise<Result>): Promise<Result>;
}>;

/**
 * Performs the effect of this key, unless it has a receipt. Callers with one key take turns by a session lock on it, over all programs
 * on this database. The intent is committed before `perform` is called, so a crash in between leaves an intent without a receipt.
 * The server releases the lock when the holder dies or cannot be reached any more; the holder can then write no receipt.
 */
export async function performOnce(
  { withConnection }: Connections,
  name: EffectName,
  perform: () => Promise<Receipt>,
): Promise<EffectOutcome> {
  // If this throws, the connection is closed, and with it the lock released.
  return withConnection(async (client) => {
    const { attempt, receipt: known, executions, kind } = await beginEffect(client, name);
    const receipt = known ?? (await withHeartbeat(client, perform));
    if (attempt !== null) await finishEffect(client, name, attempt, receipt);
    await client.query("select jejakekal.end_effect($1)", [name.effectKey]);
    return { receipt, executions, kind };
  });
}

type Beginning = Readonly<{
  is_locked: boolean;
  attempt: number | null;
  receipt: Receipt | null;
  executions: number;
  kind: string;
}>;

/** Polls for the lock: a statement that waits for it would wait on when the connection of the holder, or this one, is dropped. */
async function beginEffect(db: Queryable, { effectKey, runId, kind }: EffectName): Promise<Beginning> {
  const deadline = performance.now() + LOCK_TIMEOUT_MS;
  while (performance.now() < deadline) {
    const { rows } = await db.query<Beginning>(
      "select is_locked, attempt, receipt, executions, kind from jejakekal.try_begin_effect($1, $2, $3)",
      [effectKey, runId, kind],
    );
    if (rows[0]?.is_locked) return rows[0];
    await sleep(LOCK_POLL_MS);
  }
  throw new Error(`effect ${effectKey} is still under way elsewhere after ${LOCK_TIMEOUT_MS} ms`);
}

/** Sends a query each second until `work` has settled. */
async function withHeartbeat<Result>(db: Queryable, work: () => Promise<Result>): Promise<Result> {
  const settled = new AbortController();
  const beating = beat(db, settled.signal);
  try {
    return await work();
  } finally {
    settled.abort();
    await beating;
  }
}

async function beat(db: Queryable, settled: AbortSignal): Promise<void> {
  try {
    for (;;) {
      await sleep(HEARTBEAT_INTERVAL_MS, undefined, { signal: settled });
      await db.query("select 1");
    }
  } catch {
    // The work has settled, or the connection is lost; then the next query on it fails.
  }
}

async function finishEffect(
  db: Queryable,
  { effectKey, runId, kind }: EffectName,
  attempt: number,
  receipt: Receipt,
): Promise<void> {
  await db.query("select jejakekal.finish_effect($1, $2, $3, $4, $5)", [
    effectKey,
    attempt,
    runId,
    kind,
    receipt,
  ]);
}
