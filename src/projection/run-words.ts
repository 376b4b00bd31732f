import { isResumable, type RunStatus } from "../domain/run.ts";
import type { RunView, TimelineEntry } from "./run-view.ts";

/** What a page calls a run: the title of its document, or the file name until the document is read. */
export function titleOfRun({ artifacts, header }: RunView): string {
  const docir = artifacts.find(({ type }) => type === "docir");
  const { filename } = header.args;
  return docir?.title ?? (typeof filename === "string" ? filename : "Document");
}

/** The step at which a run failed; null for a run that did not fail in a step. */
export function failedStepOf({ status, timeline }: RunView): TimelineEntry | null {
  return status === "error" ? (timeline.findLast(({ error }) => error !== null) ?? null) : null;
}

/** Where and how a run ended in error, in one sentence beside the message in its status; null where that says it all. */
export function causeOf(run: RunView): string | null {
  if (run.status !== "error") return null;
  if (isResumable(run.dbos_status) && run.dbos_status !== "CANCELLED")
    return "The processes that ran it ended too often, so it was given up.";
  const step = failedStepOf(run);
  return step === null ? null : `The run failed at step ${step.function_id}, ${step.function_name}.`;
}

/** The one action that a page offers first. */
export type PrimaryAction =
  | Readonly<{ kind: "cancel" }>
  | Readonly<{ kind: "resume" }>
  /** Forks the run: from the step that failed, or from its beginning. */
  | Readonly<{ kind: "retry"; fromStep: number; stepName: string | null }>;

/** Null for a run that is done, for one of an unknown status, and for an imported one, which never runs here. */
export function primaryActionOf(run: RunView): PrimaryAction | null {
  if (run.header.imported !== null) return null;
  if (run.status === "running") return { kind: "cancel" };
  if (isResumable(run.dbos_status)) return { kind: "resume" };
  if (run.status !== "error") return null;
  const step = failedStepOf(run);
  return { kind: "retry", fromStep: step?.function_id ?? 0, stepName: step?.function_name ?? null };
}

const STATE_WORDS: Readonly<Record<RunStatus, string>> = {
  running: "Running",
  done: "Done",
  error: "Failed",
  unknown: "Unknown status",
};

/** The subject of a page of a run: its state, which a narrow tab shows first, and its title. */
export function subjectOfRun(run: RunView): string {
  const state = run.dbos_status === "CANCELLED" ? "Cancelled" : STATE_WORDS[run.status];
  return `${state}: ${titleOfRun(run)}`;
}
