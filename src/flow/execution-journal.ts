import { failureCodeOf } from "../domain/failure-code.ts";
import type { NewEvent } from "../domain/journal.ts";
import type { WorkflowExecution } from "../engine/index.ts";
import type { Log } from "../log.ts";
import { appendEventOnce, type Executor, type Store } from "../store/index.ts";
import { retryOutages } from "./outage.ts";

/** What an execution writes into the journal of its run. */
export type ExecutionJournal = Readonly<{
  /** `started` or `recovered`. */
  begin(): Promise<void>;
  /** `attempt_failed` */
  attemptFailed(step: string, attempt: number, error: unknown): Promise<void>;
  /** `finished`, unless the journal has it since the run was last cancelled or resumed. */
  end(event: NewEvent): Promise<void>;
  /** `finished` with the code of the error that the execution is about to throw; committed with DBOS's record of the failure. */
  failWith(error: unknown): void;
}>;

export type ExecutionJournalDeps = Readonly<{
  store: Pick<Store, "beginExecution" | "appendExecutionEvent" | "whenAvailable">;
  log: Pick<Log, "eventLost" | "eventOfLostExecution">;
  /** The name of this node. */
  node: string;
}>;

/**
 * The journal describes the run and decides nothing: an event that cannot be written is logged, and the run continues. An execution
 * that the run no longer belongs to, because it was cancelled or recovered by another node, writes nothing any more.
 */
export function createExecutionJournal(
  { store, log, node }: ExecutionJournalDeps,
  { runId, ownerToken, joinFailure }: WorkflowExecution,
): ExecutionJournal {
  const executor: Executor = { runId, ownerToken, node };
  const write = async (kind: NewEvent["kind"], append: () => Promise<boolean>) => {
    try {
      const isWritten = await retryOutages(store, append);
      if (!isWritten) log.eventOfLostExecution({ runId, kind });
    } catch (error) {
      log.eventLost({ runId, kind, error });
    }
  };
  return {
    begin: () => write("started", () => store.beginExecution(executor)),
    attemptFailed: (step, attempt, error) => {
      const detail = { step, attempt, code: failureCodeOf(error) };
      return write("attempt_failed", () =>
        store.appendExecutionEvent(executor, { kind: "attempt_failed", detail, once: false }),
      );
    },
    end: ({ kind, detail }) =>
      write(kind, () => store.appendExecutionEvent(executor, { kind, detail, once: true })),
    failWith(error) {
      const detail = { status: "error", code: failureCodeOf(error) };
      const event: NewEvent = { runId, kind: "finished", node, detail };
      joinFailure(
        (db) => appendEventOnce(db, event),
        (lost) => log.eventLost({ runId, kind: event.kind, error: lost }),
      );
    },
  };
}
