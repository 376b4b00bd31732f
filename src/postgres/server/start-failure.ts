import { codeOf } from "../../error-code.ts";
import { StartFailure } from "../../failure.ts";

/**
 * Turns an error of the file system or of a Postgres tool about `folder` into one line that says what to do. A
 * `StartFailure` is returned as it is; the text of an unknown error is kept.
 */
export function toStartFailure(error: unknown, folder: string): StartFailure {
  if (error instanceof StartFailure) return error;
  const message = error instanceof Error ? error.message : String(error);
  return new StartFailure(lineFor(codeOf(error) ?? "", message, folder), { cause: error });
}

function lineFor(code: string, message: string, folder: string): string {
  const is = (errno: string, text: RegExp) => code === errno || text.test(message);
  if (
    is("ENOSPC", /no space left on device|wrote only \d+ of \d+ bytes/i) ||
    is("EDQUOT", /quota exceeded/i)
  ) {
    return `The disk under ${folder} is full: free some space (Postgres needs about 110 MB), or set JEJAKEKAL_HOME to another disk.`;
  }
  if (is("EROFS", /read-only file system/i)) {
    return `The folder ${folder} is on a read-only file system: make it writable, or set JEJAKEKAL_HOME to another folder.`;
  }
  if (is("EACCES", /permission denied/i) || code === "EPERM") {
    return `The folder ${folder} is not writable for this user: change its owner or mode, or set JEJAKEKAL_HOME to another folder.`;
  }
  if (code === "ENOENT" && /\bmkdir\b/.test(message)) {
    return `The folder ${folder} cannot be made: set JEJAKEKAL_HOME to another folder.`;
  }
  if (code === "ENOTDIR" || code === "EEXIST") {
    return `The path ${folder} leads through something that is not a folder: move that away, or set JEJAKEKAL_HOME to another folder.`;
  }
  return `The embedded Postgres in ${folder} cannot start: ${firstLine(message)}`;
}

/** Without the time and process id at the start of a line of Postgres's log. */
function firstLine(message: string): string {
  const [line = ""] = message.trim().split("\n", 1);
  return line.replace(/^\d{4}-\S+ \S+ \S+ \[\d+\] /, "");
}
