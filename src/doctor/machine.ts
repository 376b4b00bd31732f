import { constants, existsSync } from "node:fs";
import { access, stat, statfs } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Config } from "../config.ts";
import { codeOf } from "../error-code.ts";
import { StartFailure } from "../failure.ts";
import { findSigningKey } from "../files/signing-key.ts";
import { describeVersion } from "../version.ts";
import { type Check, failed, failedAs, passed, skipped } from "./check.ts";

const OLDEST_NODE = 24;
const OLDEST_BUN = "1.3";

/** The program and what it runs on. An older Node does not get here: `require-runtime.ts` stops it. */
export function checkRuntime(
  versions: Readonly<Record<string, string | undefined>> = process.versions,
): Check {
  const { bun, node } = versions;
  const runtime = bun === undefined ? `Node ${node}` : `Bun ${bun}`;
  const isOld = bun === undefined ? isBelow(node, `${OLDEST_NODE}`) : isBelow(bun, OLDEST_BUN);
  return isOld
    ? failed("runtime", `this is ${runtime}`, `use Node ${OLDEST_NODE} or Bun ${OLDEST_BUN}, or newer`)
    : passed("runtime", `jejakekal ${describeVersion()} on ${runtime}, ${process.platform}-${process.arch}`);
}

function isBelow(version: string | undefined, oldest: string): boolean {
  const [own = [], other = []] = [version ?? "0", oldest].map((text) => text.split(".").map(Number));
  const index = other.findIndex((part, position) => (own[position] ?? 0) !== part);
  return index !== -1 && (own[index] ?? 0) < (other[index] ?? 0);
}

/** The permissions by which other users could replace what the program trusts. */
const WRITABLE_FOR_OTHERS = 0o022;
const OTHERS = 0o077;

/** @param home the folder of the data, which the first start makes */
export async function checkHome(home: string): Promise<Check> {
  const place = existingPartOf(home);
  try {
    await access(place, constants.W_OK | constants.X_OK);
    const { mode } = await stat(place);
    if (place !== home) return passed("home", `${home} is not there yet, and the first start makes it`);
    if ((mode & WRITABLE_FOR_OTHERS) !== 0) {
      return failed("home", `other users may write to ${home}`, `run chmod go-w ${home}`);
    }
    const passFile = join(home, "postgres", "pgpass");
    if (existsSync(passFile) && ((await stat(passFile)).mode & OTHERS) !== 0) {
      return failed("home", `other users may read the password in ${passFile}`, `run chmod 600 ${passFile}`);
    }
    return passed("home", `${home} can be written by this user alone`);
  } catch (error) {
    return failed(
      "home",
      `${place} cannot be written by this user (${codeOf(error)})`,
      "change its owner or mode, or set JEJAKEKAL_HOME to another folder",
    );
  }
}

/** A first start takes 110 MB, and Postgres keeps up to 1 GB of write-ahead log under load. */
const NEEDED_BYTES = 1024 ** 3;

/** The disks of the data and of the bundles. */
export async function checkDisk(
  { home, bundlesRoot, databaseUrl }: Pick<Config, "home" | "bundlesRoot" | "databaseUrl">,
  neededBytes: number = NEEDED_BYTES,
): Promise<Check> {
  const folders = databaseUrl === undefined ? [home, bundlesRoot] : [bundlesRoot];
  const free = await Promise.all(
    folders.map(async (folder) => ({ folder, bytes: await freeBytes(existingPartOf(folder)) })),
  );
  const full = free.find(({ bytes }) => bytes < neededBytes);
  if (full !== undefined) {
    return failed(
      "disk",
      `${inMegabytes(full.bytes)} are free under ${full.folder}, and ${inMegabytes(neededBytes)} may be needed`,
      `free some space, or set ${full.folder === home ? "JEJAKEKAL_HOME" : "JEJAKEKAL_BUNDLES_ROOT"} to a folder on another disk`,
    );
  }
  return passed(
    "disk",
    free.map(({ folder, bytes }) => `${inMegabytes(bytes)} free under ${folder}`).join(", "),
  );
}

async function freeBytes(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}

function inMegabytes(bytes: number): string {
  return `${Math.floor(bytes / 1024 ** 2)} MB`;
}

/** The folder, or the nearest one above it that is there. */
function existingPartOf(folder: string): string {
  return existsSync(folder) ? folder : existingPartOf(dirname(folder));
}

export async function checkSigningKey(path: string | undefined): Promise<Check> {
  if (path === undefined)
    return skipped("key", "JEJAKEKAL_SIGNING_KEY is not set, so bundles are not signed");
  try {
    await findSigningKey(path);
    return passed("key", `${path} signs bundles, and only its owner can read it`);
  } catch (error) {
    if (error instanceof StartFailure) return failedAs("key", error.message, "set it to another file");
    throw error;
  }
}
