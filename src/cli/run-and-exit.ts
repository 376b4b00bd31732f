import { explainError } from "./explain-error.ts";
import { watchOutput } from "./output.ts";

/** How long the process may take to end by itself after its output is written. */
const LINGER_MS = 3_000;

/**
 * Calls `run`, which returns the exit code, and ends the process. It ends by itself when its output is written; a run that is
 * asleep would keep it alive, so it is ended after a while. The streams are not ended, because others may use them.
 */
export async function runAndExit(run: () => Promise<number>): Promise<void> {
  const outputWritten = watchOutput();
  // An error outside of any promise, such as a lost connection of DBOS, is reported like the others.
  process.on("uncaughtException", (error) => process.exit(explainError(error)));
  const exitCode = await run();
  process.exitCode = (await outputWritten()) ?? exitCode;
  setTimeout(() => process.exit(), LINGER_MS).unref();
}
