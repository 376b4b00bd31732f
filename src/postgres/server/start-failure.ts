import { codeOf } from "../../error-code.ts";
import { StartFailure } from "../../failure.ts";

/**
 * Turns what the file system or a Postgres tool said about `folder` into the one line that an operator can act on.
 * A `StartFailure` passes through; what is not recognised keeps its own words.
 */
export function explain(error: unknown, folder: string): StartFailure {
  if (error instanceof StartFailure) return error;
  const words = error instanceof Error ? error.message : String(error);
  return new StartFailure(lineFor(codeOf(error) ?? "", words, folder), { cause: error });
}

function lineFor(code: string, words: string, folder: string): string {
  const says = (errno: string, text: RegExp) => code === errno || text.test(words);
  if (
    says("ENOSPC", /no space left on device|wrote only \d+ of \d+ bytes/i) ||
    says("EDQUOT", /quota exceeded/i)
  ) {
    return `The disk under ${folder} is full: free some space (Postgres needs about 110 MB), or set JEJAKEKAL_HOME to another disk.`;
  }
  if (says("EROFS", /read-only file system/i)) {
    return `The folder ${folder} is on a read-only file system: make it writable, or set JEJAKEKAL_HOME to another folder.`;
  }
  if (says("EACCES", /permission denied/i) || code === "EPERM") {
    return `The folder ${folder} is not writable for this user: change its owner or mode, or set JEJAKEKAL_HOME to another folder.`;
  }
  if (code === "ENOENT" && /\bmkdir\b/.test(words)) {
    return `The folder ${folder} cannot be made: set JEJAKEKAL_HOME to another folder.`;
  }
  if (code === "ENOTDIR" || code === "EEXIST") {
    return `The path ${folder} leads through something that is not a folder: move that away, or set JEJAKEKAL_HOME to another folder.`;
  }
  return `The embedded Postgres in ${folder} cannot start: ${firstLine(words)}`;
}

/** Without the time and process id that Postgres puts before a line of its log. */
function firstLine(words: string): string {
  const [line = ""] = words.trim().split("\n", 1);
  return line.replace(/^\d{4}-\S+ \S+ \S+ \[\d+\] /, "");
}
