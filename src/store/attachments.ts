import type { RunRecord } from "../domain/run-record.ts";
import type { Queryable } from "./database.ts";

/**
 * The origin that the event `accepted` of a run tells, as an `AttachmentOrigin`; `runId` is SQL. Keys of a detail are sorted, so this
 * one comes first, and only such a detail is parsed.
 */
export function attachmentOriginOf(runId: string): string {
  return `
    (select json_build_object('runId', e.detail::json #>> '{attachment_of,run_id}',
                              'n', (e.detail::json #>> '{attachment_of,n}')::integer)
       from jejakekal.run_event e
      where e.run_id = ${runId} and e.seq = 0 and e.detail like '{"attachment_of":{%')`;
}

/** The record of a mail with the state of each run of an attachment; any other record as it is. */
export async function withAttachmentStates(db: Queryable, record: RunRecord): Promise<RunRecord> {
  const { attachments } = record;
  const runIds = attachments?.list.flatMap(({ run_id }) => run_id ?? []) ?? [];
  if (attachments === null || runIds.length === 0) return record;
  const { rows } = await db.query<{ runId: string; dbosStatus: string; isErased: boolean }>({
    name: "list-attachment-states",
    text: `
      select r.run_id as "runId", coalesce(w.status, i.record #>> '{workflow,status}') as "dbosStatus",
             jejakekal.is_erased(r.run_id) as "isErased"
        from jejakekal.run r
        left join dbos.workflow_status w on w.workflow_uuid = r.run_id
        left join jejakekal.imported_run i on i.run_id = r.run_id
       where r.run_id = any ($1)`,
    values: [runIds],
  });
  return { ...record, attachments: { ...attachments, states: new Map(rows.map((row) => [row.runId, row])) } };
}
