import { spawn } from "node:child_process";
import {
  closeSync,
  fchmodSync,
  fstatSync,
  linkSync,
  openSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
} from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { codeOf } from "../../error-code.ts";
import { SERVER_ENV } from "./cluster.ts";
import { commandLineOf, isAlive } from "./processes.ts";
import type { Place } from "./server-home.ts";
import { explain } from "./start-failure.ts";

/** What `postmaster.pid` in a data folder says. */
export interface PidFile {
  readonly text: string;
  readonly pid: number;
  /** 0 while the server has not opened it yet. */
  readonly port: number;
}

/** The pid file of `place`, or null when there is none or this user may not read it. */
export function readPidFile(place: Place): PidFile | null {
  try {
    const text = readFileSync(pidFileOf(place), "utf8");
    const [pid = "", , , port = ""] = text.split("\n");
    return { text, pid: Number(pid), port: Number(port) };
  } catch (error) {
    const code = codeOf(error);
    if (code === "ENOENT" || code === "EACCES" || code === "ENOTDIR") return null;
    throw explain(error, place.dataDir);
  }
}

/** The pid file of a living server of this very data folder; null when its pid is dead or by now a stranger's. */
export function findServing(place: Place): PidFile | null {
  const file = readPidFile(place);
  return file && isPostmaster(file.pid, place) ? file : null;
}

/** Whether a server of this data folder ended without being stopped: whoever is told to stop takes its pid file along. */
export function wasKilled(place: Place): boolean {
  return readPidFile(place) !== null && findServing(place) === null;
}

/** True when the process serves the data folder of `place`; the folder is on the command line that `startServer` gave. */
export function isPostmaster(pid: number, place: Place): boolean {
  return pid > 1 && isAlive(pid) && commandLineOf(pid).includes(` -D ${place.dataDir} `);
}

/**
 * Takes away a pid file whose pid now belongs to a stranger, which Postgres itself would take for a running server.
 * A rename comes first, so that of two programs doing this at once the second cannot remove the first one's new server's
 * file: what was taken by mistake is linked back, well within the minute in which Postgres looks for it.
 */
export function removeStalePidFile(place: Place, stale: PidFile): void {
  const aside = `${pidFileOf(place)}.stale-${process.pid}`;
  try {
    renameSync(pidFileOf(place), aside);
    if (readFileSync(aside, "utf8") !== stale.text) linkSync(aside, pidFileOf(place));
    rmSync(aside);
  } catch (error) {
    if (codeOf(error) !== "ENOENT" && codeOf(error) !== "EEXIST") throw explain(error, place.dataDir);
  }
}

function pidFileOf(place: Place): string {
  return join(place.dataDir, "postmaster.pid");
}

/** A server process that this program has started. */
export interface Launch {
  readonly pid: number;
  hasExited(): boolean;
  /** True when it came up and ended in good order, since somebody asked it to. */
  wasStopped(): boolean;
  /** The last FATAL, PANIC or plain complaint it wrote to the log; empty when it wrote none. */
  lastWords(): string;
}

const SETTINGS = {
  listen_addresses: "127.0.0.1",
  unix_socket_directories: "",
  max_connections: "200",
  timezone: "UTC",
  log_timezone: "UTC",
  log_checkpoints: "off",
  log_line_prefix: "%m [%p] ",
};

const MAX_LOG_BYTES = 10 * 1024 * 1024;

/** What a server of this program's says of itself to others: which home it is of. */
export const HOME_SETTING = "jejakekal.home";

/**
 * Starts Postgres in a session of its own, so that neither Ctrl-C nor the death of this program reaches it. Returns at
 * once; the caller watches the port. Throws StartFailure when the log or the program cannot be opened.
 */
export async function startServer(place: Place, binariesDir: string, port: number): Promise<Launch> {
  const log = openLog(place);
  try {
    const settings = Object.entries({
      ...SETTINGS,
      port: String(port),
      [HOME_SETTING]: place.home,
    }).flatMap(([key, value]) => ["-c", `${key}=${value}`]);
    const child = spawn(join(binariesDir, "bin", "postgres"), ["-D", place.dataDir, ...settings], {
      cwd: place.root,
      env: SERVER_ENV,
      detached: true,
      stdio: ["ignore", log.fd, log.fd],
      ...(place.user && { uid: place.user.uid, gid: place.user.gid }),
    });
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    child.once("spawn", resolve).once("error", reject);
    await promise;
    child.unref();
    const pid = child.pid ?? 0;
    return {
      pid,
      hasExited: () => child.exitCode !== null || child.signalCode !== null,
      wasStopped: () => child.exitCode === 0,
      lastWords: () => findLastWords(place.logFile, log.size, pid),
    };
  } catch (error) {
    throw explain(error, place.root);
  } finally {
    closeSync(log.fd);
  }
}

function openLog(place: Place): { fd: number; size: number } {
  try {
    const size = statSync(place.logFile, { throwIfNoEntry: false })?.size ?? 0;
    if (size > MAX_LOG_BYTES) renameSync(place.logFile, `${place.logFile}.1`);
    const fd = openSync(place.logFile, "a", 0o600);
    fchmodSync(fd, 0o600);
    return { fd, size: fstatSync(fd).size };
  } catch (error) {
    throw explain(error, place.root);
  }
}

function findLastWords(logFile: string, offset: number, pid: number): string {
  const lines = readFrom(logFile, offset).split("\n");
  const own = lines.filter((line) => line.includes(` [${pid}] `) || !/^\d{4}-.* \[\d+\] /.test(line));
  const fatal =
    own.findLast((line) => /(FATAL|PANIC): {2}/.test(line)) ?? own.findLast((line) => line !== "") ?? "";
  return fatal.replace(/^.*(FATAL|PANIC): {2}/, "");
}

function readFrom(file: string, offset: number): string {
  const fd = openSync(file, "r");
  try {
    const bytes = Buffer.alloc(64 * 1024);
    return bytes.toString("utf8", 0, readSync(fd, bytes, 0, bytes.length, offset));
  } finally {
    closeSync(fd);
  }
}

/** Asks the server to disconnect everyone and stop. False when this user may not: the server is another user's. */
export function askToStop(pid: number, signal: "SIGINT" | "SIGQUIT" = "SIGINT"): boolean {
  try {
    process.kill(pid, signal);
    return true;
  } catch (error) {
    if (codeOf(error) === "EPERM") return false;
    if (codeOf(error) === "ESRCH") return true;
    throw error;
  }
}

/** True once the server process is gone; false when it still lives after `timeoutMs`. */
export async function waitUntilGone(pid: number, place: Place, timeoutMs: number): Promise<boolean> {
  const until = performance.now() + timeoutMs;
  while (isPostmaster(pid, place)) {
    if (performance.now() > until) return false;
    await sleep(5);
  }
  return true;
}
