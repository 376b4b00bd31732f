/** The result of one check, in words. `todo` says what to do when it failed. */
export type Check = Readonly<{
  check: string;
  result: "passed" | "failed" | "skipped";
  /** One line without the name of the check. */
  says: string;
  todo: string | null;
}>;

export function passed(check: string, says: string): Check {
  return { check, result: "passed", says, todo: null };
}

export function failed(check: string, says: string, todo: string): Check {
  return { check, result: "failed", says, todo };
}

/** A check that could not be made, or that does not apply. */
export function skipped(check: string, says: string): Check {
  return { check, result: "skipped", says, todo: null };
}

/**
 * A message of the form `what is wrong: what to do.` as a failed check.
 * @param otherwise what to do when the message does not say it
 */
export function failedAs(check: string, message: string, otherwise: string): Check {
  const end = message.lastIndexOf(": ");
  const [says, todo] = end === -1 ? [message, otherwise] : [message.slice(0, end), message.slice(end + 2)];
  return failed(check, says.replace(/\.$/, ""), todo.replace(/\.$/, ""));
}
