import { setImmediate as nextTurn } from "node:timers/promises";
import { type Attachment, extractAttachment } from "../document/index.ts";
import {
  attachmentRunId,
  MAX_LISTED_WITHOUT_RUN,
  type RecordedAttachment,
  type RecordedAttachments,
} from "../domain/attachment.ts";
import type { StartCommand } from "../domain/command.ts";
import { enqueueWorkflow, type Write } from "../engine/index.ts";
import { claimRun, findStarter } from "../store/index.ts";
import { DOCUMENT_RUN, isToStart } from "./run-start.ts";
import { createStartCommand } from "./start-command.ts";

type Start = Readonly<{ n: number; runId: string; command: StartCommand }>;

/**
 * Prepares the write that starts the runs of a mail's attachments, for the transaction that records the step `docir` of the mail.
 * Each start is the claim and the workflow, as in `startRun`. Repeated, it starts nothing twice: the ids follow from that of the mail.
 * The limit of running runs does not refuse them: the mail was accepted, and its attachments are few.
 * @param mail the bytes of the mail
 * @returns what the record of the step is to say
 */
export async function prepareAttachmentRuns(
  { runId, node }: Readonly<{ runId: string; node: string }>,
  mail: Uint8Array,
  attachments: readonly Attachment[],
): Promise<Write<RecordedAttachments>> {
  const starts: Start[] = [];
  for (const attachment of attachments) {
    if (attachment.leftOut !== undefined || attachment.sameAs !== undefined) continue;
    // Decoding and hashing take milliseconds for each megabyte; requests are answered in between.
    await nextTurn();
    starts.push(prepareStart(runId, mail, attachment));
  }
  starts.sort(bySha256);
  return async (db) => {
    const by = await findStarter(db, runId);
    const taken = new Set<number>();
    for (const { n, runId: childId, command } of starts) {
      const claim = await claimRun(db, childId, { ...command, ...(by === null ? {} : { by }) }, node);
      if (isToStart(claim, command)) {
        const input = { args: command.args, sleepMs: command.sleepMs };
        await enqueueWorkflow(db, { runId: childId, workflowName: DOCUMENT_RUN, input });
      } else if (claim.payloadSha256 !== command.payloadSha256) taken.add(n);
    }
    const recorded = attachments.map((attachment) => recordOf(runId, attachment, taken));
    const unlisted = new Set(recorded.filter(({ run_id }) => run_id === null).slice(MAX_LISTED_WITHOUT_RUN));
    return {
      started_by: runId,
      total: attachments.length,
      list: recorded.filter((attachment) => !unlisted.has(attachment)),
    };
  };
}

function prepareStart(runId: string, mail: Uint8Array, attachment: Attachment): Start {
  const origin = { runId, n: attachment.n };
  const document = {
    bytes: extractAttachment(mail, attachment),
    mediaType: attachment.mediaType,
    filename: attachment.name,
  };
  const command = { ...createStartCommand(document, {}), cmd: "/attachment" as const, attachmentOf: origin };
  return { n: attachment.n, runId: attachmentRunId(origin), command };
}

/** The order in which every transaction takes the locks of blobs. */
function bySha256({ command: { args: a } }: Start, { command: { args: b } }: Start): number {
  return a.source_sha256 < b.source_sha256 ? -1 : 1;
}

function recordOf(
  runId: string,
  { n, name, mediaType, bytes, sha256, sameAs, leftOut }: Attachment,
  taken: ReadonlySet<number>,
): RecordedAttachment {
  const first = sameAs ?? n;
  const reason = leftOut ?? (taken.has(first) ? "run_id_taken" : null);
  return {
    n,
    run_id: reason === null ? attachmentRunId({ runId, n: first }) : null,
    reason,
    filename: name ?? null,
    media_type: mediaType,
    bytes,
    sha256,
  };
}
