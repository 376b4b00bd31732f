import { setImmediate as nextTurn } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/** Collects garbage now. In the turns before, what weak references have shown is released. */
export async function collectGarbage(): Promise<void> {
  for (let turn = 0; turn < 3; turn += 1) {
    await nextTurn();
    collectOnce();
  }
}

function collectOnce(): void {
  if (process.versions.bun === undefined) {
    setFlagsFromString("--expose-gc");
    runInNewContext("gc")();
  } else {
    Bun.gc(true);
  }
}
