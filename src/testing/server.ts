import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type EmbeddedServer, ensureRunning, fromNodeModules } from "../postgres/index.ts";
import { REPOSITORY } from "./paths.ts";

/** Each checkout has its own, apart from those of programs that a person may have running, and below those of outgoing calls. */
const PORT = 20_000 + (createHash("sha256").update(REPOSITORY).digest().readUInt32BE() % 10_000);

let held: Promise<EmbeddedServer> | null = null;

/**
 * The one Postgres of a test run, held by this process until it ends. Processes come and go as they like: the last one out
 * stops the server. Returns the address of a database on it.
 */
export async function acquireServer(): Promise<(database: string) => string> {
  if (held === null) {
    held = attach();
    process.once("beforeExit", release);
    process.once("exit", releaseFromOutside);
  }
  const { databaseUrl } = await held;
  return (database) => new URL(`/${database}`, databaseUrl).href;
}

/** Attaches and leaves again, which stops a server that nobody else uses. */
export async function releaseServer(): Promise<void> {
  await (await attach()).release();
}

function attach(): Promise<EmbeddedServer> {
  const home = join(REPOSITORY, ".cache", "test-postgres");
  return ensureRunning({ home, port: PORT, binaries: fromNodeModules() });
}

async function release(): Promise<void> {
  const leaving = held;
  held = null;
  await (await leaving)?.release();
}

/** `bun test` ends without a `beforeExit`, and at `exit` nothing can be awaited: another process leaves in our stead. */
function releaseFromOutside(): void {
  if (held === null || process.versions.bun === undefined) return;
  const script = fileURLToPath(new URL("./release-server.ts", import.meta.url));
  spawn(process.execPath, [script], { detached: true, stdio: "ignore" }).unref();
}
