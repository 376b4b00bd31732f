import { gapInWords } from "./event-lines.ts";
import type { JournalView } from "./journal-view.ts";
import type { RunView, TimelineEntry } from "./run-view.ts";

/** A label on a run or a step, with a sentence that explains it. */
export type Mark = Readonly<{ word: string; tone: "plain" | "good" | "warn" | "bad"; why: string }>;

/** What a page knows besides the run: its journal (null if it could not be read), and whether a duplicate request opened it. */
export type RunContext = Readonly<{ journal: JournalView | null; deduplicated: boolean }>;

export function runMarks(run: RunView, { journal, deduplicated }: RunContext): readonly Mark[] {
  const { recovery_attempts, forked_from, from_step, taken_up_at, imported, attachment_of } = run.header;
  const noted = (kind: string) => journal?.events.filter((event) => event.kind === kind) ?? [];
  // Without a journal the columns of DBOS are the only source.
  const recoveries = journal === null ? Math.max(0, recovery_attempts - 1) : noted("recovered").length;
  // An attachment was in the queue before it first ran.
  const isTakenAgain = recoveries === 0 && taken_up_at !== null && attachment_of === null;
  const isResumed = journal === null ? isTakenAgain : noted("resumed").length > 0;
  return [
    ...when(imported !== null, {
      word: "imported",
      tone: "plain",
      why: "It was read from a bundle. It is never executed here.",
    }),
    ...when(deduplicated || noted("deduplicated").length > 0, {
      word: "deduplicated",
      tone: "good",
      why: "The same request arrived more than once. All of them got this run; no step ran twice.",
    }),
    ...when(recoveries > 0, {
      word: recoveries === 1 ? "recovered" : `recovered ${recoveries} times`,
      tone: "warn",
      why: `Its process ended while it ran. The run continued ${gapInWords(gapOf(noted("recovered").at(-1)?.detail))} from its last completed step.`,
    }),
    ...when(isResumed && forked_from === null, {
      word: "resumed",
      tone: "plain",
      why: "It was resumed and continued from its last completed step.",
    }),
    ...when(forked_from !== null, {
      word: from_step === null ? "forked" : `forked at step ${from_step}`,
      tone: "plain",
      why: `Forked from ${forked_from}.`,
    }),
    ...when(noted("exported").length > 0, {
      word: "exported",
      tone: "plain",
      why: "Its bundle was written. The journal has the hash of the manifest.",
    }),
  ];
}

function gapOf(detail: unknown): number | null {
  if (typeof detail !== "object" || detail === null || !("gap_ms" in detail)) return null;
  return typeof detail.gap_ms === "number" ? detail.gap_ms : null;
}

/**
 * How many attempts a step took. The journal knows the failed ones of a step whose own record does not say.
 * @param failures how many failed attempts the journal has
 */
export function attemptsOf(step: TimelineEntry, failures: number): number {
  return Math.max(step.attempt ?? 1, failures + (step.error === null ? 1 : 0));
}

export function stepMarks(step: TimelineEntry, run: RunView, failures = 0): readonly Mark[] {
  const attempts = attemptsOf(step, failures);
  const { created_at, taken_up_at } = run.header;
  const ended = step.completed_at_epoch_ms;
  const executions = executionsOf(step.output);
  const before = Math.max(taken_up_at ?? 0, run.header.forked_from === null ? 0 : created_at);
  return [
    ...when(step.error !== null, { word: "failed", tone: "bad", why: step.error?.message ?? "" }),
    ...when(ended !== null && ended < before, {
      word: "from checkpoint",
      tone: "good",
      why: "This step completed earlier. Its stored result was used; it did not run again.",
    }),
    ...when(attempts > 1, {
      word: `${attempts} attempts`,
      tone: "warn",
      why: "The details of the step list the attempts that failed.",
    }),
    ...when(executions === 1, {
      word: "once",
      tone: "good",
      why: "The effect has a receipt and was performed once.",
    }),
    ...when((executions ?? 0) > 1, {
      word: `${executions} executions`,
      tone: "warn",
      why: "The effect was started more than once, because an earlier execution left no receipt.",
    }),
  ];
}

function executionsOf(output: unknown): number | null {
  if (typeof output !== "object" || output === null || !("executions" in output)) return null;
  return typeof output.executions === "number" ? output.executions : null;
}

function when(holds: boolean, mark: Mark): readonly Mark[] {
  return holds ? [mark] : [];
}
