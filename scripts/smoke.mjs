/**
 * The built runners as a stranger has them: the executable alone in an empty folder with nothing on PATH, and the Node
 * folder with Node and nothing installed. Each serves, takes a document, survives SIGKILL in the middle and exports, within
 * the limits of its size, its memory and its starts; then the executable signs itself off.
 */
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  copyFileSync,
  cpSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { availableParallelism, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { root, say } from "./bootstrap.mjs";

const MAX_BYTES = 150 * 1024 * 1024;
/**
 * On two quiet cores a first start is to take under 4 s and a later one under 700 ms. Twice that here, and more where the
 * machine has more to do than cores to do it: a busy machine is no regression, a start that hangs is one.
 */
const crowding = () => Math.max(1, loadavg()[0] / availableParallelism());
const firstStartMs = () => Math.round(8_000 * crowding());
const laterStartMs = () => Math.round(1_400 * crowding());
const LATER_STARTS = 3;
/** Measured after the work, Postgres apart. */
const MAX_RESIDENT_MB = 160;

const folder = mkdtempSync(join(tmpdir(), "jejakekal-smoke-"));
chmodSync(folder, 0o755);
const executable = join(folder, "jejakekal");
copyFileSync(join(root, "dist", "jejakekal"), executable);
assert.ok(statSync(executable).size < MAX_BYTES, "the executable is larger than 150 MB");
const nodeFolder = join(folder, "node");
cpSync(join(root, "dist", "node"), nodeFolder, { recursive: true });

const RUNNERS = [
  {
    name: "executable",
    command: executable,
    args: [],
    maxResidentMb: MAX_RESIDENT_MB,
    apiPort: 4821,
    pgPort: 55461,
    cwd: folder,
    path: "/usr/bin:/bin",
  },
  {
    name: "node",
    // Not the link in node_modules, from which Node would look for packages.
    command: realpathSync(join(root, "node_modules", ".bin", "node")),
    args: [join(nodeFolder, "main.mjs")],
    maxResidentMb: 2 * MAX_RESIDENT_MB,
    apiPort: 4822,
    pgPort: 55462,
    cwd: folder,
    path: "/usr/bin:/bin",
  },
];

const programs = [];
try {
  for (const runner of RUNNERS) await smoke(runner);
  signOff();
} finally {
  for (const program of programs) program.kill("SIGKILL");
  rmSync(folder, { recursive: true, force: true });
}

async function smoke(runner) {
  const home = join(folder, `home-${runner.name}`);
  const env = {
    PATH: runner.path,
    HOME: folder,
    JEJAKEKAL_HOME: home,
    API_PORT: String(runner.apiPort),
    UI_PORT: String(runner.apiPort + 100),
    PGPORT: String(runner.pgPort),
  };
  const api = `http://127.0.0.1:${runner.apiPort}`;
  const cli = (...args) => {
    const { status, stdout, stderr } = spawnSync(runner.command, [...runner.args, ...args], {
      cwd: runner.cwd,
      env,
      encoding: "utf8",
    });
    assert.equal(status, 0, `${runner.name} ${args.join(" ")} exited ${status}: ${stderr}`);
    return stdout;
  };
  const serve = async () => {
    const began = performance.now();
    const program = spawn(runner.command, [...runner.args, "serve"], {
      cwd: runner.cwd,
      env,
      stdio: ["ignore", "ignore", "inherit"],
    });
    programs.push(program);
    await until(async () => {
      assert.equal(program.exitCode, null, `${runner.name} stopped by itself`);
      return fetch(`${api}/healthz`).then(
        ({ ok }) => ok,
        () => false,
      );
    });
    return { program, ms: Math.round(performance.now() - began) };
  };
  const stop = async (program) => {
    program.kill("SIGTERM");
    if (program.exitCode === null && program.signalCode === null) await once(program, "exit");
  };

  const first = await serve();
  within(`${runner.name}: the first start`, first.ms, firstStartMs(), "ms");
  let { program } = first;
  try {
    const { run_id } = await json(`${api}/runs`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ source: "# Smoke\n\nalpha\nbeta [low]\ngamma", sleepMs: 600 }),
    });
    await until(async () => (await json(`${api}/runs/${run_id}`)).timeline.length === 2);
    program.kill("SIGKILL");
    await once(program, "exit");
    program = (await serve()).program;
    await until(async () => (await json(`${api}/runs/${run_id}`)).status !== "running");
    const exported = await json(`${api}/runs/${run_id}/export`);
    assert.equal(exported.dbos_status, "SUCCESS");
    assert.deepEqual(
      exported.timeline.map(({ function_id }) => function_id),
      [0, 1, 2, 3, 4, 5, 6],
    );
    assert.deepEqual(
      exported.artifacts.map(({ id }) => id),
      ["raw", "docir", "chunk-index", "memo"],
    );
    assert.equal(readdirSync(exported.run_bundle_path).length, 7);
    assert.match(cli("psql", "-At", "-c", "select status from dbos.workflow_status"), /^SUCCESS$/m);
    assert.equal(JSON.parse(cli("get", run_id)).status, "SUCCESS");
    assert.match(cli("--version"), /^\d+\.\d+\.\d+ \(commit \S+, DBOS \S+\)$/m);
    within(`${runner.name}: resident memory`, residentMb(program.pid), runner.maxResidentMb, "MB");
  } finally {
    await stop(program);
  }
  const later = [];
  for (let turn = 0; turn < LATER_STARTS; turn += 1) {
    const again = await serve();
    later.push(again.ms);
    await stop(again.program);
  }
  within(`${runner.name}: a later start, the best of ${later}`, Math.min(...later), laterStartMs(), "ms");
  // More than it derives in its own process: it has to know how to start itself anew.
  writeFileSync(join(folder, "note.md"), `# Note\n\n${"A line of no great interest.\n\n".repeat(6_000)}`);
  assert.equal(JSON.parse(cli("run", "note.md")).status, "done");
  const left = spawnSync("pgrep", ["-f", home], { encoding: "utf8" }).stdout.trim();
  assert.equal(left, "", "a server outlived its program");
  say(`  ${runner.name}: well`);
}

