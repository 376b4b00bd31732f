import { Failure } from "../failure.ts";
import type { StartCommand } from "./command.ts";
import { derivedId } from "./derived-id.ts";
import { isRunId } from "./run.ts";

/** The body of a refusal, as the API sent it. */
export type Refusal = Readonly<Record<string, unknown> & { error: string }>;

/** One document of a batch: it started a run, or it was refused. */
export type BatchItem = Readonly<{ filename: string | null; bytes: number | null }> &
  (Readonly<{ runId: string; refusal: null }> | Readonly<{ runId: null; refusal: Refusal }>);

/** An item as it is stored, with the state of its run; every field of the run is null for a refused document. */
export type BatchItemRecord = Readonly<{
  filename: string | null;
  bytes: number | null;
  runId: string | null;
  refusal: Refusal | null;
  dbosStatus: string | null;
  /** The error of the run as DBOS serialised it. */
  error: string | null;
  title: string | null;
  steps: number;
}>;

export type BatchRecord = Readonly<{
  batchId: string;
  createdAtEpochMs: number;
  /** In the order in which they arrived. */
  items: readonly BatchItemRecord[];
}>;

/** Batch ids have the alphabet of run ids. @throws Failure `invalid_batch_id` */
export function parseBatchId(value: string): string {
  if (!isRunId(value)) throw new Failure("invalid_batch_id", { field: "batch_id" });
  return value;
}

/**
 * The id of the run of a document in a batch, in the form of a UUID. The same bytes of the same media type are one run, also under
 * another file name, and a repeated request finds the run of the first.
 */
export function batchRunId(batchId: string, { args }: Pick<StartCommand, "args">): string {
  const { source_sha256, media_type } = args;
  return derivedId({ batch_id: batchId, media_type, source_sha256 });
}
