import { setImmediate as nextTurn } from "node:timers/promises";
import type { DocArgs } from "../domain/command.ts";
import type { NewEvent } from "../domain/journal.ts";
import {
  type EnginePools,
  endsExecutionOnly,
  isEngineError,
  type RegisteredWorkflow,
  type RetryPolicy,
  registerWorkflow,
  type StepAttempt,
  type WorkflowExecution,
} from "../engine/index.ts";
import { Failure, isRunFailureCode, RunFailure } from "../failure.ts";
import type { Log } from "../log.ts";
import { type Store, withTypedOutage } from "../store/index.ts";
import type { DrainGate } from "./drain.ts";
import * as steps from "./steps.ts";

const WORKFLOW_NAME = "documentRun";

/** The input of the workflow as DBOS stores it: hashes and names, never the text. */
export type DocumentRunInput = Readonly<{ args: DocArgs; sleepMs: number }>;

export type DocumentRun = RegisteredWorkflow<DocumentRunInput, steps.FinalOutput>;

export type DocumentRunDeps = Readonly<{
  pools: EnginePools;
  steps: steps.StepDeps;
  store: Pick<Store, "beginExecution" | "appendEvent" | "appendEventOnce" | "findOwner" | "whenAvailable">;
  drain: DrainGate;
  log: Log;
}>;

/** A RunFailure is final unless it says that it is transient; everything else is tried again. */
const shouldRetry = (error: unknown) => !(error instanceof RunFailure) || error.isTransient;

/** Five attempts within 4 s. */
const RETRY: RetryPolicy = { maxAttempts: 5, intervalSeconds: 0.1, backoffRate: 3, shouldRetry };

/** Eight attempts within about a minute, in which a receiver can restart. */
const EFFECT_RETRY: RetryPolicy = { maxAttempts: 8, intervalSeconds: 0.5, backoffRate: 2, shouldRetry };

/**
 * Registers the run of a document. The order of the steps is the order of their function ids, by which recorded runs are replayed:
 * a new step goes to the end, or comes with a new application version.
 */
export function registerDocumentRun(deps: DocumentRunDeps): DocumentRun {
  return registerWorkflow(
    WORKFLOW_NAME,
    deps.pools,
    async (execution, { args, sleepMs }: DocumentRunInput) => {
      const { runId } = execution;
      // Yields, so that the 202 is sent before the first step runs.
      await nextTurn();
      const { step, ranHere } = createStepRunner(deps, execution);
      try {
        const raw = await step("prepare", RETRY, () => steps.prepare(deps.steps, runId, args));
        // The first step writes the journal's event of the begin. An execution that finds the step recorded writes its own.
        if (!ranHere("prepare")) await noteBegin(deps, runId);
        await execution.sleep(sleepMs);
        await assertStillOwned(deps, execution);
        const docir = await step("docir", RETRY, () => steps.deriveDocIR(deps.steps, runId, args, raw));
        const index = await step("chunk-index", RETRY, () =>
          steps.deriveChunkIndex(deps.steps, runId, args, docir),
        );
        const memo = await step("memo", RETRY, () => steps.deriveMemo(deps.steps, runId, args, docir, index));
        const made = [raw, docir, index, memo];
        await step("side-effect", EFFECT_RETRY, () => steps.performSideEffect(deps.steps, runId, made));
        const output = await step("finalize", RETRY, () => steps.finalize(deps.steps, runId, made));
        // Likewise for the event of the end: the run may have been cancelled and resumed since `finalize` was recorded.
        if (!ranHere("finalize")) await noteEnd(deps, steps.endOf(deps.steps, runId, output));
        deps.log.runFinished({ runId });
        return output;
      } catch (error) {
        if (!endsExecutionOnly(error) && !deps.drain.isClosed()) await noteFailure(deps, runId, error);
        throw isEngineError(error) ? error : recordableError(error);
      }
    },
  );
}

type Work<Output> = () => Promise<steps.StepResult<Output>>;

/**
 * Runs steps until the drain gate closes. What the last attempt writes and DBOS's record of the step are one transaction.
 * `ranHere`: whether this execution ran the step, as opposed to finding it recorded.
 */
