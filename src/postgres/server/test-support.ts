import { type ChildProcess, execFileSync, spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { TestContext } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { Client } from "pg";
import { findFreePort } from "../../free-port.ts";
import { findNativePackage, fromNodeModules, type PostgresBinaries } from "../binaries/binaries.ts";
import { initdb } from "./cluster.ts";
import type { EmbeddedOptions } from "./ensure-running.ts";
import { isAlive } from "./processes.ts";
import { openServerHome, type ServerHome } from "./server-home.ts";
import { canTraverse, chooseServerUser } from "./server-user.ts";
import { stopServer } from "./stop.ts";

export const isRoot = process.getuid?.() === 0 && process.platform === "linux";

const REPOSITORY = fileURLToPath(new URL("../../..", import.meta.url));

/** Somebody who is neither root nor the user that root's server runs as. */
export const SOMEBODY = { name: "nobody", uid: 65534, gid: 65534 };

/** True when tests may run a program of this repository as somebody else. */
export const canBeSomebody = isRoot && canTraverse(SOMEBODY, REPOSITORY);

/** Options of a test that starts servers, for a machine that is busy with other things; Bun's default is 5 s. */
export const withServer = { timeout: 60_000 };

/** What the tests of one file share: the unpacked binaries and a fresh cluster, which take seconds to make. */
let shared: Promise<string> | null = null;

async function makeShared(): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "jejakekal-shared-"));
  // Not a hook of the test runner: Bun runs those after its first file, and its files share this module.
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  chmodSync(folder, 0o755);
  const [binariesDir, template] = [join(folder, "postgres"), join(folder, "template")];
  mkdirSync(binariesDir);
  mkdirSync(template);
  await fromNodeModules().unpackInto(binariesDir);
  await initdb(binariesDir, template, { root: folder, user: chooseServerUser(null) });
  execFileSync("chmod", ["-R", "a+rX", template]);
  return folder;
}

/** The real Postgres, linked instead of copied, whose `initdb` copies a cluster that the real one has made. */
export function linkedBinaries(sharedDir: string): PostgresBinaries {
  const original = join(sharedDir, "postgres");
  const copyTemplate = `#!/bin/sh
for arg; do case "$arg" in --pgdata=*) exec cp -R '${join(sharedDir, "template")}/.' "\${arg#--pgdata=}" ;; esac; done
`;
  return {
    version: findNativePackage().version,
    async unpackInto(dir) {
      for (const name of ["lib", "share"]) symlinkSync(join(original, name), join(dir, name));
      mkdirSync(join(dir, "bin"));
      symlinkSync(join(original, "bin", "postgres"), join(dir, "bin", "postgres"));
      writeFileSync(join(dir, "bin", "initdb"), copyTemplate, { mode: 0o755 });
    },
  };
}

export interface Home extends EmbeddedOptions {
  readonly sharedDir: string;
  /** Where the server of this home lives; created by the first call. */
  serverHome(): ServerHome;
}

/** True when tests may give a home a small disk of its own. */
export function canMount(): boolean {
  const folder = mkdtempSync(join(tmpdir(), "jejakekal-mount-"));
  try {
    if (spawnSync("mount", ["-t", "tmpfs", "none", folder], { stdio: "ignore" }).status !== 0) return false;
    execFileSync("umount", [folder]);
    return true;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** An empty home with a port, and a disk of `diskSize` if given, of its own; its server is stopped and its folders are removed after the test. */
export async function makeHome(t: TestContext, { mode = 0o755, diskSize = "" } = {}): Promise<Home> {
  shared ??= makeShared();
  const sharedDir = await shared;
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "jejakekal-pg-")));
  chmodSync(folder, mode);
  const home = join(folder, "home");
  mkdirSync(home);
  if (diskSize) execFileSync("mount", ["-t", "tmpfs", "-o", `size=${diskSize},mode=755`, "none", home]);
  t.after(async () => {
    await stopServer(openServerHome(home)).catch(() => {});
    if (diskSize) execFileSync("umount", ["-l", home]);
    rmSync(folder, { recursive: true, force: true });
    rmSync(systemRootOf(home), { recursive: true, force: true });
  });
  return {
    home,
    sharedDir,
    port: await findFreePort(),
    binaries: linkedBinaries(sharedDir),
    timeoutMs: 20_000,
    serverHome: () => openServerHome(home),
  };
}

/** Where root's server lives when the server's user cannot reach `home`. */
export function systemRootOf(home: string): string {
  return join("/var/lib/jejakekal", createHash("sha256").update(home).digest("hex").slice(0, 12));
}

/** What the first column of the first row says, as text; null where there is none. */
export async function askFor(url: string, sql: string): Promise<string | null> {
  const client = new Client({ connectionString: url });
  client.on("error", () => {});
  await client.connect();
  try {
    const { rows } = await client.query<unknown[]>({ text: sql, rowMode: "array" });
    const value = rows[0]?.[0];
    return value === undefined || value === null ? null : String(value);
  } finally {
    await client.end();
  }
}

/** The pid of the server at `url`, by way of its own pid file. */
export async function askForPid(url: string): Promise<number> {
  return Number((await askFor(url, "select pg_read_file('postmaster.pid')"))?.split("\n", 1)[0]);
}

export async function waitUntil(isTrue: () => boolean | Promise<boolean>, timeoutMs = 10_000): Promise<void> {
  const until = performance.now() + timeoutMs;
  while (!(await isTrue())) {
    if (performance.now() > until) throw new Error("what was waited for did not happen");
    await sleep(20);
  }
}

/** Another process that attaches to the server of a home; see `test-program.ts`. */
export interface Program {
  readonly child: ChildProcess;
  /** What it printed once attached: the line of JSON, parsed. */
  readonly attached: Promise<{ databaseUrl: string; startedHere: boolean; pid: number }>;
  /** Resolves to the exit code once it has gone. */
  readonly exited: Promise<number | null>;
  /** Asks for a graceful exit and waits for it. */
  leave(): Promise<number | null>;
  kill(): Promise<void>;
}

export function startProgram(
  t: TestContext,
  { home, port, sharedDir }: Home,
  { user, mode = "stay" }: { user?: { uid: number; gid: number }; mode?: "stay" | "idle" | "unpack" } = {},
): Program {
  const script = fileURLToPath(new URL("./test-program.ts", import.meta.url));
  const loader = process.versions.bun ? [] : ["--import", "tsx"];
  const child = spawn(process.execPath, [...loader, script, home, String(port), sharedDir, mode], {
    cwd: REPOSITORY,
    stdio: ["pipe", "pipe", "inherit"],
    ...user,
  });
  const exited = new Promise<number | null>((resolve) => child.once("exit", resolve));
  t.after(() => child.kill("SIGKILL"));
  return {
    child,
    exited,
    attached: firstLineOf(child),
    leave() {
      child.stdin.end();
      return exited;
    },
    async kill() {
      child.kill("SIGKILL");
      await exited;
    },
  };
}

async function firstLineOf(child: ChildProcess) {
  if (child.stdout === null) throw new Error("the program has no output");
  for await (const line of createInterface({ input: child.stdout })) {
    const answer = JSON.parse(line);
    if ("failure" in answer) throw new Error(answer.failure);
    return answer;
  }
  throw new Error("the program ended without a word");
}

export function isGone(pid: number): boolean {
  return !isAlive(pid) || !existsSync(`/proc/${pid}/exe`);
}
