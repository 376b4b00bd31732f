import type { Log } from "../log.ts";
import type { WaitingWork } from "../store/index.ts";
import { createSoleTask, type PeriodicCheck, type SoleTask, startPeriodicCheck } from "./periodic-check.ts";

/** An idle node does little else than this check, so its interval decides what an idle node costs. */
const CHECK_INTERVAL_MS = 1_000;

/** Finds out periodically, by one statement for all who take it up, which work waits for some node. */
export type WaitingWorkCheck = PeriodicCheck &
  Readonly<{
    /** Calls `work` with the result of each check, never twice at a time. Closing it waits for the call under way. */
    onChecked(work: (found: WaitingWork) => Promise<void>): PeriodicCheck;
  }>;

export function startWaitingWorkCheck(
  find: () => Promise<WaitingWork>,
  log: Pick<Log, "databaseTrouble">,
  intervalMs = CHECK_INTERVAL_MS,
): WaitingWorkCheck {
  const tasks = new Set<SoleTask<[WaitingWork]>>();
  const check = async () => {
    const found = await find();
    for (const task of tasks) task.start(found);
  };
  const periodic = startPeriodicCheck(intervalMs, check, log);
  return {
    ...periodic,
    onChecked(work) {
      const task = createSoleTask(work, log);
      tasks.add(task);
      return {
        close() {
          tasks.delete(task);
          return task.whenIdle();
        },
      };
    },
  };
}
