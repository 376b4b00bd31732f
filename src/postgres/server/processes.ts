import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { codeOf } from "../../error-code.ts";

/** True when a process, or a zombie that nobody reaped, has this pid. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return codeOf(error) === "EPERM";
  }
}

/** The command line of a process with its words joined by spaces; empty for a zombie, a kernel thread or nobody. */
export function commandLineOf(pid: number): string {
  try {
    if (process.platform === "linux") {
      return readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ").trim();
    }
    return execFileSync("/bin/ps", ["-ww", "-o", "command=", "-p", String(pid)], { encoding: "utf8" }).trim();
  } catch {
    return "";
  }
}

/** The pids of all processes on this machine that this user may see. */
export function listPids(): number[] {
  const names =
    process.platform === "linux"
      ? readdirSync("/proc")
      : execFileSync("/bin/ps", ["-ax", "-o", "pid="], { encoding: "utf8" }).split("\n");
  return names.map(Number).filter((pid) => pid > 0);
}
