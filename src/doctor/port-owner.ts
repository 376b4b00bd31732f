import { readdirSync, readFileSync, readlinkSync } from "node:fs";

/** The state of a listening socket in /proc/net/tcp. */
const LISTENING = "0A";

/**
 * The process that listens on a TCP port, as `name (pid 123)`. Null where there is no /proc, and for a process of another user, whose
 * files this user may not see.
 */
export function findPortOwner(port: number): string | null {
  const sockets = ["/proc/net/tcp", "/proc/net/tcp6"].flatMap((path) => listeningSockets(path, port));
  if (sockets.length === 0) return null;
  const pid = listNames("/proc").find((name) => /^\d+$/.test(name) && hasOneOf(name, sockets));
  return pid === undefined ? null : `${readText(`/proc/${pid}/comm`).trim()} (pid ${pid})`;
}

/** The names under which the sockets are links in /proc/PID/fd. */
function listeningSockets(path: string, port: number): string[] {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  return readText(path)
    .split("\n")
    .slice(1)
    .map((line) => line.trim().split(/\s+/))
    .filter(([, local = "", , state]) => local.endsWith(suffix) && state === LISTENING)
    .map((fields) => `socket:[${fields[9]}]`);
}

function hasOneOf(pid: string, sockets: readonly string[]): boolean {
  const folder = `/proc/${pid}/fd`;
  return listNames(folder).some((name) => sockets.includes(readLink(`${folder}/${name}`)));
}

function readText(path: string): string {
  return orElse("", () => readFileSync(path, "utf8"));
}

function readLink(path: string): string {
  return orElse("", () => readlinkSync(path));
}

function listNames(folder: string): string[] {
  return orElse([], () => readdirSync(folder));
}

/** What `read` returns, or `other` for a process that has ended or is another user's. */
function orElse<Value>(other: Value, read: () => Value): Value {
  try {
    return read();
  } catch {
    return other;
  }
}
