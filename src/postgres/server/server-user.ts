import { readFileSync, type Stats, statSync } from "node:fs";
import { dirname } from "node:path";
import { StartFailure } from "../../failure.ts";

/** The account that Postgres runs as when this program is root; Postgres refuses to run as root. */
export interface ServerUser {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

/** The numeric user id of this program; 0 is root, -1 means that the platform has none. */
export function ownUid(): number {
  return process.getuid?.() ?? -1;
}

/** Null unless this program is root: then the owner of the existing data folder, else `postgres`, else `nobody`. */
export function chooseServerUser(existingDataDir: string | null): ServerUser | null {
  if (ownUid() !== 0) return null;
  const users = readPasswd();
  if (existingDataDir !== null) return ownerOf(existingDataDir, users);
  const user = users.find(({ name }) => name === "postgres") ?? users.find(({ name }) => name === "nobody");
  if (user) return user;
  throw new StartFailure(
    "Postgres does not run as root, and this machine has no user `postgres` or `nobody`: run jejakekal as another user.",
  );
}

function ownerOf(dataDir: string, users: readonly ServerUser[]): ServerUser {
  const { uid } = statSync(dataDir);
  const user = users.find((candidate) => candidate.uid === uid);
  if (uid !== 0 && user) return user;
  const owner = uid === 0 ? "root" : `user id ${uid}, which has no name here`;
  throw new StartFailure(
    `The data folder ${dataDir} belongs to ${owner}, and Postgres cannot run as that user: chown -R it to another user, or set JEJAKEKAL_HOME to another folder.`,
  );
}

function readPasswd(): ServerUser[] {
  return readFileSync("/etc/passwd", "utf8")
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("#"))
    .map((line) => line.split(":"))
    .map(([name = "", , uid = "", gid = ""]) => ({ name, uid: Number(uid), gid: Number(gid) }));
}

/** True when the mode bits let `user` pass through `folder` and every folder above it. */
export function canTraverse(user: ServerUser, folder: string): boolean {
  const parent = dirname(folder);
  return hasExecuteBit(user, statSync(folder)) && (parent === folder || canTraverse(user, parent));
}

function hasExecuteBit(user: ServerUser, stats: Stats): boolean {
  if (stats.uid === user.uid) return (stats.mode & 0o100) !== 0;
  if (stats.gid === user.gid) return (stats.mode & 0o010) !== 0;
  return (stats.mode & 0o001) !== 0;
}
