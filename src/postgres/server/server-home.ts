import { existsSync, mkdirSync, realpathSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { codeOf } from "../../error-code.ts";
import { StartFailure } from "../../failure.ts";
import { sha256Hex } from "../../sha256.ts";
import { canTraverse, chooseServerUser, ownUid, type ServerUser } from "./server-user.ts";
import { explain } from "./start-failure.ts";

/**
 * Where one embedded server lives, and as whom.
 *
 * `root` is `<home>/postgres`, with one exception: root starts Postgres as an unprivileged user, who cannot reach a home
 * under /root (mode 0700) or a `mktemp -d`. Then `root` is `/var/lib/jejakekal/<12 hex of sha256(realpath of home)>`.
 *
 * `root` belongs to this program's user and only `data` to `user`, so a server taken over cannot plant a link that root
 * would later follow.
 */
export interface Place {
  /** JEJAKEKAL_HOME, by its real path. */
  readonly home: string;
  readonly root: string;
  /** The Postgres data folder. */
  readonly dataDir: string;
  /** What Postgres says, appended across starts. */
  readonly logFile: string;
  /** Exists while `up` wants the server to outlive the programs that use it. */
  readonly keepFile: string;
  /** Null: the server runs as the user of this program. */
  readonly user: ServerUser | null;
}

const SYSTEM_ROOT = "/var/lib/jejakekal";

/** Finds, and creates where missing, the folder for the server of `home`. Throws StartFailure when it cannot be. */
export function openPlace(home: string): Place {
  const realHome = makeFolder(home);
  const inHome = join(realHome, "postgres");
  const inSystem = join(SYSTEM_ROOT, sha256Hex(realHome).slice(0, 12));
  // A data folder that never became a cluster says nothing about who shall own it.
  const existing =
    [inHome, inSystem].find((root) => existsSync(join(root, "data", "global", "pg_control"))) ?? null;
  const user = chooseServerUser(existing && join(existing, "data"));
  const root = existing ?? (user && !canTraverse(user, realHome) ? inSystem : inHome);
  makeFolder(root);
  if (user && !canTraverse(user, root)) {
    throw new StartFailure(
      `The folder ${root} cannot be reached by user ${user.name}, who runs Postgres for root: chmod o+x the folders above it, or set JEJAKEKAL_HOME to another folder.`,
    );
  }
  return placeAt(realHome, root, user);
}

function placeAt(home: string, root: string, user: ServerUser | null): Place {
  return {
    home,
    root,
    dataDir: join(root, "data"),
    logFile: join(root, "server.log"),
    keepFile: join(root, "keep"),
    user,
  };
}

/**
 * The place of the server that has the port already, where its home is not the one that was asked for and will do as well.
 * Only a home of this very user's: whose server it is may read everything that is sent to it.
 */
export function sharedPlace(
  { mayShare = false }: Readonly<{ mayShare?: boolean }>,
  asked: Place,
  holder: Readonly<{ home: string | null }>,
): Place | null {
  const { home } = holder;
  if (!mayShare || home === null || home === asked.home) return null;
  return statSync(home, { throwIfNoEntry: false })?.uid === ownUid() ? openPlace(home) : null;
}

/** Creates the folder and those above it; gives its real path. */
function makeFolder(folder: string): string {
  try {
    createMissing(folder);
    return realpathSync(folder);
  } catch (error) {
    throw explain(error, folder);
  }
}

/** Not `recursive: true`, by which Node says ENOENT where the reason is a read-only file system. */
function createMissing(folder: string): void {
  if (existsSync(folder)) return;
  createMissing(dirname(folder));
  try {
    mkdirSync(folder, { mode: 0o755 });
  } catch (error) {
    if (codeOf(error) !== "EEXIST") throw error;
  }
}
