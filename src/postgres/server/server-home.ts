import { createHash } from "node:crypto";
import { existsSync, mkdirSync, realpathSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { codeOf } from "../../error-code.ts";
import { StartFailure } from "../../failure.ts";
import { withUmask } from "../umask.ts";
import { canTraverse, chooseServerUser, ownUid, type ServerUser } from "./server-user.ts";
import { toStartFailure } from "./start-failure.ts";

/**
 * The files of one embedded server, and the account that it runs as.
 *
 * `root` is `<home>/postgres`, with one exception: root starts Postgres as an unprivileged user, who cannot reach a home
 * under /root (mode 0700) or a `mktemp -d`. Then `root` is `/var/lib/jejakekal/<12 hex of sha256(realpath of home)>`.
 *
 * `root` belongs to this program's user and only `data` to `user`, so that a compromised server cannot plant a link that
 * root would later follow.
 */
export interface ServerHome {
  /** JEJAKEKAL_HOME, by its real path. */
  readonly home: string;
  readonly root: string;
  /** The Postgres data folder. */
  readonly dataDir: string;
  /** The server's log, appended across starts. */
  readonly logFile: string;
  /** Exists while `up` wants the server to keep running after the last program has left. */
  readonly keepFile: string;
  /** The password of user postgres as a libpq passfile, mode 0600. */
  readonly passFile: string;
  /** The access rules of the server. It exists once the password is set in the cluster. */
  readonly accessFile: string;
  /** Null: the server runs as the user of this program. */
  readonly user: ServerUser | null;
}

const SYSTEM_ROOT = "/var/lib/jejakekal";

/** Finds the folder for the server of `home`, and creates it when it is missing. Throws StartFailure when it cannot. */
export function openServerHome(home: string): ServerHome {
  const realHome = makeFolder(home);
  const [inHome, inSystem] = rootsOf(realHome);
  const existing = [inHome, inSystem].find(hasCluster) ?? null;
  const user = chooseServerUser(existing && join(existing, "data"));
  const root = existing ?? (user && !canTraverse(user, realHome) ? inSystem : inHome);
  makeFolder(root);
  if (user && !canTraverse(user, root)) {
    throw new StartFailure(
      `The folder ${root} cannot be reached by user ${user.name}, who runs Postgres for root: chmod o+x the folders above it, or set JEJAKEKAL_HOME to another folder.`,
    );
  }
  return {
    home: realHome,
    root,
    dataDir: join(root, "data"),
    logFile: join(root, "server.log"),
    keepFile: join(root, "keep"),
    passFile: join(root, "pgpass"),
    accessFile: join(root, "pg_hba.conf"),
    user,
  };
}

/** Whether a start on this home has made a data folder. Creates nothing. */
export function isHomeInUse(home: string): boolean {
  return existsSync(home) && rootsOf(realpathSync(home)).some(hasCluster);
}

/** The two folders in which the server of a home can be. */
function rootsOf(realHome: string): readonly [inHome: string, inSystem: string] {
  const digest = createHash("sha256").update(realHome).digest("hex").slice(0, 12);
  return [join(realHome, "postgres"), join(SYSTEM_ROOT, digest)];
}

/** False for a data folder that initdb did not finish. Its owner is of no interest. */
function hasCluster(root: string): boolean {
  return existsSync(join(root, "data", "global", "pg_control"));
}

/**
 * The home of the server that uses the port already, when the configuration did not ask for a particular home. Only a home
 * of the same user is shared, because the owner of a server can read everything that is sent to it.
 */
export function findSharedHome(
  { mayShare = false }: Readonly<{ mayShare?: boolean }>,
  configured: ServerHome,
  holder: Readonly<{ home: string | null }>,
): ServerHome | null {
  const { home } = holder;
  if (!mayShare || home === null || home === configured.home) return null;
  return isOwnHome(home) ? openServerHome(home) : null;
}

/** True when this user owns the home. */
export function isOwnHome(home: string): boolean {
  try {
    return statSync(home).uid === ownUid();
  } catch {
    return false;
  }
}

/** Creates the folder and its missing parents, and returns its real path. */
function makeFolder(folder: string): string {
  try {
    withUmask(0o022, () => createMissing(folder));
    return realpathSync(folder);
  } catch (error) {
    throw toStartFailure(error, folder);
  }
}

/** Without `recursive: true`, for which Node reports ENOENT when the file system is read-only. */
function createMissing(folder: string): void {
  if (existsSync(folder)) return;
  createMissing(dirname(folder));
  try {
    mkdirSync(folder, { mode: 0o755 });
  } catch (error) {
    if (codeOf(error) !== "EEXIST") throw error;
  }
}
