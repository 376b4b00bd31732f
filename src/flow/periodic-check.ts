import type { Log } from "../log.ts";

/** A check that runs periodically until it is closed. */
export type PeriodicCheck = Readonly<{ close(): Promise<void> }>;

/** Work that is done never twice at a time. */
export type SoleTask<Args extends readonly unknown[]> = Readonly<{
  /** Starts the work, unless it is under way. An error is logged. */
  start(...args: Args): void;
  /** Resolves when no work is under way. */
  whenIdle(): Promise<void>;
}>;

export function createSoleTask<Args extends readonly unknown[]>(
  work: (...args: Args) => Promise<void> | void,
  log: Pick<Log, "databaseTrouble">,
): SoleTask<Args> {
  let running: Promise<void> | undefined;
  return {
    start(...args) {
      running ??= (async () => work(...args))()
        .catch((error: unknown) => log.databaseTrouble({ error }))
        .finally(() => {
          running = undefined;
        });
    },
    whenIdle: async () => running,
  };
}

/** Runs `check` every `intervalMs`, never twice at a time; a check that fails is logged and runs again at the next interval. */
export function startPeriodicCheck(
  intervalMs: number,
  check: () => Promise<void> | void,
  log: Pick<Log, "databaseTrouble">,
): PeriodicCheck {
  const task = createSoleTask(check, log);
  const timer = setInterval(task.start, intervalMs);
  return {
    async close() {
      clearInterval(timer);
      await task.whenIdle();
    },
  };
}
