import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { pollUntil } from "../src/poll.ts";
import { temporaryFolder } from "../src/testing/paths.ts";
import { failuresIn, runLane } from "./lane.mjs";

const LIMIT = { timeout: 60_000 };

test(
  "a lane that hangs is ended at its time limit, and the test file that it was at is named",
  LIMIT,
  async () => {
    using folder = temporaryFolder();
    const file = join(folder.path, "hangs.test.ts");
    writeFileSync(file, "setInterval(() => {}, 1_000);");
    for (const options of [[], ["--test", "--test-isolation=none"]]) {
      const command = JSON.stringify([process.execPath, ...options, file]);
      const { stdout: said, code } = await inGate(`await runLane("slow", 1_500, { command: ${command} })`);
      assert.match(said, /slow did not end within 0\.025 minutes/);
      assert.match(said, /^ {2}\S+hangs\.test\.ts$/m);
      assert.match(said, /"ok":false/);
      assert.equal(code, 0);
    }
  },
);

test("what a lane leaves behind in its temporary folder is ended and named", LIMIT, async () => {
  using folder = temporaryFolder();
  const pidFile = join(folder.path, "pid");
  const shell = `setsid sh -c 'echo $$ > ${pidFile}; exec tail -f /dev/null --pid=1 "$TMPDIR" 2> /dev/null' & sleep 0.5`;
  const { stdout: said } = await inGate(
    `await runLane("leaky", 30_000, { command: ["sh", "-c", ${JSON.stringify(shell)}] })`,
  );
  assert.match(said, /leaky left these processes behind/);
  assert.match(said, /"ok":true/);
  const pid = Number(readFileSync(pidFile, "utf8"));
  await pollUntil("the leftover has ended", () => !isAlive(pid));
});

test("a lane's exit code decides, and a command that cannot be started fails", LIMIT, async () => {
  const run = (...command: string[]) => runLane("short", 10_000, { command, isShown: false });
  assert.equal((await run("true")).ok, true);
  assert.equal((await run("false")).ok, false);
  assert.equal((await run("/no/such/program")).ok, false);
  // The two streams come in any order.
  const { output } = await run("sh", "-c", "echo one; echo two >&2");
  assert.deepEqual(output.split("\n").sort(), ["", "one", "two"]);
});

test("the lines that say why a lane failed are found, with those around them", () => {
  const passed = Array.from({ length: 500 }, (_, index) => `✔ passes ${index} (1ms)`);
  const node = [...passed, "✖ adds (2ms)", "  AssertionError: 1 is not 2", ...passed];
  assert.match(failuresIn(node.join("\n")), /✔ passes 499[\s\S]*✖ adds[\s\S]*1 is not 2\n✔ passes 0/);
  const bun = [...passed, "error: expected 1", "\u001b[31m(fail)\u001b[0m adds [2ms]", ...passed];
  assert.match(failuresIn(bun.join("\n")), /expected 1\n.*\(fail\)/);
  assert.ok(failuresIn(bun.join("\n")).split("\n").length < 40);
  assert.match(failuresIn(passed.join("\n")), /passes 380[\s\S]*passes 499/);
});

/** Runs an expression with `runLane` in a process of its own, as the gate does, and returns all that it printed. */
async function inGate(expression: string): Promise<{ stdout: string; code: number | null }> {
  const lane = new URL("./lane.mjs", import.meta.url).href;
  const script = `const { runLane } = await import("${lane}"); console.log(JSON.stringify(${expression}));`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", script], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  let stdout = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (text) => {
      stdout += String(text);
    });
  }
  const code = await new Promise<number | null>((resolve) => child.once("close", resolve));
  return { stdout, code };
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return false;
  }
}
