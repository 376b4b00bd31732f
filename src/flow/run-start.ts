import type { StartCommand } from "../domain/command.ts";
import type { RunClaim } from "../store/index.ts";

/* What every start of a run has in common: that of a request, and that of an attachment of a mail. */

/** How DBOS names the run of a document. It is in every recorded run. */
export const DOCUMENT_RUN = "documentRun";

/**
 * Whether the workflow of a claim is to be started: it is for this payload, and there is none. A claim without a workflow is new, or
 * its workflow was deleted from DBOS; the next command starts it again.
 */
export function isToStart(
  { payloadSha256, isBegun }: RunClaim,
  command: Pick<StartCommand, "payloadSha256">,
): boolean {
  return payloadSha256 === command.payloadSha256 && !isBegun;
}
