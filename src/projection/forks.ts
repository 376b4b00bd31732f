import type { JournalView } from "./journal-view.ts";

/** `fromStep`: function id of the first step that the fork executed itself. */
export type Fork = Readonly<{ runId: string; fromStep: number }>;

/** The forks that were made of a run, newest last. */
export function forksOf(journal: JournalView | null): readonly Fork[] {
  return (journal?.events ?? []).flatMap(({ kind, detail }) => {
    if (kind !== "forked" || typeof detail !== "object" || detail === null) return [];
    const { run_id, from_step } = detail as Readonly<Record<string, unknown>>;
    return typeof run_id === "string" && typeof from_step === "number"
      ? [{ runId: run_id, fromStep: from_step }]
      : [];
  });
}
