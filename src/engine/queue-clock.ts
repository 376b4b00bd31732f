import { DBOSExecutor } from "@dbos-inc/dbos-sdk/internal/dbos-executor";
import { wfQueueRunner } from "@dbos-inc/dbos-sdk/internal/wfqueue";

const SET_BACK_THRESHOLD_MS = 1_000;

/**
 * Restarts DBOS's polling of its queues when the system clock was set back. DBOS plans each poll by the time of day: a clock that
 * was set back by an hour would keep resumed, recovered and forked workflows waiting for an hour. One call stops the loop, the
 * next starts it again, so that the old loop has ended in between.
 *
 * @returns a check to be called once a second; its result says by how many milliseconds the clock was set back, 0 if not
 */
export function createQueueClockCheck(): () => number {
  let lead = clockLeadMs();
  let isStopped = false;
  return () => {
    const before = lead;
    lead = clockLeadMs();
    const executor = DBOSExecutor.globalInstance;
    if (isStopped && executor !== undefined) {
      isStopped = false;
      void wfQueueRunner.dispatchLoop(executor, null);
      return 0;
    }
    if (lead >= before - SET_BACK_THRESHOLD_MS) return 0;
    isStopped = true;
    wfQueueRunner.stop();
    return Math.round(before - lead);
  };
}

/** How far the time of day is ahead of the monotonic clock, which nobody can set. */
function clockLeadMs(): number {
  return Date.now() - performance.now();
}
