import type { StoredArtifact } from "../domain/artifact.ts";
import { type AttachmentOrigin, attachmentsOf } from "../domain/attachment.ts";
import type { RunEvent } from "../domain/journal.ts";
import type { Erasure, ImportOrigin, RunRecord } from "../domain/run-record.ts";
import { insertImportedArtifact, SELECT_ARTIFACT } from "./artifacts.ts";
import { attachmentOriginOf } from "./attachments.ts";
import type { Database, Queryable } from "./database.ts";
import { erasureOf } from "./erasures.ts";
import { sizedQuery } from "./pool.ts";
import { sentBytes, withSentBytes } from "./sent-bytes.ts";

/** A file of the bundle of an imported run; its bytes are a blob. */
export type ImportedFile = Readonly<{ path: string; sha256: string; size: number }>;

/** A run that was read from a bundle, with all files of the bundle. */
export type RunToImport = Readonly<{
  record: RunRecord;
  events: readonly RunEvent[];
  /** `read` returns the bytes of a file. */
  files: readonly (ImportedFile & Readonly<{ read(): Uint8Array }>)[];
  origin: Omit<ImportOrigin, "atEpochMs">;
}>;

/** Stores an imported run, in one transaction. False when the run id is taken; then nothing is stored. */
export function insertImportedRun(database: Database, run: RunToImport): Promise<boolean> {
  return database
    .transaction(async (client) => {
      const { record, events, files } = run;
      const runId = record.workflow.workflow_uuid;
      if (await isClaimed(client, runId)) return false;
      for (const { sha256, read } of files.toSorted(bySha256)) {
        const bytes = read();
        await client.query("select jejakekal.hold_blob($1, $2)", [runId, sha256]);
        const put = sizedQuery(bytes.length, { name: "put-blob", text: PUT_BLOB });
        await withSentBytes(client, bytes, (sent) => client.query({ ...put, values: [sha256, ...sent] }));
      }
      if (!(await claim(client, record))) throw new ClaimedMeanwhile();
      for (const artifact of record.artifacts) await insertImportedArtifact(client, artifact);
      for (const event of events) await insertEvent(client, runId, event);
      await insertOrigin(client, run);
      for (const { path, sha256, size } of files) {
        await client.query({
          name: "put-imported-file",
          text: "insert into jejakekal.imported_file (run_id, path, sha256, bytes) values ($1, $2, $3, $4)",
          values: [runId, path, sha256, size],
        });
      }
      return true;
    })
    .catch((error: unknown) => {
      if (error instanceof ClaimedMeanwhile) return false;
      throw error;
    });
}

const PUT_BLOB = `
  insert into jejakekal.blob (sha256, bytes) values ($1, ${sentBytes("$2", "$3")})
  on conflict (sha256) do nothing`;

/** The order in which every transaction takes the locks of blobs. */
function bySha256(a: ImportedFile, b: ImportedFile): number {
  return a.sha256 < b.sha256 ? -1 : 1;
}

/** Another transaction claimed the id after this one had begun; the error rolls this one back. */
class ClaimedMeanwhile extends Error {}

async function isClaimed(db: Queryable, runId: string): Promise<boolean> {
  const { rows } = await db.query({
    name: "is-claimed",
    text: `select from jejakekal.run where run_id = $1
           union all select from dbos.workflow_status where workflow_uuid = $1`,
    values: [runId],
  });
  return rows.length > 0;
}

/** The claim and the command `/import`. The parent of a fork need not be here, so the claim does not name it. */
async function claim(db: Queryable, { workflow, request, artifacts }: RunRecord): Promise<boolean> {
  const { rows } = await db.query({
    name: "claim-imported-run",
    text: `
      with claimed as (
        insert into jejakekal.run (run_id, intent, args, payload_sha256, source_sha256, sleep_ms)
        values ($1, $2, $3, $4, $5, $6) on conflict (run_id) do nothing
        returning run_id
      )
      insert into jejakekal.chat_event (cmd, args, run_id)
      select '/import', $3, run_id from claimed
      returning run_id`,
    values: [
      workflow.workflow_uuid,
      request.intent,
      request.args,
      request.payload_sha256,
      artifacts.find(({ type }) => type === "raw")?.sha256 ?? null,
      request.sleep_ms,
    ],
  });
  return rows.length > 0;
}

async function insertEvent(db: Queryable, runId: string, event: RunEvent): Promise<void> {
  const { seq, atEpochMs, kind, node, detail, prevSha256, sha256 } = event;
  await db.query({
    name: "put-imported-event",
    text: `
      insert into jejakekal.run_event (run_id, seq, at_epoch_ms, kind, node, detail, prev_sha256, sha256)
      values ($1, $2, $3, $4, $5, $6, $7, $8)`,
    values: [runId, seq, atEpochMs, kind, node, detail, prevSha256, sha256],
  });
}

async function insertOrigin(db: Queryable, { record, origin }: RunToImport): Promise<void> {
  const { workflow, operations, request, effects } = record;
  await db.query({
    name: "put-imported-run",
    text: `
      insert into jejakekal.imported_run (run_id, bundle_sha256, key_id, started_at_epoch_ms, record)
      values ($1, $2, $3, $4, $5)`,
    values: [
      workflow.workflow_uuid,
      origin.bundleSha256,
      origin.keyId,
      workflow.created_at,
      JSON.stringify({ workflow, operations, request, effects }),
    ],
  });
}

/** An imported run, from one statement; null when there is none of this id. */
export async function findImportedRun(db: Queryable, runId: string): Promise<RunRecord | null> {
  const { rows } = await db.query<{
    record: Omit<RunRecord, "artifacts" | "imported" | "erased" | "attachmentOf" | "attachments">;
    imported: ImportOrigin;
    artifacts: readonly StoredArtifact[] | null;
    erased: Erasure | null;
    attachmentOf: AttachmentOrigin | null;
  }>({
    name: "find-imported-run",
    text: `
      select i.record,
             json_build_object(
               'bundleSha256', i.bundle_sha256, 'keyId', i.key_id,
               'atEpochMs', floor(extract(epoch from i.imported_at) * 1000)) as imported,
             (select json_agg(to_json(artifacts) order by artifacts."producerFunctionId")
                from (${SELECT_ARTIFACT} where a.run_id = i.run_id) artifacts) as artifacts,
             ${erasureOf("i.run_id")} as erased,
             ${attachmentOriginOf("i.run_id")} as "attachmentOf"
        from jejakekal.imported_run i
       where i.run_id = $1`,
    values: [runId],
  });
  const row = rows[0];
  return row === undefined
    ? null
    : {
        ...row.record,
        imported: row.imported,
        artifacts: row.artifacts ?? [],
        erased: row.erased,
        attachmentOf: row.attachmentOf,
        attachments: attachmentsOf(row.record.operations),
      };
}

export async function isImported(db: Queryable, runId: string): Promise<boolean> {
  const { rows } = await db.query({
    name: "is-imported",
    text: "select from jejakekal.imported_run where run_id = $1",
    values: [runId],
  });
  return rows.length > 0;
}

/** The files of the bundle of an imported run, in the order of their names. */
export async function listImportedFiles(db: Queryable, runId: string): Promise<readonly ImportedFile[]> {
  const { rows } = await db.query<ImportedFile>({
    name: "list-imported-files",
    text: `
      select path, sha256, bytes::float8 as size
        from jejakekal.imported_file
       where run_id = $1
       order by path collate "C"`,
    values: [runId],
  });
  return rows;
}
