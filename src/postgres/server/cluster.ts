import { spawn } from "node:child_process";
import { chmodSync, chownSync, existsSync, readdirSync, readFileSync, renameSync } from "node:fs";
import { join } from "node:path";
import { escapeLiteral } from "pg";
import { codeOf } from "../../error-code.ts";
import { StartFailure } from "../../failure.ts";
import type { PostgresBinaries } from "../binaries/binaries.ts";
import { buildOnce } from "../binaries/build-once.ts";
import { ensurePassword, isPasswordSet, writeAccessRules } from "./password.ts";
import type { ServerHome } from "./server-home.ts";
import { ownUid } from "./server-user.ts";
import { toStartFailure } from "./start-failure.ts";

/** The whole environment of Postgres and its tools. PATH is needed because initdb starts `postgres` through `sh`. */
export const SERVER_ENV = { PATH: "/usr/bin:/bin", LANG: "C", LC_ALL: "C", TZ: "UTC" };

/**
 * Sorting and case must not depend on the machine's C library, whose rules change between releases. Nobody may log in
 * until the password is set.
 */
const INITDB_FLAGS = [
  "--username=postgres",
  "--auth=reject",
  "--encoding=UTF8",
  "--locale=C",
  "--locale-provider=builtin",
  "--builtin-locale=C.UTF-8",
  "--no-instructions",
];

/** What a server or tool says when another process, or the rest of a killed server, still works on the data folder. */
export const DATA_IN_USE = /lock file .* already exists|shared memory block .* in use/;

/** What they say between the moments in which another process creates its pid file and writes it. */
export const PID_FILE_EMPTY = /lock file .* is empty/;

/**
 * Makes the binaries, the data folder and the password ready. Returns the folder of the binaries, or null when another
 * process is at work on the data folder. Repairs what an interrupted first start has left.
 * Throws StartFailure when the disk or the data folder do not allow it.
 */
export async function prepareCluster(
  serverHome: ServerHome,
  binaries: PostgresBinaries,
): Promise<string | null> {
  const { root, dataDir } = serverHome;
  const binariesDir = join(root, `postgres-${binaries.version}`);
  try {
    await buildOnce(binariesDir, (draft) => binaries.unpackInto(draft));
    const password = ensurePassword(serverHome);
    moveUnfinishedAside(dataDir);
    await buildOnce(dataDir, async (draft) => {
      await initdb(binariesDir, draft, serverHome);
      await setPassword(binariesDir, draft, serverHome, password);
      writeAccessRules(serverHome);
    });
    checkVersion(serverHome, binaries);
    if (!isPasswordSet(serverHome)) {
      await setPassword(binariesDir, dataDir, serverHome, password);
      writeAccessRules(serverHome);
    }
  } catch (error) {
    if (error instanceof Error && [DATA_IN_USE, PID_FILE_EMPTY].some((says) => says.test(error.message)))
      return null;
    throw toStartFailure(error, root);
  }
  return binariesDir;
}

type ToolHome = Pick<ServerHome, "root" | "user">;

/** Makes the empty folder `dataDir` a database cluster owned by the server's user. Rejects with initdb's message. */
export async function initdb(binariesDir: string, dataDir: string, serverHome: ToolHome): Promise<void> {
  const { root, user } = serverHome;
  // initdb puts its own path into a shell command between double quotes.
  const unsafe = /[$`"\\\n]/.exec(root)?.[0];
  if (unsafe !== undefined) {
    throw new StartFailure(
      `The folder ${JSON.stringify(root)} has ${JSON.stringify(unsafe)} in its name, which Postgres's initdb cannot handle: set JEJAKEKAL_HOME to a folder without it.`,
    );
  }
  chmodSync(dataDir, 0o700);
  if (user) chownSync(dataDir, user.uid, user.gid);
  await runTool(join(binariesDir, "bin", "initdb"), [...INITDB_FLAGS, `--pgdata=${dataDir}`], serverHome);
}

/**
 * Sets the password of user postgres while no server runs, and replaces the access rules that earlier versions left in
 * the data folder, which trust everyone. The password is random, so it needs no key stretching: one iteration of SCRAM.
 */
async function setPassword(
  binariesDir: string,
  dataDir: string,
  serverHome: ToolHome,
  password: string,
): Promise<void> {
  const settings = {
    exit_on_error: "on",
    log_checkpoints: "off",
    // The password must not get into a log.
    log_min_error_statement: "panic",
    scram_iterations: "1",
  };
  const flags = Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
  const rules =
    "# See pg_hba.conf in the folder above. These rules are used when Postgres is started by hand.";
  const statements = [
    `alter role postgres password ${escapeLiteral(password)}`,
    `copy (values (${escapeLiteral(rules)}), ('local all all reject')) to ${escapeLiteral(join(dataDir, "pg_hba.conf"))}`,
  ];
  await runTool(
    join(binariesDir, "bin", "postgres"),
    ["--single", "-D", dataDir, ...flags, "postgres"],
    serverHome,
    `${statements.join("\n")}\n`,
  );
}

/** Runs a tool of Postgres as the server's user. Rejects with what it wrote to stderr when it fails. */
async function runTool(
  file: string,
  args: readonly string[],
  { root, user }: ToolHome,
  input = "",
): Promise<void> {
  const child = spawn(file, args, {
    cwd: root,
    env: SERVER_ENV,
    stdio: ["pipe", "ignore", "pipe"],
    ...(user && { uid: user.uid, gid: user.gid }),
  });
  const messages: string[] = [];
  child.stderr.setEncoding("utf8").on("data", (text: string) => messages.push(text));
  // A tool that ends before it has read its input says why on stderr.
  child.stdin.on("error", () => {});
  child.stdin.end(input);
  const { promise, resolve, reject } = Promise.withResolvers<number | null>();
  child.once("error", reject).once("close", resolve);
  const code = await promise;
  if (code !== 0) throw new Error(messages.join("").trim() || `${file} ended with exit code ${code}`);
}

/**
 * A data folder without `global/pg_control` is one that initdb did not finish. It holds no data when it has no database of
 * a user (their ids start at 16384); it is still moved aside and not deleted.
 */
function moveUnfinishedAside(dataDir: string): void {
  if (!isUnfinished(dataDir)) return;
  const aside = [...Array(1000).keys()]
    .map((n) => `${dataDir}.half-made-${n}`)
    .find((path) => !existsSync(path));
  if (aside) renameSync(dataDir, aside);
}

function isUnfinished(dataDir: string): boolean {
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

function checkVersion(serverHome: ServerHome, binaries: PostgresBinaries): void {
  const found = readMajorVersion(serverHome);
  const own = binaries.version.split(".", 1)[0];
  if (found !== own) {
    throw new StartFailure(
      `The data folder ${serverHome.dataDir} was made by Postgres ${found}, and this program carries Postgres ${own}: use a program that carries ${found}, or set JEJAKEKAL_HOME to another folder.`,
    );
  }
}

function readMajorVersion({ dataDir }: ServerHome): string {
  try {
    return readFileSync(join(dataDir, "PG_VERSION"), "utf8").trim();
  } catch (error) {
    if (codeOf(error) === "ENOENT") {
      throw new StartFailure(
        `The folder ${dataDir} holds something that is not Postgres data: move it away, or set JEJAKEKAL_HOME to another folder.`,
      );
    }
    throw new StartFailure(
      `The data folder ${dataDir} belongs to another user than user id ${ownUid()}: run jejakekal as its owner or as root, or set JEJAKEKAL_HOME to a folder of your own.`,
      { cause: error },
    );
  }
}
