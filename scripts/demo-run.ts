/**
 * The demo after its packages are installed: sends a document through a service with its own Postgres and prints each step.
 * At a terminal it keeps serving until Ctrl-C.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:net";
import { join, relative } from "node:path";
import {
  checkCompleted,
  checkExported,
  type ExportedRun,
  exportRun,
  request,
  startRunOfFile,
  waitForRun,
} from "../src/client.ts";
import { findFreePort } from "../src/free-port.ts";
import { pollUntil } from "../src/poll.ts";
import type { RunView } from "../src/projection/run-view.ts";
import { environment, root, say } from "./bootstrap.mjs";

const DOCUMENT = join(root, "golden", "corpus", "harbour-log.md");
const START_TIMEOUT_MS = 60_000;
const RUN_TIMEOUT_MS = 60_000;

const env = {
  ...environment,
  JEJAKEKAL_DEFAULT_HOME: join(root, ".cache", "jejakekal"),
  API_PORT: await choosePort(process.env.API_PORT, 4010),
  UI_PORT: await choosePort(process.env.UI_PORT, 4110),
};
const api = `http://127.0.0.1:${env.API_PORT}`;
const ui = `http://127.0.0.1:${env.UI_PORT}`;

say("Starting the service and its Postgres …");
const service = startService();
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, service.stop);

try {
  await showDemo();
} catch (error) {
  say(`The demo failed: ${error instanceof Error ? error.message : error}`);
  process.exitCode = 1;
  await service.stop();
}
if (process.stdin.isTTY && process.stdout.isTTY) say("\nServing until you press Ctrl-C.");
else await service.stop();

async function showDemo(): Promise<void> {
  const isHealthy = async () => (await request(`${api}/healthz`)).status === 200;
  await pollUntil("the service answers", isHealthy, { timeoutMs: START_TIMEOUT_MS, intervalMs: 40 });
  say(`Submitting ${relative(root, DOCUMENT)} …\n`);
  const runId = await startRunOfFile(api, {
    bytes: readFileSync(DOCUMENT),
    mediaType: "text/markdown; charset=utf-8",
    query: { filename: "harbour-log.md", sleepMs: "250" },
  });
  console.log(`202 accepted: the start is durable. Run ${runId}\n`);
  const run = await printSteps(runId);
  checkCompleted(run);
  const exported = await exportRun(api, runId);
  checkExported(exported);
  printTimeline(run);
  printArtifacts(exported);
  console.log(`\nRun bundle  ${relative(process.cwd(), exported.run_bundle_path) || "."}`);
  console.log(`Page        ${ui}/runs/${runId}`);
  console.log(`JSON        ${api}/runs/${runId}`);
}

/** Prints each step when it is recorded, and returns the run when it has ended. */
function printSteps(runId: string): Promise<RunView> {
  let printed = 0;
  const hasEnded = ({ timeline, status }: RunView) => {
    for (const { function_name } of timeline.slice(printed)) console.log(`  ✓ ${function_name}`);
    printed = timeline.length;
    return status !== "running";
  };
  return waitForRun(api, runId, "ends", hasEnded, { timeoutMs: RUN_TIMEOUT_MS, intervalMs: 40 });
}

function printTimeline({ status, dbos_status, timeline }: RunView): void {
  console.log(`\n${status} (${dbos_status})\n\nTimeline`);
  for (const { function_id, function_name, duration_ms, attempt, io_hashes } of timeline) {
    const name = function_name.padEnd(12);
    const duration = String(duration_ms).padStart(5);
    const hashes = io_hashes.out.map((hash) => hash.slice(0, 12)).join(" ");
    console.log(`  ${function_id}  ${name} ${duration} ms  attempt ${attempt}  ${hashes}`);
  }
}

function printArtifacts({ artifacts }: ExportedRun): void {
  console.log("\nArtifacts");
  for (const { id, bytes, sha256 } of artifacts) {
    console.log(`  ${id.padEnd(12)} ${String(bytes).padStart(7)} B  sha256 ${sha256}`);
  }
}

function startService(): { stop: () => Promise<void> } {
  const child = spawn("bun", ["src/main.ts", "serve"], {
    cwd: root,
    env,
    stdio: ["ignore", "pipe", "inherit"],
  });
  const lastOutput = keepLast(20, child);
  let isStopping = false;
  const exited = once(child, "exit").then(([code]) => {
    if (isStopping) return;
    say(`${lastOutput.join("")}The service stopped by itself (exit code ${code}).`);
    process.exit(1);
  });
  return {
    async stop() {
      if (!isStopping) {
        isStopping = true;
        child.kill("SIGTERM");
      }
      await exited;
      process.exit();
    },
  };
}

/** The last `count` pieces of output, which are printed only when the service fails. */
function keepLast(count: number, { stdout }: ChildProcess): readonly string[] {
  const pieces: string[] = [];
  stdout?.setEncoding("utf8").on("data", (text: string) => {
    pieces.push(text);
    if (pieces.length > count) pieces.shift();
  });
  return pieces;
}

/** The port that the environment names, else the default, else a free one when the default is taken. */
async function choosePort(named: string | undefined, defaultPort: number): Promise<string> {
  if (named) return named;
  return String((await isFree(defaultPort)) ? defaultPort : await findFreePort());
}

function isFree(port: number): Promise<boolean> {
  const server = createServer();
  return new Promise((resolve) => {
    server.once("error", () => resolve(false));
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });
}
