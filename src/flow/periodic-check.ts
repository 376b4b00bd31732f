import type { Log } from "../log.ts";

/** A check that runs periodically until it is closed. */
export type PeriodicCheck = Readonly<{ close(): Promise<void> }>;

/** Runs `check` every `intervalMs`, never twice at a time; a check that fails is logged and runs again at the next interval. */
export function startPeriodicCheck(
  intervalMs: number,
  check: () => Promise<void> | void,
  log: Pick<Log, "databaseTrouble">,
): PeriodicCheck {
  let running: Promise<void> | undefined;
  const timer = setInterval(() => {
    running ??= (async () => check())()
      .catch((error: unknown) => log.databaseTrouble({ error }))
      .finally(() => {
        running = undefined;
      });
  }, intervalMs);
  return {
    async close() {
      clearInterval(timer);
      await running;
    },
  };
}
