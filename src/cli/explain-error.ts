import { CommanderError } from "commander";
import { codeOf } from "../error-code.ts";
import { Failure, StartFailure } from "../failure.ts";
import { UnreadableBundle } from "../files/unreadable-bundle.ts";
import { failureBody } from "../http/reply.ts";
import { isDatabaseUnavailable } from "../store/outage.ts";
import { BUNDLE_EXIT, EXIT, print, tell } from "./terminal.ts";

/** Reports why the program failed and returns its exit code. A Failure is also printed as JSON, as the API answers it. */
export function explainError(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  if (error instanceof Failure) return explainFailure(error);
  if (error instanceof UnreadableBundle) {
    tell(`jejakekal: ${error.message}`);
    return BUNDLE_EXIT.unreadable;
  }
  tell(`jejakekal: ${lineOf(error)}`);
  return EXIT.failed;
}

/** Failures that are not the caller's. */
const OWN_FAILURES: readonly string[] = ["internal_error", "database_unavailable", "storage_unavailable"];

function explainFailure(failure: Failure): number {
  const { code, message, detail } = failure;
  print(failureBody(failure));
  tell(detail.reason === undefined ? message : `${message} ${detail.field ?? "It"} ${detail.reason}.`);
  return OWN_FAILURES.includes(code) ? EXIT.failed : EXIT.refused;
}

/** One line for what can happen to a host or its database; the stack trace of an error that is a fault of this program. */
function lineOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error instanceof StartFailure) return error.message;
  const [message = ""] = error.message.split("\n", 1);
  const code = codeOf(error) ?? "";
  // insufficient_resources, operator_intervention, io_error
  if (/^(53|57P|58030)/.test(code)) return `The database cannot do this at the moment: ${message}.`;
  if (isDatabaseUnavailable(error)) return `The connection to the database failed: ${message || code}.`;
  if (/^(ENOSPC|EDQUOT|EMFILE|ENFILE|ENOMEM|EIO|EROFS|EACCES)$/.test(code)) return `${message}.`;
  return error.stack ?? error.message;
}
