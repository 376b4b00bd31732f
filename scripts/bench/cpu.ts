/** Processor time from /proc, which says on a noisy machine what a clock cannot. Linux only. */
import { readdirSync, readFileSync } from "node:fs";

const MS_PER_TICK = 10;

/**
 * Milliseconds of processor time that these processes have used so far, with their threads and child processes that have ended. The
 * system counts those in hundredths of a second only, so the finer sum over living threads is taken where it is larger.
 */
export function cpuMsOf(pids: readonly number[]): number {
  return pids.reduce((sum, pid) => {
    const { ownMs, endedChildrenMs } = readStat(pid);
    return sum + Math.max(ownMs, livingThreadsMs(pid)) + endedChildrenMs;
  }, 0);
}

function readStat(pid: number): Readonly<{ ownMs: number; endedChildrenMs: number }> {
  const [, fields = ""] = /^\d+ \(.*\) (.*)$/s.exec(readOr(`/proc/${pid}/stat`)) ?? [];
  const [user = 0, system = 0, childrenUser = 0, childrenSystem = 0] = fields
    .split(" ")
    .slice(11, 15)
    .map((ticks) => Number(ticks) * MS_PER_TICK);
  return { ownMs: user + system, endedChildrenMs: childrenUser + childrenSystem };
}

function livingThreadsMs(pid: number): number {
  const tasks = listOrNone(`/proc/${pid}/task`);
  return tasks.reduce(
    (sum, task) => sum + Number(readOr(`/proc/${pid}/task/${task}/schedstat`).split(" ")[0]) / 1e6,
    0,
  );
}

/** The process and all that descend from it. */
export function processTree(root: number): readonly number[] {
  const children = new Map<number, number[]>();
  for (const name of listOrNone("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    const parent = Number(/^\d+ \(.*\) \S (\d+)/s.exec(readOr(`/proc/${name}/stat`))?.[1]);
    children.set(parent, [...(children.get(parent) ?? []), Number(name)]);
  }
  const below = (pid: number): readonly number[] => [pid, ...(children.get(pid) ?? []).flatMap(below)];
  return below(root);
}

/** The server that keeps its data below `home`, and its backends. */
export function postgresTree(home: string): readonly number[] {
  const servers = listOrNone("/proc").filter((name) => {
    const command = /^\d+$/.test(name) ? readOr(`/proc/${name}/cmdline`) : "";
    return command.includes("postgres") && command.includes(home) && command.includes("\0-D");
  });
  return servers.flatMap((name) => processTree(Number(name)));
}

function listOrNone(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function readOr(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
