/**
 * Builds what is handed out: `dist/node`, a folder that Node 24 runs with nothing beside it, and `dist/jejakekal`, the single
 * executable with Postgres inside, with its checksum, its SBOM and the licences of others. Run by Bun, whose compiler it is.
 *
 *   bun scripts/build/build.ts                      the Node folder, and the executable for this machine
 *   bun scripts/build/build.ts node                 the Node folder alone
 *   bun scripts/build/build.ts --target NAME|all    the executable for another platform, as dist/jejakekal-NAME
 *
 * The same source gives the same bytes, wherever it lies: `mise run build:reproducible` builds it twice and compares.
 */
import { copyFileSync, mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import packageJson from "../../package.json" with { type: "json" };
import { commitOfCheckout } from "../../src/version.ts";
import { writeLicences, writeSbom, writeSums } from "./notices.ts";
import { bunRuntime, HOST, postgresArchive, TARGETS, type Target } from "./targets.ts";
import { tokenizerAsJson } from "./tokenizer-as-json.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const dist = `${root}dist`;

/** DBOS asks for these only when it exports telemetry by itself; here `src/tracing/` exports its spans. */
const OPTIONAL_MODULES = [
  "@opentelemetry/exporter-logs-otlp-proto",
  "@opentelemetry/sdk-logs",
  "@opentelemetry/sdk-trace-base",
  "winston",
  "winston-transport",
  "@dbos-inc/otel",
  "@dbos-inc/conductor",
];

// Bun names modules by their path from the working folder.
process.chdir(root);
mkdirSync(dist, { recursive: true });
await build(process.argv.slice(2));

async function build([what, name, ...rest]: readonly string[]): Promise<void> {
  if (rest.length > 0) usage();
  if (what === "--target") return buildFor(name);
  if (name !== undefined || (what !== undefined && what !== "node")) usage();
  const host = asTarget(HOST);
  await buildNodeFolder(host);
  if (what === "node") return;
  await buildExecutable(host, `${dist}/jejakekal`);
  writeNotices([[host, "jejakekal"]]);
}

async function buildFor(name: string | undefined): Promise<void> {
  const targets = name === "all" ? TARGETS : [asTarget(name)];
  for (const target of targets) await buildExecutable(target, `${dist}/jejakekal-${target}`);
  writeNotices(targets.map((target) => [target, `jejakekal-${target}`]));
}

function asTarget(name: string | undefined): Target {
  return TARGETS.find((target) => target === name) ?? usage();
}

function usage(): never {
  console.error(`build.ts [node] | --target ${TARGETS.join("|")}|all`);
  process.exit(2);
}

/** Everything is in the bundle and Postgres lies beside it: copied anywhere, it needs Node 24 and nothing else. */
async function buildNodeFolder(target: Target): Promise<void> {
  const folder = `${dist}/node`;
  rmSync(folder, { recursive: true, force: true });
  await bundle(target, {
    outdir: folder,
    naming: { entry: "main.mjs", chunk: "[name]-[hash].mjs", asset: "[name].[ext]" },
    target: "node",
    format: "esm",
    // What is imported on demand stays in files of its own, so that a start does not read it.
    splitting: true,
  });
  const { name, version, optionalDependencies } = packageJson;
  const manifest = {
    name,
    version,
    private: true,
    type: "module",
    engines: { node: ">=24" },
    // Not needed where it was built for: there Postgres lies beside it.
    optionalDependencies,
  };
  writeFileSync(`${folder}/package.json`, `${JSON.stringify(manifest, null, 2)}\n`);
  report(folder);
}

async function buildExecutable(target: Target, outfile: string): Promise<void> {
  await bundle(target, {
    target: "bun",
    // A start takes half the processor time when nothing has to be parsed.
    bytecode: true,
    format: "esm",
    minify: { whitespace: true, syntax: true, identifiers: false },
    compile: {
      target: `bun-${target}`,
      outfile,
      executablePath: bunRuntime(root, target),
      autoloadDotenv: false,
      autoloadBunfig: false,
    },
  });
  report(outfile);
}

async function bundle(target: Target, config: Omit<Bun.BuildConfig, "entrypoints">): Promise<void> {
  // Every target imports it under the one name that the source knows.
  copyFileSync(await postgresArchive(root, target), `${dist}/postgres.tar.zst`);
  const result = await Bun.build({
    ...config,
    entrypoints: [`${root}src/executable.ts`],
    external: OPTIONAL_MODULES,
    plugins: [tokenizerAsJson],
    define: {
      JEJAKEKAL_BUILD_COMMIT: JSON.stringify(commitOfCheckout(root)),
      JEJAKEKAL_BUILD_PLATFORM: JSON.stringify(target),
      // Otherwise Bun bundles the development builds of packages that have one.
      "process.env.NODE_ENV": JSON.stringify("production"),
      // Bun writes in where a CommonJS module lay when it was built; nothing reads it, and it differs between machines.
      __dirname: '"/"',
    },
    throw: false,
  });
  rmSync(`${dist}/postgres.tar.zst`);
  for (const log of result.logs) console.error(log);
  if (!result.success) process.exit(1);
}

/** What lies beside executables: an SBOM for each, the licences of what they carry, and the checksums of all. */
function writeNotices(executables: readonly (readonly [target: Target, name: string])[]): void {
  const targets = executables.map(([target]) => target);
  for (const [target, name] of executables) report(writeSbom(root, dist, target, name));
  report(writeLicences(root, dist, targets));
  report(writeSums(dist));
}

function report(path: string): void {
  const megabytes = (sizeOf(path) / 1024 ** 2).toFixed(1);
  console.log(`${path.slice(root.length).padEnd(32)} ${megabytes.padStart(6)} MB`);
}

/** The bytes of a file, or of the files in a folder. */
function sizeOf(path: string): number {
  if (!statSync(path).isDirectory()) return statSync(path).size;
  return readdirSync(path).reduce((sum, name) => sum + sizeOf(`${path}/${name}`), 0);
}
