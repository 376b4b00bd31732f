import { DBOSExecutor } from "@dbos-inc/dbos-sdk/internal/dbos-executor";
import { wfQueueRunner } from "@dbos-inc/dbos-sdk/internal/wfqueue";
import type { Log } from "../log.ts";
import { repeat, type Watch } from "./recovery.ts";

const LOOK_EVERY_MS = 1_000;
const SET_BACK_MS = 1_000;

/**
 * DBOS plans its next look at the queues by the time of day. When the clock is set back, that moment is far away, and nothing
 * that is resumed, forked or recovered would begin until it comes; so its loop is ended at one look and begun anew at the next.
 */
export function watchForSetClock(log: Log): Watch {
  let lead = clockLeadMs();
  let isHalted = false;
  const look = async () => {
    const before = lead;
    lead = clockLeadMs();
    const engine = DBOSExecutor.globalInstance;
    if (isHalted && engine !== undefined) {
      isHalted = false;
      void wfQueueRunner.dispatchLoop(engine, null);
    } else if (lead < before - SET_BACK_MS) {
      log.clockSetBack({ byMs: Math.round(before - lead) });
      isHalted = true;
      wfQueueRunner.stop();
    }
  };
  return repeat(LOOK_EVERY_MS, look, log);
}

/** By how much the time of day is ahead of the time that has passed, which nobody sets. */
function clockLeadMs(): number {
  return Date.now() - performance.now();
}
