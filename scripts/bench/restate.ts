/**
 * Restate beside this program: seven steps as a document run has, that do nothing, 64 at once, on one node with its default settings.
 * Installs the server and the SDK from npm into a temporary folder and removes it afterwards: neither is a dependency, and the licence
 * of the server (BSL 1.1) is not a free one. Compare with `mise run bench:load` on the same machine. Linux only.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findFreePorts } from "../../src/free-port.ts";
import { pollUntil } from "../../src/poll.ts";
import { cpuMsOf, processTree } from "./cpu.ts";
import { median, REPORTS, round, writeReport } from "./support.ts";

const PACKAGES = ["@restatedev/restate-server@1.7.12", "@restatedev/restate-sdk@1.17.2"];
const ROUNDS = 3;
const RUNS = 192;
const AT_ONCE = 64;

const SERVICE = `
import * as restate from "@restatedev/restate-sdk";
const run = async (context) => {
  await context.run("first", () => 1);
  await context.sleep(1);
  for (const name of ["second", "third", "fourth", "fifth", "sixth"]) await context.run(name, () => 1);
  return "done";
};
restate.serve({ services: [restate.service({ name: "bench", handlers: { run } })], port: Number(process.argv[2]) });
`;

await using undo = new AsyncDisposableStack();
const folder = mkdtempSync(join(tmpdir(), "restate-bench-"));
undo.defer(() => rmSync(folder, { recursive: true, force: true }));
writeFileSync(join(folder, "package.json"), "{}");
writeFileSync(join(folder, "service.mjs"), SERVICE);
// Without scripts: that of the server reports the installation.
await completeCommand("npm", [
  "install",
  "--no-audit",
  "--no-fund",
  "--ignore-scripts",
  "--save-exact",
  ...PACKAGES,
]);

const [ingress = 0, admin = 0, node = 0, service = 0] = await findFreePorts(4);
const address = (port: number) => `127.0.0.1:${port}`;
const processes = [
  startProcess("node", ["service.mjs", String(service)]),
  startProcess(join(folder, "node_modules/.bin/restate-server"), ["--no-logo"], {
    RESTATE_BASE_DIR: join(folder, "data"),
    RESTATE_DISABLE_TELEMETRY: "true",
    RESTATE_LISTEN_MODE: "tcp",
    RESTATE_BIND_ADDRESS: address(node),
    RESTATE_ADVERTISED_ADDRESS: `http://${address(node)}`,
    RESTATE_INGRESS__BIND_ADDRESS: address(ingress),
    RESTATE_ADMIN__BIND_ADDRESS: address(admin),
    RESTATE_LOG_FILTER: "error",
  }),
];
await pollUntil(
  "Restate knows the service",
  async () =>
    (
      await fetch(`http://${address(admin)}/deployments`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ uri: `http://${address(service)}` }),
      })
    ).ok,
  { timeoutMs: 60_000, intervalMs: 200 },
);

const samples = { cpu: [] as number[], perS: [] as number[] };
const cpuMs = () => cpuMsOf(processes.flatMap(({ pid }) => processTree(pid ?? -1)));
for (let lap = -1; lap < ROUNDS; lap += 1) {
  const [began, before] = [performance.now(), cpuMs()];
  await completeRuns();
  if (lap < 0) continue;
  samples.cpu.push((cpuMs() - before) / RUNS);
  samples.perS.push((RUNS / (performance.now() - began)) * 1000);
}
writeReport(
  "restate",
  { restate_cpu_ms_per_run: round(median(samples.cpu)), restate_runs_per_s: round(median(samples.perS)) },
  {},
);
console.log(`Ours and bare DBOS are in ${REPORTS}/load.json.`);

async function completeRuns(): Promise<void> {
  let left = RUNS;
  const worker = async () => {
    while (left > 0) {
      left -= 1;
      const answer = await fetch(`http://${address(ingress)}/bench/run`, { method: "POST" });
      if ((await answer.json()) !== "done") throw new Error(`a run answered ${answer.status}`);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

function startProcess(file: string, args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const child = spawn(file, args, {
    cwd: folder,
    env: { ...process.env, ...env },
    stdio: ["ignore", "ignore", "inherit"],
  });
  undo.defer(async () => {
    const ended = once(child, "exit");
    child.kill("SIGTERM");
    await ended;
  });
  return child;
}

async function completeCommand(file: string, args: readonly string[]): Promise<void> {
  const child = spawn(file, args, { cwd: folder, stdio: ["ignore", "ignore", "inherit"] });
  const [code] = await once(child, "exit");
  if (code !== 0) throw new Error(`${file} ended with ${code}`);
}
