/**
 * Makes golden/databases/NAME.backup.gz: a database as an earlier version of the program leaves it when it is killed, with runs that have
 * ended, a fork, and a run that sleeps. Its content differs each time; it is made once and committed.
 *
 *   node --import tsx --import ./scripts/text-modules.mjs scripts/earlier-database.ts COMMIT NAME
 */
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { completeRun, postJson, startRun, waitForEnd, waitForRun } from "../src/client.ts";
import { pollUntil } from "../src/poll.ts";
import { backUpDatabase } from "../src/store/backup/backup.ts";
import { startChild } from "../src/testing/child.ts";
import { emptyDatabase } from "../src/testing/database.ts";
import { REPOSITORY, temporaryFolder } from "../src/testing/paths.ts";

/** The ids by which tests find the runs. */
const ENDED = {
  workflowId: "earlier-ended",
  source: "# Ended\n\nInvoice 12 is due on 2026-03-01: EUR 40.\n",
};
const CSV = { workflowId: "earlier-table", source: "name,amount\nAda,12\nBob,30\n" };
const ASLEEP = { workflowId: "earlier-asleep", source: "# Asleep\n\nIt was interrupted.\n", sleepMs: 60_000 };

const [commit = "", name = ""] = process.argv.slice(2);
using folder = temporaryFolder();
const checkout = join(folder.path, "checkout");
execFileSync("git", ["worktree", "add", "--detach", checkout, commit], { cwd: REPOSITORY, stdio: "inherit" });
try {
  symlinkSync(join(REPOSITORY, "node_modules"), join(checkout, "node_modules"));
  await using database = await emptyDatabase();
  await runEarlierProgram(database.url);
  const file = join(folder.path, "backup");
  const { runs } = await backUpDatabase(database.url, file);
  const place = join(REPOSITORY, "golden", "databases");
  mkdirSync(place, { recursive: true });
  const packed = gzipSync(readFileSync(file), { level: 9 });
  writeFileSync(join(place, `${name}.backup.gz`), packed);
  console.log(`golden/databases/${name}.backup.gz: ${runs} runs, ${packed.length} bytes`);
} finally {
  execFileSync("git", ["worktree", "remove", "--force", checkout], { cwd: REPOSITORY });
}

async function runEarlierProgram(databaseUrl: string): Promise<void> {
  const loaders = ["tsx", join(checkout, "scripts", "text-modules.mjs")].flatMap((loader) => [
    "--import",
    loader,
  ]);
  await using child = startChild([process.execPath, ...loaders, join(checkout, "src", "main.ts"), "api"], {
    API_PORT: "0",
    DBOS_SYSTEM_DATABASE_URL: databaseUrl,
    JEJAKEKAL_HOME: folder.path,
    JEJAKEKAL_BUNDLES_ROOT: join(folder.path, "bundles"),
  });
  const url = await child.lineOf("it listens", (line) => {
    const { msg, url: address } = JSON.parse(line);
    return msg === "listening" ? String(address) : undefined;
  });
  await pollUntil("it is well", async () => (await fetch(`${url}/healthz`)).ok, { timeoutMs: 60_000 });
  await completeRun(url, ENDED);
  await completeRun(url, CSV);
  const fork = await postJson(`${url}/runs/${ENDED.workflowId}/fork`, { from_step: 3 });
  const { run_id: forkId } = JSON.parse(fork.text);
  await waitForEnd(url, forkId);
  const cancelled = await startRun(url, {
    workflowId: "earlier-cancelled",
    source: "# Cancelled",
    sleepMs: 60_000,
  });
  await postJson(`${url}/runs/${cancelled}/cancel`, {});
  await startRun(url, ASLEEP);
  await waitForRun(url, ASLEEP.workflowId, "sleeps", ({ timeline }) => timeline.length === 2);
  child.signal("SIGKILL");
  await child.exited;
}
