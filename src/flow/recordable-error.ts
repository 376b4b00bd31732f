import { failureCodeOf } from "../domain/failure-code.ts";
import { isRunFailureCode, RunFailure } from "../failure.ts";

/** The error that DBOS records, for everyone who may read the run: a code of ours. The cause is in the log only. */
export function recordableError(error: unknown): Error {
  const code = failureCodeOf(error);
  if (!isRunFailureCode(code))
    return Object.assign(new Error("The step failed."), { name: "StepFailure", code });
  return new RunFailure(code, { isTransient: error instanceof RunFailure && error.isTransient });
}
