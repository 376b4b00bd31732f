import { formatBytes } from "./format.ts";
import type { AttachmentView, RunView } from "./run-view.ts";

const REASONS: Readonly<Record<string, string>> = {
  empty: "is empty",
  not_readable: "is of no format that is read",
  nested: "holds too many mails within each other",
  limit: "is beyond what one mail may start",
  run_id_taken: "has the run id of another document",
};

/** The type and the size of an attachment, and where it has no run, why. */
export function attachmentNote({
  media_type,
  bytes,
  reason,
  run_id,
  status,
  erased,
}: AttachmentView): string {
  const about = `${media_type.split(";", 1)[0]}, ${formatBytes(bytes)}`;
  if (reason !== null) return `${about} · no run: it ${REASONS[reason] ?? reason}`;
  if (erased) return `${about} · erased`;
  return run_id !== null && status === null ? `${about} · its run is not here` : about;
}

/** Whether the run of an attachment is still running. */
export function isWaitingForAttachments({ header: { attachments } }: Pick<RunView, "header">): boolean {
  return (attachments?.list ?? []).some(({ status }) => status === "running");
}
