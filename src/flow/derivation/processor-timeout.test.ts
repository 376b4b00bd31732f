import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { describe, test } from "node:test";
import { pollUntil } from "../../poll.ts";
import { slow } from "../../testing/service.ts";
import { withProcessorTimeout } from "./processor-timeout.ts";

const onTimeout = () => new Error("too long");

describe("the processor time of another process", () => {
  test("ends the wait for one that computes, and not for one that waits", slow, async () => {
    using busy = startNode("for (;;);");
    using waiting = startNode("setInterval(() => {}, 1_000)");
    let hasEnded = false;
    const never = new Promise<never>(() => {});
    const wait = withProcessorTimeout(never, { pid: waiting.pid, timeoutMs: 400 }, onTimeout);
    wait.catch(() => {
      hasEnded = true;
    });
    await assert.rejects(
      withProcessorTimeout(never, { pid: busy.pid, timeoutMs: 300 }, onTimeout),
      /too long/,
    );
    assert.equal(hasEnded, false);
    // By the clock it takes ten times as long.
    await pollUntil("the other wait has ended as well", () => hasEnded, { timeoutMs: 30_000 });
  });

  test("is not looked at once the work is done", slow, async () => {
    using busy = startNode("for (;;);");
    assert.equal(
      await withProcessorTimeout(Promise.resolve(1), { pid: busy.pid, timeoutMs: 1 }, onTimeout),
      1,
    );
    const failed = Promise.reject(new Error("its own"));
    await assert.rejects(withProcessorTimeout(failed, { pid: busy.pid, timeoutMs: 1 }, onTimeout), /its own/);
    busy.kill();
    await once(busy.child, "exit");
  });
});

function startNode(script: string) {
  const child = spawn(process.execPath, ["-e", script], { stdio: "ignore" });
  const kill = () => void child.kill("SIGKILL");
  return { child, pid: child.pid ?? -1, kill, [Symbol.dispose]: kill };
}