/** The executable on its own: what it cannot know without the source it says it has not done. */
function signOff() {
  const { stdout, stderr } = spawnSync(executable, ["signoff"], {
    cwd: folder,
    env: { PATH: "/usr/bin:/bin", HOME: folder },
    encoding: "utf8",
  });
  say(stderr.trimEnd());
  const verdict = JSON.parse(readFileSync(join(folder, ".cache", "showcase-002-signoff.json"), "utf8"));
  assert.equal(verdict.steps.length, 14);
  assert.deepEqual(JSON.parse(stdout), { ok: verdict.ok, failed: verdict.failed });
  // Speed is judged by the lane `bench`, with nothing beside it; 14 falls with 13.
  assert.deepEqual(
    verdict.failed.filter((id) => id !== "13" && !(id === "14" && verdict.failed.includes("13"))),
    [],
  );
}

function within(what, value, limit, unit) {
  say(`  ${what}: ${value} ${unit}`);
  assert.ok(value < limit, `${what} is ${value} ${unit}, more than ${limit}`);
}

function residentMb(pid) {
  const [, kilobytes] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
  return Math.round(Number(kilobytes) / 1024);
}

async function json(url, init) {
  const response = await fetch(url, init);
  assert.ok(response.ok, `${url} answered ${response.status}`);
  return response.json();
}

async function until(isSo) {
  const deadline = performance.now() + 20_000;
  while (!(await isSo())) {
    assert.ok(performance.now() < deadline, "waited 20 s in vain");
    await pause();
  }
}

function pause() {
  return new Promise((resolve) => setTimeout(resolve, 25));
}
