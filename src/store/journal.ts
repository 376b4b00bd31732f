import { canonicalJson } from "../canonical-json.ts";
import type { EventKind, NewEvent, RunEvent } from "../domain/journal.ts";
import type { Queryable } from "./database.ts";

/** Adds an event to the chain of its run. Inside a transaction the chain is locked until that ends. */
export async function appendEvent(db: Queryable, { runId, kind, node, detail }: NewEvent): Promise<void> {
  await db.query({
    name: "append-event",
    text: "select jejakekal.append_event($1, $2, $3, $4)",
    values: [runId, kind, node, canonicalJson(detail)],
  });
}

/** Adds an event unless the run's journal says the same already, since it was last cancelled or resumed. */
export async function appendEventOnce(db: Queryable, { runId, kind, node, detail }: NewEvent): Promise<void> {
  await db.query({
    name: "append-event-once",
    text: "select jejakekal.append_event_once($1, $2, $3, $4)",
    values: [runId, kind, node, canonicalJson(detail)],
  });
}

/** Who executes a run: the token of the execution, from `dbos.workflow_status.owner_xid`, and its node. */
export type Executor = Readonly<{ runId: string; ownerToken: string; node: string }>;

/**
 * Adds an event of an execution, unless the run no longer belongs to it: false then. `once` leaves it out when the journal has the
 * same event since the run was last cancelled or resumed.
 */
export async function appendExecutionEvent(
  db: Queryable,
  { runId, ownerToken, node }: Executor,
  { kind, detail, once }: Pick<NewEvent, "kind" | "detail"> & { once: boolean },
): Promise<boolean> {
  const { rows } = await db.query<{ added: boolean }>({
    name: "append-execution-event",
    text: "select jejakekal.append_execution_event($1, $2, $3, $4, $5, $6) as added",
    values: [runId, ownerToken, kind, node, canonicalJson(detail), once],
  });
  return rows[0]?.added ?? false;
}

/**
 * Adds the event that a node begins to execute a run: `started`, or `recovered` with the time for which nobody worked on it; false
 * when the run no longer belongs to the execution.
 */
export async function beginExecution(db: Queryable, { runId, ownerToken, node }: Executor): Promise<boolean> {
  const { rows } = await db.query<{ added: boolean }>({
    name: "begin-execution",
    text: "select jejakekal.begin_owned_execution($1, $2, $3) as added",
    values: [runId, ownerToken, node],
  });
  return rows[0]?.added ?? false;
}

/** The last event that says whether the run goes on. */
export async function findLastChange(db: Queryable, runId: string): Promise<EventKind | null> {
  const { rows } = await db.query<{ kind: EventKind }>(
    `select kind from jejakekal.run_event
      where run_id = $1 and kind in ('accepted', 'started', 'recovered', 'cancelled', 'resumed', 'finished')
      order by seq desc limit 1`,
    [runId],
  );
  return rows[0]?.kind ?? null;
}

/**
 * Of these runs, the digest of the bundle that was exported last, where nothing has happened since that a bundle tells: no decision, no
 * erasure, no further execution. Runs whose bundle would be another one now are left out.
 */
export async function findCurrentExports(
  db: Queryable,
  runIds: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const { rows } = await db.query<{ runId: string; digest: string }>({
    name: "find-current-exports",
    text: `
      select last.run_id as "runId", last.detail::json ->> 'bundle_sha256' as digest
        from unnest($1::text[]) as asked (run_id)
        cross join lateral (
          select run_id, kind, detail from jejakekal.run_event e
           where e.run_id = asked.run_id and e.kind not in ('deduplicated', 'forked')
           order by seq desc limit 1) last
       where last.kind = 'exported' and last.detail::json ->> 'partial' = 'false'
         and last.detail::json ->> 'bundle_sha256' is not null`,
    values: [runIds],
  });
  return new Map(rows.map(({ runId, digest }) => [runId, digest]));
}

/** The journal of a run from an event on, oldest event first; without `limit` to its end. */
export async function listEvents(
  db: Queryable,
  runId: string,
  { from = 0, limit = null }: Readonly<{ from?: number; limit?: number | null }> = {},
): Promise<readonly RunEvent[]> {
  const { rows } = await db.query<RunEvent>({
    name: "list-events",
    text: `
      select seq, at_epoch_ms::float8 as "atEpochMs", kind, node, detail, prev_sha256 as "prevSha256", sha256
        from jejakekal.run_event
       where run_id = $1 and seq >= $2
       order by seq
       limit $3`,
    values: [runId, from, limit],
  });
  return rows;
}
