import { setImmediate as nextTurn } from "node:timers/promises";
import { DBOS, type StepConfig } from "@dbos-inc/dbos-sdk";
import { DBOSWorkflowCancelledError, DBOSWorkflowConflictError } from "@dbos-inc/dbos-sdk/internal/error";
import type { DocArgs } from "../domain/command.ts";
import type { NewEvent } from "../domain/journal.ts";
import { Failure, isRunFailureCode, RunFailure } from "../failure.ts";
import type { Log } from "../log.ts";
import type { Store } from "../store/index.ts";
import type { DrainGate } from "./drain.ts";
import * as steps from "./steps.ts";

export const WORKFLOW_NAME = "documentRun";

/** The workflow's input, as DBOS stores it: hashes and names, never the text. */
export type DocumentRunInput = Readonly<{ args: DocArgs; sleepMs: number }>;

export type DocumentRunDeps = Readonly<{
  steps: steps.StepDeps;
  store: Pick<Store, "beginExecution" | "appendEvent" | "whenAvailable">;
  drain: DrainGate;
  log: Log;
}>;

/** What a step refuses, it refuses for good, unless it says otherwise. */
const shouldRetry = (error: unknown) => !(error instanceof RunFailure) || error.isPassing;

/** What goes wrong on the way to the database may go right a moment later: 4 s in all. */
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
      const step = stepper(deps, runId);
      const begun = noteBegin(deps, runId);
      try {
        const raw = await step("prepare", RETRY, () => steps.prepare(deps.steps, runId, args));
        await begun;
        await DBOS.sleep(sleepMs);
        const docir = await step("docir", RETRY, () => steps.deriveDocIR(deps.steps, runId, args, raw));
        const index = await step("chunk-index", RETRY, () =>
          steps.deriveChunkIndex(deps.steps, runId, args, docir),
        );
        const memo = await step("memo", RETRY, () => steps.deriveMemo(deps.steps, runId, args, docir, index));
        const made = [raw, docir, index, memo];
        await step("side-effect", EFFECT_RETRY, () => steps.performSideEffect(deps.steps, runId, made));
        return await step("finalize", RETRY, () => steps.finalize(deps.steps, runId, made));
      } catch (error) {
        if (endsRun(error)) {
          const detail = { status: "error", code: codeOf(error) };
          await note(deps, { runId, kind: "finished", node: deps.steps.node, detail });
        }
        throw error;
      }
    },
    { name: WORKFLOW_NAME },
  );
}

function stepper({ steps: { node }, store, drain, log }: DocumentRunDeps, runId: string) {
  /** DBOS keeps a step's output and not how many attempts it took; so the output says it. */
  const attempted = async <Output extends object>(name: string, work: () => Promise<Output>) => {
    const attempt = DBOS.stepStatus?.currentAttempt ?? 1;
    try {
      return { ...(await work()), attempt };
    } catch (error) {
      log.stepAttemptFailed({ runId, step: name, attempt, error });
      // An outage, however long, costs one attempt: what is tried again while it lasts is tried in vain.
      if (isOutage(error)) await store.whenAvailable();
      const detail = { step: name, attempt, code: codeOf(error) };
      await note({ store, log }, { runId, kind: "attempt_failed", node, detail });
      throw error;
    }
  };
  return <Output extends object>(name: string, config: StepConfig, work: () => Promise<Output>) =>
    drain.pass(() => DBOS.runStep(() => attempted(name, work), { ...config, name }));
}

function noteBegin({ steps: { node }, store, log }: DocumentRunDeps, runId: string): Promise<void> {
  return store
    .beginExecution(runId, node)
    .catch((error: unknown) => log.eventLost({ runId, kind: "started", error }));
}

/** The journal tells of the run and never decides on it: an event that cannot be written is logged, and the run goes on. */
async function note({ store, log }: Pick<DocumentRunDeps, "store" | "log">, event: NewEvent): Promise<void> {
  await store
    .appendEvent(event)
    .catch((error: unknown) => log.eventLost({ runId: event.runId, kind: event.kind, error }));
}

/** Cancelled, or taken up by another execution: DBOS ends this execution and not the run. */
function endsRun(error: unknown): boolean {
  return !(error instanceof DBOSWorkflowCancelledError || error instanceof DBOSWorkflowConflictError);
}

function isOutage(error: unknown): boolean {
  return error instanceof Failure && error.code === "database_unavailable";
}

function codeOf(error: unknown): string {
  const code = (error as { code?: unknown } | null)?.code;
  return isRunFailureCode(code) ? code : "step_failed";
}
