import { setImmediate as nextTurn } from "node:timers/promises";
import { DBOS, type StepConfig } from "@dbos-inc/dbos-sdk";
import { currentOwnerXid } from "@dbos-inc/dbos-sdk/internal/context";
import { DBOSWorkflowCancelledError, DBOSWorkflowConflictError } from "@dbos-inc/dbos-sdk/internal/error";
import type { DocArgs } from "../domain/command.ts";
import type { NewEvent } from "../domain/journal.ts";
import { Failure, isRunFailureCode, RunFailure } from "../failure.ts";
import type { Log } from "../log.ts";
import type { JointWriter, Store } from "../store/index.ts";
import type { DrainGate } from "./drain.ts";
import * as steps from "./steps.ts";

export const WORKFLOW_NAME = "documentRun";

/** The workflow's input, as DBOS stores it: hashes and names, never the text. */
export type DocumentRunInput = Readonly<{ args: DocArgs; sleepMs: number }>;

export type DocumentRunDeps = Readonly<{
  steps: steps.StepDeps;
  store: Pick<
    Store,
    "jointly" | "beginExecution" | "appendEvent" | "appendEventOnce" | "findOwner" | "whenAvailable"
  >;
  drain: DrainGate;
  log: Log;
}>;

/** What a step refuses, it refuses for good, unless it says otherwise. */
const shouldRetry = (error: unknown) => !(error instanceof RunFailure) || error.isPassing;

/** What a step runs into may have passed a moment later: 4 s in all. */
const RETRY: StepConfig = {
  retriesAllowed: true,
  maxAttempts: 5,
  intervalSeconds: 0.1,
  backoffRate: 3,
  shouldRetry,
};

/** A receiver that is being restarted is back within a minute. */
const EFFECT_RETRY: StepConfig = {
  retriesAllowed: true,
  maxAttempts: 8,
  intervalSeconds: 0.5,
  backoffRate: 2,
  shouldRetry,
};

/**
 * The run of a document, step by step. The order of these lines is the order of function ids, which recorded runs are
 * replayed against: a new step goes at the end or comes with a new application version.
 */
export function registerDocumentRun(deps: DocumentRunDeps) {
  return DBOS.registerWorkflow(
    async ({ args, sleepMs }: DocumentRunInput): Promise<steps.FinalOutput> => {
      const runId = DBOS.workflowID ?? "";
      // Whoever asked for the run is answered first.
      await nextTurn();
      const { step, wasDoneHere } = stepper(deps, runId);
      try {
        const raw = await step("prepare", RETRY, () => steps.prepare(deps.steps, runId, args));
        // The first step tells the journal that it begins; who finds that step recorded has to say so apart.
        if (!wasDoneHere("prepare")) await noteBegin(deps, runId);
        await DBOS.sleep(sleepMs);
        await stillOwned(deps, runId);
        const docir = await step("docir", RETRY, () => steps.deriveDocIR(deps.steps, runId, args, raw));
        const index = await step("chunk-index", RETRY, () =>
          steps.deriveChunkIndex(deps.steps, runId, args, docir),
        );
        const memo = await step("memo", RETRY, () => steps.deriveMemo(deps.steps, runId, args, docir, index));
        const made = [raw, docir, index, memo];
        await step("side-effect", EFFECT_RETRY, () => steps.performSideEffect(deps.steps, runId, made));
        const output = await step("finalize", RETRY, () => steps.finalize(deps.steps, runId, made));
        // Likewise of its end: since then the run may have been cancelled and resumed.
        if (!wasDoneHere("finalize")) await noteEnd(deps, steps.endOf(deps.steps, runId, output));
        deps.log.runFinished({ runId });
        return output;
      } catch (error) {
        if (endsRun(error) && !deps.drain.isClosed()) await noteFailure(deps, runId, error);
        throw isEnginesOwn(error) ? error : recordable(error);
      }
    },
    { name: WORKFLOW_NAME },
  );
}

type Work<Output> = () => Promise<steps.StepResult<Output>>;

/**
 * Runs the steps of a run, until the program is to stop; what the last attempt writes and DBOS's record of it are one transaction.
 * `wasDoneHere`: this execution did the step, where others find it recorded.
 */
