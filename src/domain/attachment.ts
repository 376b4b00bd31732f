import { z } from "zod";
import { derivedId } from "./derived-id.ts";
import { isRecord, readSerialized } from "./serialized.ts";

/** What the record of the step `docir` says of one attachment of a mail: its run, or why it has none. */
const attachmentSchema = z.object({
  /** Its number in the mail, from 1. */
  n: z.int().min(1),
  /** Null when it has no run. */
  run_id: z.string().nullable(),
  /** Why it has no run: see `leftOut` of the docir; `run_id_taken` when another payload had its id. Null when it has one. */
  reason: z.string().nullable(),
  filename: z.string().nullable(),
  media_type: z.string(),
  bytes: z.int().nonnegative(),
  /** Of its decoded content, which is the document of its run. */
  sha256: z.string(),
});

const attachmentsSchema = z.object({
  /** The run whose step started the runs: that of the record, or the one from which a fork has the record. */
  started_by: z.string(),
  /** How many attachments the mail has; `list` may have fewer. */
  total: z.int().nonnegative(),
  list: z.array(attachmentSchema),
});

export type RecordedAttachment = z.infer<typeof attachmentSchema>;
export type RecordedAttachments = z.infer<typeof attachmentsSchema>;

/** The attachments of a mail, and what is known here of their runs. */
export type StoredAttachments = RecordedAttachments &
  Readonly<{ states: ReadonlyMap<string, Readonly<{ dbosStatus: string; isErased: boolean }>> }>;

/** Of which mail a document was an attachment: the run of the mail, and the number in it. */
export type AttachmentOrigin = Readonly<{ runId: string; n: number }>;

/** Attachments without a run that the record of the step names, beside those with one. The docir has them all. */
export const MAX_LISTED_WITHOUT_RUN = 100;

/** The id of the run of an attachment. It follows from that of the mail, so no repetition of the step starts another one. */
export function attachmentRunId({ runId, n }: AttachmentOrigin): string {
  return derivedId({ attachment: n, of_run: runId });
}

/** What DBOS recorded of a step; `output` is text as DBOS serialised it. */
type StepOutput = Readonly<{ function_name: string; output: string | null }>;

/** The attachments that the steps of a run recorded; null for a run of another document, and where the record was damaged by hand. */
export function recordedAttachmentsIn(operations: readonly StepOutput[]): RecordedAttachments | null {
  const step = operations.find(({ function_name }) => function_name === "docir");
  const output = readSerialized(step?.output ?? null);
  if (!isRecord(output) || output.attachments === undefined) return null;
  return attachmentsSchema.safeParse(output.attachments).data ?? null;
}

/** The same for the record of a run; `states` are read where runs can be looked up. */
export function attachmentsOf(operations: readonly StepOutput[]): StoredAttachments | null {
  const recorded = recordedAttachmentsIn(operations);
  return recorded === null ? null : { ...recorded, states: new Map() };
}

/** The origin that the event `accepted` of a run tells. */
export function attachmentOriginIn(detail: unknown): AttachmentOrigin | null {
  const origin = isRecord(detail) ? detail.attachment_of : undefined;
  if (!isRecord(origin) || typeof origin.run_id !== "string" || typeof origin.n !== "number") return null;
  return { runId: origin.run_id, n: origin.n };
}
