import { decode, parseMediaType } from "../document/index.ts";
import type { CommandRecord } from "../domain/command-record.ts";
import { dbosStatusesOf } from "../domain/run.ts";
import type { CommandQuery } from "../domain/run-reader.ts";
import { containing, type Queryable } from "./database.ts";

/** The bytes of a document's beginning that one line of the list can show. */
const PREVIEW_BYTES = 160;

/** A larger document has no preview: its bytes are shown only if all of them match their hash, which takes time. */
const MAX_PREVIEWED_BYTES = 64 * 1_024;

/**
 * Commands with the runs that they started, newest first. The start of each document is a slice of its stored bytes; null where
 * they are missing or altered. A slice may end inside a character.
 */
export async function listCommands(db: Queryable, query: CommandQuery): Promise<readonly CommandRecord[]> {
  const { rows } = await db.query<LedgerRow>({
    name: "list-commands",
    text: `
      select c.id::float8 as id, c.cmd, c.args, c.run_id as "runId",
             floor(extract(epoch from c.created_at) * 1000)::float8 as "createdAtEpochMs",
             coalesce(w.status, i.record #>> '{workflow,status}') as "dbosStatus",
             coalesce(w.updated_at::float8, (i.record #>> '{workflow,updated_at}')::float8) as "updatedAtEpochMs",
             coalesce(w.created_at, i.started_at_epoch_ms)::float8 as "startedAtEpochMs",
             coalesce(w.completed_at::float8, (i.record #>> '{workflow,completed_at}')::float8) as "completedAtEpochMs",
             coalesce(w.recovery_attempts::float8, (i.record #>> '{workflow,recovery_attempts}')::float8) as "recoveryAttempts",
             coalesce(w.forked_from, i.record #>> '{workflow,forked_from}') as "forkedFrom", a.title,
             coalesce(json_array_length(i.record -> 'operations'),
                      (select count(*)::int from dbos.operation_outputs o where o.workflow_uuid = c.run_id)) as steps,
             (select substring(b.bytes from 1 for $6) from jejakekal.blob b
               where b.sha256 = r.source_sha256 and octet_length(b.bytes) <= $7
                 and encode(sha256(b.bytes), 'hex') = b.sha256) as head
        from jejakekal.chat_event c
        join jejakekal.run r on r.run_id = c.run_id
        left join dbos.workflow_status w on w.workflow_uuid = c.run_id
        left join jejakekal.imported_run i on i.run_id = c.run_id
        left join jejakekal.artifact a on a.run_id = c.run_id and a.type = 'docir'
       where ($1::text[] is null or (coalesce(w.status, i.record #>> '{workflow,status}', '') = any ($1)) = $2)
         and ($3::text is null or c.run_id ilike $3 or c.cmd ilike $3 or c.args ->> 'filename' ilike $3 or a.title ilike $3)
         and ($4::bigint is null or c.id < $4)
       order by c.id desc
       limit $5`,
    values: [
      query.status === undefined ? null : dbosStatusesOf(query.status),
      query.status !== "unknown",
      query.text === undefined ? null : containing(query.text),
      query.before ?? null,
      query.limit,
      PREVIEW_BYTES,
      MAX_PREVIEWED_BYTES,
    ],
  });
  return rows.map(({ head, ...line }) => ({ ...line, preview: previewOf(head, line.args) }));
}

type LedgerRow = Omit<CommandRecord, "preview"> & Readonly<{ head: Uint8Array | null }>;

/** The beginning of a text on one line; null for bytes that are not text. */
function previewOf(head: Uint8Array | null, args: Readonly<Record<string, unknown>>): string | null {
  const { essence, charset } = parseMediaType(String(args.media_type ?? ""));
  if (head === null || !essence.startsWith("text/")) return null;
  return textOf(head, charset)
    .replaceAll(/[\s\p{Cc}]+/gu, " ")
    .trim();
}

/** Decodes as the readers do, except that an incomplete UTF-8 character at the end is left out. */
function textOf(head: Uint8Array, charset = ""): string {
  if (/^(?:utf-?(?:16|32)|ucs-?2)/i.test(charset)) return decode(head, charset).text;
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(head, { stream: true });
  } catch {
    return decode(head, charset).text;
  }
}
