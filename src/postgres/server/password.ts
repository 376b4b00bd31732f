import { randomBytes } from "node:crypto";
import {
  closeSync,
  constants,
  existsSync,
  fchmodSync,
  fchownSync,
  linkSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from "node:fs";
import { codeOf } from "../../error-code.ts";
import { StartFailure } from "../../failure.ts";
import type { ServerHome } from "./server-home.ts";
import { toStartFailure } from "./start-failure.ts";

/** Every connection over TCP needs the password; the server has no Unix socket. */
export const ACCESS_RULES = `# Written by jejakekal. The password of user postgres is in the file pgpass beside this one.
host all all 127.0.0.1/32 scram-sha-256
`;

/**
 * The password of user postgres; null when none was made yet, as by versions of this program that had none.
 * Throws StartFailure when the file belongs to another user or holds something else.
 */
export function readPassword(serverHome: ServerHome): string | null {
  const text = readPassFile(serverHome);
  if (text === null) return null;
  const password = /^127\.0\.0\.1:\*:\*:postgres:(\S+)$/m.exec(text)?.[1];
  if (password !== undefined) return password;
  throw new StartFailure(
    `The file ${serverHome.passFile} does not hold the password of Postgres: delete it, and start again.`,
  );
}

function readPassFile({ passFile, home }: ServerHome): string | null {
  try {
    return readFileSync(passFile, "utf8");
  } catch (error) {
    if (codeOf(error) === "ENOENT") return null;
    if (codeOf(error) !== "EACCES") throw toStartFailure(error, passFile);
    throw new StartFailure(
      `The Postgres of ${home} belongs to another user: run jejakekal as that user or as root, or set JEJAKEKAL_HOME to a folder of your own and JEJAKEKAL_PGPORT to a free port.`,
      { cause: error },
    );
  }
}

/** The password, made when there is none. Programs that make it at the same time get the same one. */
export function ensurePassword(serverHome: ServerHome): string {
  const existing = readPassword(serverHome);
  if (existing !== null) return existing;
  // A cluster that is there already has another password, or none.
  rmSync(serverHome.accessFile, { force: true });
  const password = randomBytes(24).toString("base64url");
  const lines = ["127.0.0.1", "localhost"].map((host) => `${host}:*:*:postgres:${password}\n`);
  const draft = `${serverHome.passFile}.${randomBytes(6).toString("hex")}`;
  try {
    writeNewFile(draft, lines.join(""), 0o600, statSync(serverHome.root));
    linkSync(draft, serverHome.passFile);
  } catch (error) {
    if (codeOf(error) !== "EEXIST") throw error;
  } finally {
    rmSync(draft, { force: true });
  }
  return readPassword(serverHome) ?? password;
}

/** True when the cluster was given the password. */
export function isPasswordSet({ accessFile }: ServerHome): boolean {
  return existsSync(accessFile) && readFileSync(accessFile, "utf8") === ACCESS_RULES;
}

/** Writes the access rules of the server, which also records that the cluster has the password. */
export function writeAccessRules({ accessFile, root }: ServerHome): void {
  const draft = `${accessFile}.${randomBytes(6).toString("hex")}`;
  try {
    // The server may run as another user than this program.
    writeNewFile(draft, ACCESS_RULES, 0o644, statSync(root));
    renameSync(draft, accessFile);
  } finally {
    rmSync(draft, { force: true });
  }
}

/** Fails when the path exists, even as a dangling link: root must not write through a link that somebody else made. */
function writeNewFile(
  path: string,
  text: string,
  mode: number,
  owner: Readonly<{ uid: number; gid: number }>,
): void {
  const fd = openSync(path, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, mode);
  try {
    fchmodSync(fd, mode);
    if (process.getuid?.() === 0) fchownSync(fd, owner.uid, owner.gid);
    writeSync(fd, text);
  } finally {
    closeSync(fd);
  }
}
