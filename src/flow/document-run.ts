import { setImmediate as nextTurn } from "node:timers/promises";
import type { DocArgs } from "../domain/command.ts";
import { functionIdOf, SLEEP } from "../domain/run.ts";
import {
  type EnginePools,
  endsExecutionOnly,
  isEngineError,
  type RegisteredWorkflow,
  type RetryPolicy,
  registerWorkflow,
} from "../engine/index.ts";
import { RunFailure } from "../failure.ts";
import type { Log } from "../log.ts";
import type { Store } from "../store/index.ts";
import { createExecutionJournal, type ExecutionJournalDeps } from "./execution-journal.ts";
import type { RunBody, RunSteps } from "./look-ahead.ts";
import { retryOutages } from "./outage.ts";
import { recordableError } from "./recordable-error.ts";
import { DOCUMENT_RUN } from "./run-start.ts";
import { createStepRunner, type StepRunnerDeps } from "./step-runner.ts";
import * as steps from "./steps.ts";

/** The input of the workflow as DBOS stores it: hashes and names, never the text. */
export type DocumentRunInput = Readonly<{ args: DocArgs; sleepMs: number }>;

export type DocumentRun = RegisteredWorkflow<DocumentRunInput, steps.FinalOutput>;

export type DocumentRunDeps = StepRunnerDeps &
  ExecutionJournalDeps &
  Readonly<{
    pools: EnginePools;
    steps: steps.StepDeps;
    store: Pick<Store, "hasStepAfter">;
    /** Has this node take workflows from the queue soon. */
    pollQueue(): void;
    log: Pick<Log, "runFinished" | "runFailed">;
  }>;

/** A RunFailure is final unless it says that it is transient, and so is what DBOS refuses; everything else is tried again. */
const shouldRetry = (error: unknown) =>
  error instanceof RunFailure ? error.isTransient : !isEngineError(error);

/** Five attempts within 4 s. */
const RETRY: RetryPolicy = { maxAttempts: 5, intervalSeconds: 0.1, backoffRate: 3, shouldRetry };

/** Eight attempts within about a minute, in which a receiver can restart. */
const EFFECT_RETRY: RetryPolicy = {
  maxAttempts: 8,
  intervalSeconds: 0.5,
  backoffRate: 2,
  shouldRetry,
};

/**
 * Registers the run of a document. The order of the steps is the order of their function ids, by which recorded runs are replayed:
 * a new step goes to the end, or comes with a new application version.
 */
export function registerDocumentRun(deps: DocumentRunDeps): DocumentRun {
  return registerWorkflow(
    DOCUMENT_RUN,
    deps.pools,
    async (execution, { args, sleepMs }: DocumentRunInput) => {
      const { runId } = execution;
      // Yields, so that the 202 is sent before the first step runs.
      await nextTurn();
      const journal = createExecutionJournal(deps, execution);
      const body: RunBody<steps.FinalOutput> = (run) => workThrough(deps, run, runId, args);
      const { step, ranHere, noteSlept } = createStepRunner(deps, execution, journal, { body, sleepMs });
      const sleep = async () => {
        // The first step writes the journal's event of the begin. An execution that finds the step recorded writes its own.
        if (!ranHere("prepare")) await journal.begin();
        await execution.sleep(ranHere("prepare") ? sleepMs : await remainingSleepMs(deps, runId, sleepMs));
        noteSlept();
      };
      // The runs of attachments wait in the queue from the commit of the step on.
      const pollForAttachments = () => void (ranHere("docir") && deps.pollQueue());
      try {
        const output = await body({ step, sleep, pollForAttachments });
        // Likewise for the event of the end: the run may have been cancelled and resumed since `finalize` was recorded.
        if (!ranHere("finalize")) await journal.end(steps.endOf(deps.steps, runId, output));
        deps.log.runFinished({ runId });
        return output;
      } catch (error) {
        // After the drain the run waits for its recovery: an error of this execution may come from what is closed already.
        await deps.drain.run(async () => undefined);
        if (!endsExecutionOnly(error)) {
          deps.log.runFailed({ runId, error });
          journal.failWith(error);
        }
        throw isEngineError(error) ? error : recordableError(error);
      }
    },
  );
}

/** The steps of a run, in the order of their function ids. */
async function workThrough(
  deps: DocumentRunDeps,
  { step, sleep, pollForAttachments }: RunSteps,
  runId: string,
  args: DocArgs,
): Promise<steps.FinalOutput> {
  const raw = await step("prepare", RETRY, () => steps.prepare(deps.steps, runId, args));
  await sleep();
  const docir = await step("docir", RETRY, (getCancelSignal) =>
    steps.deriveDocIR(deps.steps, runId, args, raw, getCancelSignal),
  );
  if (docir.attachments !== undefined) pollForAttachments();
  const index = await step("chunk-index", RETRY, (getCancelSignal) =>
    steps.deriveChunkIndex(deps.steps, runId, args, docir, getCancelSignal),
  );
  const memo = await step("memo", RETRY, (getCancelSignal) =>
    steps.deriveMemo(deps.steps, runId, args, docir, index, getCancelSignal),
  );
  const made = [raw, docir, index, memo];
  const announcement = steps.announcementOf(deps.steps, runId, made);
  const effectRetry = { ...EFFECT_RETRY, isExternal: !("record" in announcement) };
  await step("side-effect", effectRetry, () =>
    steps.performSideEffect(deps.steps, runId, made, announcement),
  );
  return step("finalize", RETRY, () => steps.finalize(deps.steps, runId, made));
}

/**
 * 0 when the sleep is over because a later step is recorded, for this run or for the run that it was forked from. The system clock
 * may have been set back since then, and DBOS would wait for the recorded moment again.
 */
async function remainingSleepMs({ store }: DocumentRunDeps, runId: string, sleepMs: number): Promise<number> {
  const isOver = await retryOutages(store, () => store.hasStepAfter(runId, functionIdOf(SLEEP)));
  return isOver ? 0 : sleepMs;
}
