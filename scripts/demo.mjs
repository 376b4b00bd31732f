/**
 * `npm run demo`: a document through the whole program, shown step by step. Installs what is missing, starts the service
 * with its own Postgres, and keeps serving when a person sits at the terminal.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:net";
import { join, relative } from "node:path";
import { environment, installPackages, root, say } from "./bootstrap.mjs";

const DOCUMENT = join(root, "golden", "corpus", "harbour-log.md");
const START_TIMEOUT_MS = 60_000;
const RUN_TIMEOUT_MS = 60_000;
const POLL_MS = 40;

installPackages();

const env = {
  ...environment,
  JEJAKEKAL_DEFAULT_HOME: join(root, ".cache", "jejakekal"),
  API_PORT: await freePort(process.env.API_PORT, 4010),
  UI_PORT: await freePort(process.env.UI_PORT, 4110),
};
const api = `http://127.0.0.1:${env.API_PORT}`;
const ui = `http://127.0.0.1:${env.UI_PORT}`;

say("Starting the service and its Postgres …");
const service = spawn("bun", ["src/main.ts", "serve"], {
  cwd: root,
  env,
  stdio: ["ignore", "pipe", "inherit"],
});
const lastLines = [];
service.stdout
  .setEncoding("utf8")
  .on("data", (text) => lastLines.splice(0, Math.max(0, lastLines.push(text) - 20)));
let stopping = false;
const stopped = once(service, "exit").then(([code]) => {
  if (stopping) return;
  say(`${lastLines.join("")}The service stopped by itself (exit code ${code}).`);
  process.exit(1);
});
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, stop);

try {
  await showDemo();
} catch (error) {
  say(`The demo failed: ${error.message}`);
  process.exitCode = 1;
  await stop();
}
const personIsThere = process.stdin.isTTY && process.stdout.isTTY && process.exitCode === undefined;
if (personIsThere) say("\nServing until you press Ctrl-C.");
else await stop();

async function showDemo() {
  await until("the service to answer", START_TIMEOUT_MS, async () => (await fetch(`${api}/healthz`)).ok);
  say(`Submitting ${relative(root, DOCUMENT)} …\n`);
  const started = await postDocument();
  const run = await follow(started.run_id);
  const exported = await getJson(`/runs/${started.run_id}/export`);
  showTimeline(run);
  showArtifacts(exported);
  console.log(`\nRun bundle  ${relative(process.cwd(), exported.run_bundle_path) || "."}`);
  console.log(`Page        ${ui}/runs/${run.run_id}`);
  console.log(`JSON        ${api}/runs/${run.run_id}`);
  if (run.status !== "done") throw new Error(`the run ended as ${run.status} (${run.dbos_status})`);
}

async function postDocument() {
  const response = await fetch(`${api}/runs?filename=harbour-log.md&sleepMs=250`, {
    method: "POST",
    headers: { "content-type": "text/markdown; charset=utf-8" },
    body: readFileSync(DOCUMENT),
  });
  const body = await response.json();
  if (response.status !== 202)
    throw new Error(`POST /runs answered ${response.status} ${JSON.stringify(body)}`);
  console.log(`202 accepted: the start is durable. Run ${body.run_id}\n`);
  return body;
}

/** Says each step as it is recorded, and returns the run as it ended. */
async function follow(runId) {
  let told = 0;
  let run;
  await until("the run to end", RUN_TIMEOUT_MS, async () => {
    run = await getJson(`/runs/${runId}`);
    for (const { function_name } of run.timeline.slice(told)) console.log(`  ✓ ${function_name}`);
    told = run.timeline.length;
    return run.status !== "running";
  });
  return run;
}

function showTimeline({ status, dbos_status, timeline }) {
  console.log(`\n${status} (${dbos_status})\n\nTimeline`);
  for (const { function_id, function_name, duration_ms, attempt, io_hashes } of timeline) {
    const made = io_hashes.out.map((hash) => hash.slice(0, 12)).join(" ");
    console.log(
      `  ${function_id}  ${function_name.padEnd(12)} ${String(duration_ms).padStart(5)} ms  attempt ${attempt}  ${made}`,
    );
  }
}

function showArtifacts({ artifacts }) {
  console.log("\nArtifacts");
  for (const { id, bytes, sha256 } of artifacts) {
    console.log(`  ${id.padEnd(12)} ${String(bytes).padStart(7)} B  sha256 ${sha256}`);
  }
}

async function getJson(path) {
  const response = await fetch(api + path);
  if (!response.ok) throw new Error(`GET ${path} answered ${response.status} ${await response.text()}`);
  return response.json();
}

async function until(what, timeoutMs, isSo) {
  const deadline = Date.now() + timeoutMs;
  while (!(await isSo().catch(() => false))) {
    if (Date.now() > deadline) throw new Error(`waited ${timeoutMs} ms for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

/** The port that was asked for, or the usual one, or any that is free. */
async function freePort(asked, usual) {
  if (asked) return asked;
  const probe = createServer();
  const free = await new Promise((resolve) => {
    probe.once("error", () => resolve(false)).listen(usual, "127.0.0.1", () => resolve(true));
  });
  if (!free) await new Promise((resolve) => probe.listen(0, "127.0.0.1", resolve));
  const { port } = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  return String(port);
}

async function stop() {
  if (!stopping) {
    stopping = true;
    service.kill("SIGTERM");
  }
  await stopped;
  process.exit();
}
