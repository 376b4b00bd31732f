import type { BatchItem, BatchItemRecord, BatchRecord } from "../domain/batch.ts";
import type { Queryable } from "./database.ts";

/** Creates a batch; one that exists stays as it is. */
export async function createBatch(db: Queryable, batchId: string): Promise<void> {
  await db.query({
    name: "create-batch",
    text: "insert into jejakekal.batch (batch_id) values ($1) on conflict (batch_id) do nothing",
    values: [batchId],
  });
}

export async function hasBatch(db: Queryable, batchId: string): Promise<boolean> {
  const { rowCount } = await db.query({
    name: "has-batch",
    text: "select from jejakekal.batch where batch_id = $1",
    values: [batchId],
  });
  return rowCount === 1;
}

/** Adds an item. An item with a key that the batch has already is not added again. */
export async function addBatchItem(
  db: Queryable,
  batchId: string,
  itemKey: string | null,
  { filename, bytes, runId, refusal }: BatchItem,
): Promise<void> {
  await db.query({
    name: "add-batch-item",
    text: `
      insert into jejakekal.batch_item (batch_id, item_key, filename, bytes, run_id, refusal)
      values ($1, $2, $3, $4, $5, $6::jsonb)
      on conflict (batch_id, item_key) do nothing`,
    values: [batchId, itemKey, filename, bytes, runId, refusal === null ? null : JSON.stringify(refusal)],
  });
}

/** A batch with its items and the states of their runs, from one statement; null when there is no such batch. */
export async function findBatch(db: Queryable, batchId: string): Promise<BatchRecord | null> {
  const { rows } = await db.query<{ createdAtEpochMs: number; items: BatchItemRecord[] | null }>({
    name: "find-batch",
    text: `
      select floor(extract(epoch from b.created_at) * 1000)::float8 as "createdAtEpochMs",
             (select json_agg(json_build_object(
                       'filename', i.filename, 'bytes', i.bytes, 'runId', i.run_id, 'refusal', i.refusal,
                       'dbosStatus', w.status, 'error', coalesce(p.error, w.error),
                       'title', d.title,
                       'steps', (select count(*) from dbos.operation_outputs o where o.workflow_uuid = i.run_id))
                     order by i.item_id)
                from jejakekal.batch_item i
                left join dbos.workflow_status w on w.workflow_uuid = i.run_id
                left join dbos.workflow_output p on p.workflow_uuid = i.run_id
                left join jejakekal.artifact d on d.run_id = i.run_id and d.type = 'docir'
               where i.batch_id = b.batch_id) as items
        from jejakekal.batch b
       where b.batch_id = $1`,
    values: [batchId],
  });
  const row = rows[0];
  return row === undefined
    ? null
    : { batchId, createdAtEpochMs: row.createdAtEpochMs, items: row.items ?? [] };
}
