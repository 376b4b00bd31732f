import { canonicalJson } from "../canonical-json.ts";
import type { StartCommand } from "../domain/command.ts";
import { dbosStatusesOf } from "../domain/run.ts";
import { copyArtifacts } from "./artifacts.ts";
import type { Queryable } from "./database.ts";
import { sizedQuery } from "./pool.ts";
import { sentBytes, withSentBytes } from "./sent-bytes.ts";

/**
 * `fresh`: the id is this caller's now. Otherwise somebody claimed it earlier, with the payload that is given; null where the id
 * is that of a workflow of somebody else's on the same DBOS. `isBegun`: DBOS has a workflow of this id, or the run is an imported one.
 */
export type RunClaim = Readonly<{ fresh: boolean; payloadSha256: string | null; isBegun: boolean }>;

/**
 * Stores the document, claims the run id for this payload and opens the run's journal, in one statement of a transaction: all or nothing.
 */
export async function claimRun(
  db: Queryable,
  runId: string,
  command: StartCommand,
  node: string,
): Promise<RunClaim> {
  const claim = sizedQuery(command.source.length, { name: "claim-run", text: CLAIM_RUN });
  const { rows } = await withSentBytes(db, command.source, (sent) =>
    db.query<{ fresh: boolean; payload_sha256: string | null; is_begun: boolean }>({
      ...claim,
      values: [...claimValues(runId, command, node), ...sent],
    }),
  );
  const { fresh = false, payload_sha256 = null, is_begun: isBegun = false } = rows[0] ?? {};
  if (fresh) return { fresh, payloadSha256: command.payloadSha256, isBegun };
  if (payload_sha256 !== null) return { fresh, payloadSha256: payload_sha256, isBegun };
  // A claim that committed while this statement waited for it is newer than the statement's snapshot.
  const found = await findClaim(db, runId);
  return {
    fresh,
    payloadSha256: found?.payload_sha256 ?? null,
    isBegun: isBegun || found?.is_imported === true,
  };
}

const CLAIM_RUN = `
  with known as materialized (
    select exists (select from dbos.workflow_status where workflow_uuid = $1)
        or exists (select from jejakekal.imported_run where run_id = $1) as is_begun
  ),
  moment as materialized (
    select jejakekal.now_epoch_ms() as at, repeat('0', 64) as prev
  ),
  held as materialized (
    select jejakekal.hold_blob($1, $2) as is_wanted
  ),
  stored as (
    insert into jejakekal.blob (sha256, bytes) select $2, ${sentBytes("$10", "$11")} from held where is_wanted
    on conflict (sha256) do nothing
  ),
  claimed as (
    insert into jejakekal.run (run_id, intent, args, payload_sha256, source_sha256, sleep_ms)
    select $1, $3, $4::jsonb, $5, $2, $6::integer
      from known where not is_begun
    on conflict (run_id) do nothing
    returning run_id
  ),
  noted as (
    insert into jejakekal.chat_event (cmd, args, run_id)
    select $7, $4, run_id from claimed
  ),
  accepted as (
    insert into jejakekal.run_event (run_id, seq, at_epoch_ms, kind, node, detail, prev_sha256, sha256)
    select run_id, 0, at, 'accepted', $8, $9, prev,
           jejakekal.event_sha256(prev, run_id, 0, at, 'accepted', $8, $9)
      from claimed, moment
  )
  select exists (select from claimed) as fresh,
         (select is_begun from known),
         (select payload_sha256 from jejakekal.run where run_id = $1) as payload_sha256`;

function claimValues(runId: string, command: StartCommand, node: string): readonly unknown[] {
  return [
    runId,
    command.args.source_sha256,
    command.intent,
    command.args,
    command.payloadSha256,
    command.sleepMs,
    command.cmd,
    node,
    canonicalJson({
      payload_sha256: command.payloadSha256,
      bytes: command.source.length,
      sleep_ms: command.sleepMs,
      ...(command.by === undefined ? {} : { by: command.by }),
      ...(command.attachmentOf === undefined
        ? {}
        : { attachment_of: { n: command.attachmentOf.n, run_id: command.attachmentOf.runId } }),
    }),
  ];
}

/** Any number that nothing else uses. */
const START_LOCK = 7_310_125;

/**
 * Whether fewer than `limit` runs are running, or the id is claimed already. Starts wait here for each other until they commit, so the
 * limit holds over all nodes.
 */
export async function hasRoomForRun(db: Queryable, runId: string, limit: number): Promise<boolean> {
  await db.query("select pg_advisory_xact_lock($1)", [START_LOCK]);
  const { rows } = await db.query<{ has_room: boolean }>({
    name: "has-room-for-run",
    text: `
      select exists (select from jejakekal.run where run_id = $1)
          or (select count(*) < $2
                from (select from dbos.workflow_status w join jejakekal.run r on r.run_id = w.workflow_uuid
                       where w.status = any ($3) limit $2) running) as has_room`,
    values: [runId, limit, dbosStatusesOf("running")],
  });
  return rows[0]?.has_room ?? false;
}

/** The name of the token that started a run, or forked it; null when it had none. */
export async function findStarter(db: Queryable, runId: string): Promise<string | null> {
  const { rows } = await db.query<{ by: string | null }>({
    name: "find-starter",
    text: `
      select coalesce(a.detail::json ->> 'by',
                      (select f.detail::json ->> 'by' from jejakekal.run_event f
                        where f.run_id = a.detail::json ->> 'forked_from' and f.kind = 'forked'
                          and f.detail::json ->> 'run_id' = a.run_id)) as by
        from jejakekal.run_event a
       where a.run_id = $1 and a.seq = 0`,
    values: [runId],
  });
  return rows[0]?.by ?? null;
}

async function findClaim(db: Queryable, runId: string) {
  const { rows } = await db.query<{ payload_sha256: string; is_imported: boolean }>(
    `select r.payload_sha256, i.run_id is not null as is_imported
       from jejakekal.run r
       left join jejakekal.imported_run i on i.run_id = r.run_id
      where r.run_id = $1`,
    [runId],
  );
  return rows[0] ?? null;
}

/** A fork takes over the steps of `parentId` below `fromStep`, a function id, and runs the others again. */
export type Fork = Readonly<{ parentId: string; fromStep: number }>;

/**
 * Claims an id for a fork, with its parent's payload and those of its artifacts whose steps are taken over. False when the
 * parent is not a run of this program, or was erased.
 */
export async function claimFork(
  db: Queryable,
  runId: string,
  { parentId, fromStep }: Fork,
): Promise<boolean> {
  // An erasure of the parent holds the lock of its journal, and an erasure after this one finds the fork.
  await db.query("select jejakekal.lock_chain($1)", [parentId]);
  const { rowCount } = await db.query(
    `insert into jejakekal.run (run_id, intent, args, payload_sha256, source_sha256, sleep_ms, forked_from, from_step)
     select $1, intent, args, payload_sha256, source_sha256, sleep_ms, run_id, $3
       from jejakekal.run where run_id = $2 and not jejakekal.is_erased(run_id)`,
    [runId, parentId, fromStep],
  );
  if (rowCount !== 1) return false;
  await db.query(
    `insert into jejakekal.chat_event (cmd, args, run_id)
     select '/fork', args, run_id from jejakekal.run where run_id = $1`,
    [runId],
  );
  await copyArtifacts(db, { fromRunId: parentId, toRunId: runId, beforeFunctionId: fromStep });
  return true;
}
