import type { EffectName, EffectOutcome, Receipt, StoredEffect } from "../domain/effect.ts";
import type { Database, Queryable } from "./database.ts";

export type EffectRow = Readonly<{
  effect_key: string;
  kind: string;
  executions: number;
  receipt: Receipt | null;
}>;

export function effectOf(row: EffectRow): StoredEffect {
  return { effectKey: row.effect_key, kind: row.kind, executions: row.executions, receipt: row.receipt };
}

/** Stores the receipt that is the whole effect, or finds the one that is stored: one statement, one transaction. */
export async function recordEffect(
  db: Queryable,
  { effectKey, runId, kind }: EffectName,
  receipt: Receipt,
): Promise<EffectOutcome> {
  const { rows } = await db.query<EffectOutcome>({
    name: "record-effect",
    text: "select receipt, executions from jejakekal.record_effect($1, $2, $3, $4)",
    values: [effectKey, runId, kind, receipt],
  });
  if (rows[0] === undefined) throw new Error(`effect ${effectKey} was not recorded`);
  return rows[0];
}

/**
 * Has the effect of this key performed at most once at a time over all programs on this database, and not again once there
 * is a receipt. The intent is durable before `perform` is called, so a crash in the middle shows as an intent without a
 * receipt. The lock belongs to the connection: a holder that dies lets go.
 */
export async function performOnce(
  { withConnection }: Pick<Database, "withConnection">,
  name: EffectName,
  perform: () => Promise<Receipt>,
): Promise<EffectOutcome> {
  // Should this throw, the connection is closed rather than trusted to have let go of the lock.
  return withConnection(async (client) => {
    const { attempt, receipt: known, executions } = await beginEffect(client, name);
    const receipt = known ?? (await perform());
    if (attempt !== null) await finishEffect(client, name, attempt, receipt);
    await client.query("select jejakekal.end_effect($1)", [name.effectKey]);
    return { receipt, executions };
  });
}

type Beginning = Readonly<{ attempt: number | null; receipt: Receipt | null; executions: number }>;

async function beginEffect(db: Queryable, { effectKey, runId, kind }: EffectName): Promise<Beginning> {
  const { rows } = await db.query<Beginning>(
    "select attempt, receipt, executions from jejakekal.begin_effect($1, $2, $3)",
    [effectKey, runId, kind],
  );
  if (rows[0] === undefined) throw new Error(`effect ${effectKey} was neither begun nor done`);
  return rows[0];
}

async function finishEffect(
  db: Queryable,
  { effectKey, runId, kind }: EffectName,
  attempt: number,
  receipt: Receipt,
): Promise<void> {
  await db.query(
    `insert into jejakekal.effect_receipt (effect_key, attempt, run_id, kind, receipt)
     values ($1, $2, $3, $4, $5)`,
    [effectKey, attempt, runId, kind, receipt],
  );
}