function createStepRunner(deps: DocumentRunDeps, execution: WorkflowExecution) {
  const ran = new Set<string>();
  const step = <Output extends object>(name: string, retry: RetryPolicy, work: Work<Output>) =>
    deps.drain.run(() =>
      execution.runStep(name, retry, (attempt) => {
        ran.add(name);
        return runAttempt(deps, { runId: execution.runId, step: name }, work, attempt);
      }),
    );
  return { step, ranHere: (name: string) => ran.has(name) };
}

type StepName = Readonly<{ runId: string; step: string }>;

/** The output carries the number of the attempt, which DBOS does not store. */
async function runAttempt<Output extends object>(
  deps: DocumentRunDeps,
  name: StepName,
  work: Work<Output>,
  { number, join }: StepAttempt,
): Promise<Output & { attempt: number }> {
  try {
    const { output, write } = await work();
    if (write !== undefined) await withTypedOutage(() => join(write));
    return { ...output, attempt: number };
  } catch (error) {
    await reportFailure(deps, { ...name, attempt: number }, error);
    throw recordableError(error);
  }
}

async function reportFailure(
  { steps: { node }, store, log }: DocumentRunDeps,
  { runId, step, attempt }: StepName & { attempt: number },
  error: unknown,
): Promise<void> {
  log.stepAttemptFailed({ runId, step, attempt, error });
  // An outage costs one attempt, however long it is: further attempts would fail while it lasts.
  if (isOutage(error)) await store.whenAvailable();
  const detail = { step, attempt, code: codeOf(error) };
  const event: NewEvent = { runId, kind: "attempt_failed", node, detail };
  await note({ store, log }, event, () => store.appendEvent(event));
}

/**
 * During the sleep the run may have been cancelled and resumed as another execution, or recovered by another node. DBOS checks the
 * owner when it records a step, which is after the step's work; this checks before.
 */
async function assertStillOwned({ store }: DocumentRunDeps, execution: WorkflowExecution): Promise<void> {
  execution.assertOwner(await retryOutages(store, () => store.findOwner(execution.runId)));
}

/** Calls `query` again after each outage. */
async function retryOutages<Answer>(
  store: Pick<Store, "whenAvailable">,
  query: () => Promise<Answer>,
): Promise<Answer> {
  for (;;) {
    try {
      return await query();
    } catch (error) {
      if (!isOutage(error)) throw error;
      await store.whenAvailable();
    }
  }
}

function noteBegin({ steps: { node }, store, log }: DocumentRunDeps, runId: string): Promise<void> {
  return note({ store, log }, { runId, kind: "started" }, () => store.beginExecution(runId, node));
}

function noteEnd({ store, log }: DocumentRunDeps, end: NewEvent): Promise<void> {
  return note({ store, log }, end, () => store.appendEventOnce(end));
}

async function noteFailure(deps: DocumentRunDeps, runId: string, error: unknown) {
  const { node } = deps.steps;
  deps.log.runFailed({ runId, error });
  const detail = { status: "error", code: codeOf(error) };
  await noteEnd(deps, { runId, kind: "finished", node, detail });
}

/** The journal describes the run and decides nothing: an event that cannot be written is logged, and the run continues. */
async function note(
  { store, log }: Pick<DocumentRunDeps, "store" | "log">,
  { runId, kind }: Pick<NewEvent, "runId" | "kind">,
  write: () => Promise<void>,
): Promise<void> {
  await retryOutages(store, write).catch((error: unknown) => log.eventLost({ runId, kind, error }));
}

function isOutage(error: unknown): boolean {
  return error instanceof Failure && error.code === "database_unavailable";
}

/** The error that DBOS records, for everyone who may read the run: a code of ours. The cause is in the log only. */
function recordableError(error: unknown): Error {
  const code = codeOf(error);
  if (!isRunFailureCode(code))
    return Object.assign(new Error("The step failed."), { name: "StepFailure", code });
  return new RunFailure(code, { isTransient: error instanceof RunFailure && error.isTransient });
}

function codeOf(error: unknown): string {
  const code = (error as { code?: unknown } | null)?.code;
  return isRunFailureCode(code) ? code : "step_failed";
}