function stepper(deps: DocumentRunDeps, runId: string) {
  const doneHere = new Set<string>();
  const step = <Output extends object>(name: string, config: StepConfig, work: Work<Output>) => {
    const attempt = (join: JointWriter) => {
      doneHere.add(name);
      return runAttempt(deps, { runId, step: name }, work, join);
    };
    return deps.drain.pass(() =>
      deps.store.jointly((join) => DBOS.runStep(() => attempt(join), { ...config, name })),
    );
  };
  return { step, wasDoneHere: (name: string) => doneHere.has(name) };
}

type At = Readonly<{ runId: string; step: string }>;

/** DBOS keeps a step's output and not how many attempts it took; so the output says it. */
async function runAttempt<Output extends object>(
  deps: DocumentRunDeps,
  at: At,
  work: Work<Output>,
  join: JointWriter,
): Promise<Output & { attempt: number }> {
  const attempt = DBOS.stepStatus?.currentAttempt ?? 1;
  try {
    const { output, write } = await work();
    if (write !== undefined) await join(write);
    return { ...output, attempt };
  } catch (error) {
    await reportFailure(deps, { ...at, attempt }, error);
    throw recordable(error);
  }
}

async function reportFailure(
  { steps: { node }, store, log }: DocumentRunDeps,
  { runId, step, attempt }: At & { attempt: number },
  error: unknown,
): Promise<void> {
  log.stepAttemptFailed({ runId, step, attempt, error });
  // An outage, however long, costs one attempt: what is tried again while it lasts is tried in vain.
  if (isOutage(error)) await store.whenAvailable();
  const detail = { step, attempt, code: codeOf(error) };
  const event: NewEvent = { runId, kind: "attempt_failed", node, detail };
  await note({ store, log }, event, () => store.appendEvent(event));
}

/**
 * Whoever slept may have been cancelled meanwhile and resumed as another execution, or taken over by another node. DBOS finds
 * out when the next step is recorded, which is after it was done; so this asks before.
 * @throws DBOSWorkflowConflictError when the run belongs to another execution now
 */
async function stillOwned({ store }: DocumentRunDeps, runId: string): Promise<void> {
  const owner = await patiently(store, () => store.findOwner(runId));
  if (owner !== currentOwnerXid(runId)) throw new DBOSWorkflowConflictError(runId);
}

/** Asks again when an outage is over, once for each outage. */
async function patiently<Answer>(
  store: Pick<Store, "whenAvailable">,
  ask: () => Promise<Answer>,
): Promise<Answer> {
  for (;;) {
    try {
      return await ask();
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

/** The journal tells of the run and never decides on it: an event that cannot be written is logged, and the run goes on. */
async function note(
  { store, log }: Pick<DocumentRunDeps, "store" | "log">,
  { runId, kind }: Pick<NewEvent, "runId" | "kind">,
  write: () => Promise<void>,
): Promise<void> {
  await patiently(store, write).catch((error: unknown) => log.eventLost({ runId, kind, error }));
}

/** Cancelled, or taken up by another execution: DBOS ends this execution and not the run. */
function endsRun(error: unknown): boolean {
  return !(error instanceof DBOSWorkflowCancelledError || error instanceof DBOSWorkflowConflictError);
}

/** Has nothing of the inside in it, and tells DBOS what to do. */
function isEnginesOwn(error: unknown): boolean {
  return error instanceof Error && "dbosErrorCode" in error;
}

function isOutage(error: unknown): boolean {
  return error instanceof Failure && error.code === "database_unavailable";
}

/** What DBOS records of a failed attempt, for all who may read the run: a code of ours. The log has what lies behind it. */
function recordable(error: unknown): Error {
  const code = codeOf(error);
  if (!isRunFailureCode(code))
    return Object.assign(new Error("The step failed."), { name: "StepFailure", code });
  return new RunFailure(code, { isPassing: error instanceof RunFailure && error.isPassing });
}

function codeOf(error: unknown): string {
  const code = (error as { code?: unknown } | null)?.code;
  return isRunFailureCode(code) ? code : "step_failed";
}
