import { randomUUID } from "node:crypto";
import { batchRunId, type Refusal } from "../domain/batch.ts";
import type { StartCommand } from "../domain/command.ts";
import { Failure } from "../failure.ts";
import type { Store } from "../store/index.ts";
import type { Kernel } from "./kernel.ts";

type Parts = Readonly<{ kernel: Pick<Kernel, "startRun">; store: Store }>;

/** A document that is sent to a batch. `read` parses it, and throws the failure with which it is refused. */
export type SentDocument = Readonly<{
  /** Adds the document once, however often it is sent. */
  itemKey: string | null;
  filename: string | null;
  bytes: number | null;
  read: () => Promise<StartCommand>;
}>;

export type Accepted = Readonly<{ runId: string; deduplicated: boolean }>;

/** @param batchId chosen by the client, who may repeat the request */
export async function createBatch({ store }: Pick<Parts, "store">, batchId: string = randomUUID()) {
  await store.createBatch(batchId);
  return batchId;
}

/**
 * Starts the run of a document and adds both to the batch. A refused document is added with its refusal, and the failure is thrown.
 * A program that dies between the two leaves a run that the repeated request finds by its id.
 * @throws Failure `batch_not_found`, and those of `read` and of `startRun`
 */
export async function addDocument(
  { kernel, store }: Parts,
  batchId: string,
  { itemKey, filename, bytes, read }: SentDocument,
  refusalOf: (failure: Failure) => Refusal | null,
): Promise<Accepted> {
  if (!(await store.hasBatch(batchId))) throw new Failure("batch_not_found", { batch_id: batchId });
  try {
    const command = await read();
    const accepted = await startInBatch(kernel, batchId, command);
    const item = { filename: command.args.filename ?? filename, bytes: command.source.length };
    await store.addBatchItem(batchId, itemKey, { ...item, runId: accepted.runId, refusal: null });
    return accepted;
  } catch (error) {
    const refusal = error instanceof Failure ? refusalOf(error) : null;
    if (refusal !== null)
      await store.addBatchItem(batchId, itemKey, { filename, bytes, runId: null, refusal });
    throw error;
  }
}

/** The run id stands for the bytes, so a payload that differs is the same document under another file name. */
async function startInBatch(
  kernel: Parts["kernel"],
  batchId: string,
  command: StartCommand,
): Promise<Accepted> {
  const runId = batchRunId(batchId, command);
  try {
    const { deduplicated } = await kernel.startRun({ ...command, workflowId: runId });
    return { runId, deduplicated };
  } catch (error) {
    if (!(error instanceof Failure) || error.code !== "workflow_id_payload_mismatch") throw error;
    return { runId, deduplicated: true };
  }
}
