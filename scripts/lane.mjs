/**
 * Runs one lane of the gate: a mise task in a process group of its own, with a time limit and a folder of its own for temporary
 * files. Afterwards it ends what the lane has left behind. Plain Node 20 without packages, as the gate is.
 */
import { spawn } from "node:child_process";
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { stripVTControlCharacters } from "node:util";
import { environment, root, say } from "./bootstrap.mjs";

/** From SIGTERM to SIGKILL, and from the end of a lane to the end of what it left: a Postgres stops within seconds. */
const GRACE_MS = 10_000;

/**
 * @typedef {{ lane: string, ok: boolean, seconds: number, output: string }} LaneResult `output` is what it printed
 * @typedef {{ pid: number, command: string }} Process
 */

/**
 * @param {string} lane the name of a mise task
 * @param {number} timeoutMs
 * @param {object} options
 * @param {readonly string[]} [options.command] what to run instead of the task
 * @param {NodeJS.ProcessEnv} [options.env] settings beside those of the gate
 * @param {boolean} [options.isShown] whether its output is shown as it comes
 * @returns {Promise<LaneResult>}
 */
export async function runLane(
  lane,
  timeoutMs,
  { command = ["mise", "run", lane], env = {}, isShown = true } = {},
) {
  const began = performance.now();
  // A short name: Postgres puts a Unix socket below it, whose path has at most 107 bytes.
  const temporary = mkdtempSync(join(tmpdir(), "lane-"));
  // Programs of other users use it as well: root's Postgres, and what tests start as another user.
  chmodSync(temporary, 0o1777);
  const [file = "", ...args] = command;
  const child = spawn(file, args, {
    cwd: root,
    env: { ...environment, ...env, TMPDIR: temporary },
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  /** @type {Buffer[]} */
  const output = [];
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (chunk) => {
      output.push(chunk);
      if (isShown) process.stdout.write(chunk);
    });
  const closed = new Promise((resolve) => child.once("close", resolve));
  const exited = new Promise((resolve) => {
    child.once("error", (error) => {
      say(`${file} cannot be started: ${error.message}`);
      resolve(1);
    });
    child.once("exit", (code) => resolve(code ?? 1));
  });
  const stop = () => killGroup(child.pid, "SIGTERM");
  const forward = () => {
    stop();
    killAll(findProcesses(temporary), "SIGKILL");
    // After the handlers of the lanes that run at the same time.
    setImmediate(() => process.exit(1));
  };
  process.once("SIGINT", forward).once("SIGTERM", forward);
  let isTooLong = false;
  const timer = setTimeout(() => {
    isTooLong = true;
    say(`\n${lane} did not end within ${timeoutMs / 60_000} minutes. It was running:`);
    for (const name of runningTests(child.pid)) say(`  ${name}`);
    stop();
    setTimeout(() => killGroup(child.pid, "SIGKILL"), GRACE_MS).unref();
  }, timeoutMs);
  const code = await exited;
  clearTimeout(timer);
  process.off("SIGINT", forward).off("SIGTERM", forward);
  await endLeftovers(lane, temporary);
  rmSync(temporary, { recursive: true, force: true });
  // What a process left behind may keep the pipes open.
  await Promise.race([closed, sleep(GRACE_MS, undefined, { ref: false })]);
  const seconds = Math.round((performance.now() - began) / 100) / 10;
  // What gets SIGTERM may end with exit code 0.
  return { lane, ok: code === 0 && !isTooLong, seconds, output: Buffer.concat(output).toString() };
}

/** How a failed test, of node:test or of Bun, and an error of a check begin. */
const FAILURE = /^\s*(?:✖|✗|×|\(fail\)|error\b|Error\b|\S+\(\d+,\d+\): error)/;
const LINES_BEFORE = 12;
const LINES_AFTER = 12;
const EXCERPT_LINES = 120;

/**
 * The lines of a failed lane that say why it failed, with those around them; the last lines when no line is known as a failure. A
 * reader of the gate often has its end alone.
 * @param {string} output
 * @returns {string}
 */
export function failuresIn(output) {
  const lines = output.trimEnd().split("\n");
  const near = new Set(
    lines.flatMap((line, at) =>
      FAILURE.test(stripVTControlCharacters(line)) ? range(at - LINES_BEFORE, at + LINES_AFTER) : [],
    ),
  );
  const shown = near.size === 0 ? lines : lines.filter((_, at) => near.has(at));
  return shown.slice(-EXCERPT_LINES).join("\n");
}

/**
 * @param {number} first
 * @param {number} last
 */
function range(first, last) {
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}

/**
 * Waits for the processes that use the folder to end, and kills those that do not.
 * @param {string} lane
 * @param {string} folder
 */
async function endLeftovers(lane, folder) {
  const deadline = performance.now() + GRACE_MS;
  while (findProcesses(folder).length > 0 && performance.now() < deadline) await sleep(200);
  const left = findProcesses(folder);
  if (left.length === 0) return;
  say(`${lane} left these processes behind; they are killed:`);
  for (const { pid, command } of left) say(`  ${pid} ${command.slice(0, 140)}`);
  killAll(left, "SIGKILL");
}

/**
 * The test files that processes of the group have on their command lines, or the commands where there is none.
 * @param {number | undefined} group
 */
function runningTests(group) {
  const commands = listProcesses()
    .filter(({ pid }) => groupOf(pid) === group)
    .map(({ command }) => command);
  const files = commands.flatMap((command) => {
    const named = command.match(/\S+\.(?:test|e2e)\.tsx?/g) ?? [];
    // A process that runs several files one after the other names all of them.
    return named.length === 1 || !command.includes("--test ") ? named : [];
  });
  return files.length > 0 ? [...new Set(files)] : commands.map((command) => command.slice(0, 140));
}

/**
 * The processes whose command line names the folder, such as a Postgres with its data or a browser with its profile in it.
 * @param {string} folder
 * @returns {Process[]}
 */
function findProcesses(folder) {
  return listProcesses().filter(({ command }) => command.includes(folder));
}

/**
 * Empty where there is no /proc: there a lane's leftovers are not found.
 * @returns {Process[]}
 */
function listProcesses() {
  if (!existsSync("/proc")) return [];
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .flatMap((name) => {
      const command = readProc(name, "cmdline").replaceAll("\0", " ").trim();
      return command === "" ? [] : [{ pid: Number(name), command }];
    });
}

/** @param {number} pid */
function groupOf(pid) {
  const [, group] = /^\d+ \(.*\) \S \d+ (\d+)/s.exec(readProc(String(pid), "stat")) ?? [];
  return Number(group);
}

/**
 * A file of a process in /proc; empty when the process has ended.
 * @param {string} pid
 * @param {string} name
 */
function readProc(pid, name) {
  try {
    return readFileSync(`/proc/${pid}/${name}`, "utf8");
  } catch {
    return "";
  }
}

/**
 * @param {readonly Process[]} processes
 * @param {NodeJS.Signals} signal
 */
function killAll(processes, signal) {
  for (const { pid } of processes) kill(pid, signal);
}

/**
 * @param {number | undefined} group
 * @param {NodeJS.Signals} signal
 */
function killGroup(group, signal) {
  if (group !== undefined) kill(-group, signal);
}

/**
 * @param {number} pid
 * @param {NodeJS.Signals} signal
 */
function kill(pid, signal) {
  try {
    process.kill(pid, signal);
  } catch {
    // It has ended meanwhile.
  }
}
