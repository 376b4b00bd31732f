import { spawn } from "node:child_process";
import { chmodSync, chownSync, existsSync, readdirSync, readFileSync, renameSync } from "node:fs";
import { join } from "node:path";
import { codeOf } from "../../error-code.ts";
import { StartFailure } from "../../failure.ts";
import type { PostgresBinaries } from "../binaries/binaries.ts";
import { buildOnce } from "../binaries/build-once.ts";
import type { Place } from "./server-home.ts";
import { ownUid } from "./server-user.ts";
import { explain } from "./start-failure.ts";

/** All that Postgres and its tools get to see of an environment; initdb runs `postgres` through `sh`. */
export const SERVER_ENV = { PATH: "/usr/bin:/bin", LANG: "C", LC_ALL: "C", TZ: "UTC" };

/** Nothing about sorting or case may depend on the machine's C library, whose rules change between releases. */
const INITDB_FLAGS = [
  "--username=postgres",
  "--auth=trust",
  "--encoding=UTF8",
  "--locale=C",
  "--locale-provider=builtin",
  "--builtin-locale=C.UTF-8",
  "--no-instructions",
];

/**
 * Makes the binaries and the data folder ready and gives the folder of the binaries. Repairs what a first start that was
 * cut short has left. Throws StartFailure when the disk or the data folder do not allow it.
 */
export async function prepareCluster(place: Place, binaries: PostgresBinaries): Promise<string> {
  const binariesDir = join(place.root, `postgres-${binaries.version}`);
  try {
    await buildOnce(binariesDir, (draft) => binaries.unpackInto(draft));
    moveHalfMadeAside(place.dataDir);
    await buildOnce(place.dataDir, (draft) => initdb(binariesDir, draft, place));
  } catch (error) {
    throw explain(error, place.root);
  }
  checkDataDir(place, binaries);
  return binariesDir;
}

/** Makes the empty folder `dataDir` a database cluster owned by the user of `place`. Rejects with initdb's own words. */
export async function initdb(
  binariesDir: string,
  dataDir: string,
  place: Pick<Place, "root" | "user">,
): Promise<void> {
  chmodSync(dataDir, 0o700);
  if (place.user) chownSync(dataDir, place.user.uid, place.user.gid);
  const child = spawn(join(binariesDir, "bin", "initdb"), [...INITDB_FLAGS, `--pgdata=${dataDir}`], {
    cwd: place.root,
    env: SERVER_ENV,
    stdio: ["ignore", "ignore", "pipe"],
    ...(place.user && { uid: place.user.uid, gid: place.user.gid }),
  });
  const said: string[] = [];
  child.stderr.setEncoding("utf8").on("data", (text: string) => said.push(text));
  const { promise, resolve, reject } = Promise.withResolvers<number | null>();
  child.once("error", reject).once("close", resolve);
  if ((await promise) !== 0) throw new Error(said.join("").trim() || "initdb failed without a word");
}

/**
 * A data folder without `global/pg_control` never became a database cluster. With no database of a user's in it
 * (their ids start at 16384) nothing can be lost by starting over; still it is moved aside, not deleted.
 */
function moveHalfMadeAside(dataDir: string): void {
  if (!isHalfMade(dataDir)) return;
  const aside = [...Array(1000).keys()]
    .map((n) => `${dataDir}.half-made-${n}`)
    .find((path) => !existsSync(path));
  if (aside) renameSync(dataDir, aside);
}

function isHalfMade(dataDir: string): boolean {
  try {
    const names = readdirSync(dataDir);
    const isOfInitdb = ["PG_VERSION", "base", "global", "pg_wal"].some((name) => names.includes(name));
    if (!isOfInitdb || existsSync(join(dataDir, "global", "pg_control"))) return false;
    const databases = names.includes("base") ? readdirSync(join(dataDir, "base")) : [];
    return databases.every((id) => Number(id) < 16384);
  } catch (error) {
    if (codeOf(error) === "ENOENT" || codeOf(error) === "EACCES") return false;
    throw error;
  }
}

function checkDataDir(place: Place, binaries: PostgresBinaries): void {
  const theirs = readMajorVersion(place);
  const ours = binaries.version.split(".", 1)[0];
  if (theirs !== ours) {
    throw new StartFailure(
      `The data folder ${place.dataDir} was made by Postgres ${theirs}, and this program carries Postgres ${ours}: use a program that carries ${theirs}, or set JEJAKEKAL_HOME to another folder.`,
    );
  }
}

function readMajorVersion(place: Place): string {
  try {
    return readFileSync(join(place.dataDir, "PG_VERSION"), "utf8").trim();
  } catch (error) {
    if (codeOf(error) === "ENOENT") {
      throw new StartFailure(
        `The folder ${place.dataDir} holds something that is not Postgres data: move it away, or set JEJAKEKAL_HOME to another folder.`,
      );
    }
    throw ownerFailure(place, error);
  }
}

function ownerFailure(place: Place, cause: unknown): StartFailure {
  return new StartFailure(
    `The data folder ${place.dataDir} belongs to another user than user id ${ownUid()}: run jejakekal as its owner or as root, or set JEJAKEKAL_HOME to a folder of your own.`,
    { cause },
  );
}
