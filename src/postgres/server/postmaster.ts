import { spawn } from "node:child_process";
import {
  closeSync,
  constants,
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
import { commandLineOf, isAlive, listPids } from "./processes.ts";
import type { ServerHome } from "./server-home.ts";
import { toStartFailure } from "./start-failure.ts";

/** The content of `postmaster.pid` in a data folder. */
export interface PidFile {
  readonly text: string;
  readonly pid: number;
  /** 0 while the server has not opened its port yet. */
  readonly port: number;
}

/** The pid file of the data folder, or null when there is none or this user may not read it. */
export function readPidFile({ dataDir }: ServerHome): PidFile | null {
  try {
    const text = readFileSync(join(dataDir, "postmaster.pid"), "utf8");
    const [pid = "", , , port = ""] = text.split("\n");
    // A single-user backend writes its pid with a minus sign.
    return { text, pid: Math.abs(Number(pid)), port: Number(port) };
  } catch (error) {
    const code = codeOf(error);
    if (code === "ENOENT" || code === "EACCES" || code === "ENOTDIR") return null;
    throw toStartFailure(error, dataDir);
  }
}

/** The pid file of the running server of this data folder; null when no process has the pid, or another program has it. */
export function findRunning(serverHome: ServerHome): PidFile | null {
  const file = readPidFile(serverHome);
  return file && isServerOf(file.pid, serverHome) ? file : null;
}

/** True when the server of this data folder was killed: a server that is stopped removes its pid file. */
export function wasKilled(serverHome: ServerHome): boolean {
  return readPidFile(serverHome) !== null && findRunning(serverHome) === null;
}

/** True when the process works on this data folder, which `startServer` puts on its command line. */
export function isServerOf(pid: number, { dataDir }: ServerHome): boolean {
  return pid > 1 && isAlive(pid) && commandLineOf(pid).includes(` -D ${dataDir} `);
}

/** The JEJAKEKAL_HOME of the running embedded server on this port, whichever user runs it; null when there is none. */
export function findHomeOnPort(port: number): string | null {
  const pattern = new RegExp(` -c port=${port} -c ${HOME_SETTING}=(.+)$`, "s");
  for (const pid of listPids()) {
    const home = pattern.exec(commandLineOf(pid))?.[1];
    if (home !== undefined) return home;
  }
  return null;
}

/**
 * Removes a pid file whose pid now belongs to another program, because Postgres would take that program for a running
 * server. The file is renamed first: of two programs that do this at once, the second could otherwise remove the pid file
 * of the first one's new server. A file that was renamed by mistake is linked back, well within the minute after which
 * Postgres looks for it.
 */
export function removeStalePidFile({ dataDir }: ServerHome, stale: PidFile): void {
  const file = join(dataDir, "postmaster.pid");
  const aside = `${file}.stale-${process.pid}`;
  try {
    renameSync(file, aside);
    if (readFileSync(aside, "utf8") !== stale.text) linkSync(aside, file);
    rmSync(aside);
  } catch (error) {
    if (codeOf(error) !== "ENOENT" && codeOf(error) !== "EEXIST") throw toStartFailure(error, dataDir);
  }
}

/** A server process that this program has started. */
export interface Launch {
  readonly pid: number;
  hasExited(): boolean;
  /** True when it exited with code 0, because it was asked to stop. */
  wasStopped(): boolean;
  /** The last FATAL, PANIC or unlabelled line that it wrote to the log; empty when there is none. */
  lastError(): string;
}

const SETTINGS = {
  // Five times a second by default, also while nothing happens. It may write as much in a second as before.
  bgwriter_delay: "1s",
  bgwriter_lru_maxpages: "500",
  listen_addresses: "127.0.0.1",
  unix_socket_directories: "",
  max_connections: "200",
  timezone: "UTC",
  log_timezone: "UTC",
  log_checkpoints: "off",
  log_line_prefix: "%m [%p] ",
};

const MAX_LOG_BYTES = 10 * 1024 * 1024;

/** A setting of the server that names its JEJAKEKAL_HOME; it is last on the command line, see `findHomeOnPort`. */
const HOME_SETTING = "jejakekal.home";

/**
 * Starts Postgres in a session of its own, so that neither Ctrl-C nor the death of this program reaches it. Does not wait
 * until it answers. Throws StartFailure when the log or the program cannot be opened.
 */
export async function startServer(
  serverHome: ServerHome,
  binariesDir: string,
  port: number,
): Promise<Launch> {
  const { home, root, dataDir, logFile, accessFile, user } = serverHome;
  const log = openLog(serverHome);
  try {
    const settings = Object.entries({
      ...SETTINGS,
      hba_file: accessFile,
      port: String(port),
      [HOME_SETTING]: home,
    }).flatMap(([key, value]) => ["-c", `${key}=${value}`]);
    const child = spawn(join(binariesDir, "bin", "postgres"), ["-D", dataDir, ...settings], {
      cwd: root,
      env: SERVER_ENV,
      detached: true,
      stdio: ["ignore", log.fd, log.fd],
      ...(user && { uid: user.uid, gid: user.gid }),
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
      lastError: () => findLastError(logFile, log.size, pid),
    };
  } catch (error) {
    throw toStartFailure(error, root);
  } finally {
    closeSync(log.fd);
  }
}

function openLog({ logFile, root }: ServerHome): { fd: number; size: number } {
  try {
    const size = statSync(logFile, { throwIfNoEntry: false })?.size ?? 0;
    if (size > MAX_LOG_BYTES) renameSync(logFile, `${logFile}.1`);
    const { O_WRONLY, O_APPEND, O_CREAT, O_NOFOLLOW } = constants;
    const fd = openSync(logFile, O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW, 0o600);
    fchmodSync(fd, 0o600);
    return { fd, size: fstatSync(fd).size };
  } catch (error) {
    throw toStartFailure(error, root);
  }
}

function findLastError(logFile: string, offset: number, pid: number): string {
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

/** Tells the server to disconnect everyone and stop. False when this user may not, because another user runs it. */
export function requestStop(pid: number, signal: "SIGINT" | "SIGQUIT" = "SIGINT"): boolean {
  try {
    process.kill(pid, signal);
    return true;
  } catch (error) {
    if (codeOf(error) === "EPERM") return false;
    if (codeOf(error) === "ESRCH") return true;
    throw error;
  }
}

/** True once the server process has ended; false when it still runs after `timeoutMs`. */
export async function waitForExit(pid: number, serverHome: ServerHome, timeoutMs: number): Promise<boolean> {
  const until = performance.now() + timeoutMs;
  while (isServerOf(pid, serverHome)) {
    if (performance.now() > until) return false;
    await sleep(5);
  }
  return true;
}
