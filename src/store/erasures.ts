import { canonicalJson } from "../canonical-json.ts";
import type { NewEvent } from "../domain/journal.ts";
import { dbosStatusesOf } from "../domain/run.ts";
import type { Queryable } from "./database.ts";
import { heavyQuery } from "./pool.ts";

/** Reads, as an `Erasure`, the event with which a run was erased; `runId` is SQL. */
export function erasureOf(runId: string): string {
  return `
    (select json_build_object('atEpochMs', e.at_epoch_ms, 'by', e.detail::json ->> 'by', 'reason', e.detail::json ->> 'reason')
       from jejakekal.erasure x
       join jejakekal.run_event e on e.run_id = x.run_id and e.seq = x.seq
      where x.run_id = ${runId})`;
}

/** Deletes the bytes that only erased runs have. False when the run was erased before. */
export async function eraseRun(
  db: Queryable,
  { runId, node, detail }: Omit<NewEvent, "kind">,
): Promise<boolean> {
  const { rows } = await db.query<{ erased: boolean }>(
    heavyQuery("select jejakekal.erase_run($1, $2, $3) as erased", [runId, node, canonicalJson(detail)]),
  );
  return rows[0]?.erased ?? false;
}

export async function isErased(db: Queryable, runId: string): Promise<boolean> {
  const { rows } = await db.query<{ erased: boolean }>({
    name: "is-erased",
    text: "select jejakekal.is_erased($1) as erased",
    values: [runId],
  });
  return rows[0]?.erased ?? false;
}

/** A run that has ended, or was imported, longer ago than the retention time. */
export type ExpiredRun = Readonly<{ runId: string; endedAtEpochMs: number; bytes: number }>;

/** The runs that ended or were imported at least `ageMs` ago and are not erased, oldest first. */
export async function listExpiredRuns(
  db: Queryable,
  ageMs: number,
  limit: number,
): Promise<readonly ExpiredRun[]> {
  const { rows } = await db.query<ExpiredRun>({
    name: "list-expired-runs",
    text: `
      with ended as (
        select r.run_id, coalesce(w.completed_at, w.updated_at)::float8 as ended_at
          from jejakekal.run r
          join dbos.workflow_status w on w.workflow_uuid = r.run_id
         where w.status = any ($1)
         union all
        select i.run_id, extract(epoch from i.imported_at)::float8 * 1000 from jejakekal.imported_run i
      )
      select run_id as "runId", floor(ended_at) as "endedAtEpochMs",
             (select coalesce(sum(a.bytes), 0)::float8 from jejakekal.artifact a where a.run_id = ended.run_id) as bytes
        from ended
       where ended_at <= jejakekal.now_epoch_ms() - $2::float8
         and not exists (select from jejakekal.erasure e where e.run_id = ended.run_id)
       order by ended_at, run_id
       limit $3`,
    values: [[...dbosStatusesOf("done"), ...dbosStatusesOf("error")], ageMs, limit],
  });
  return rows;
}
