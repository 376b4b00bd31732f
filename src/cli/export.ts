import { Command } from "commander";
import { bundleFolderName } from "../bundle/folder-name.ts";
import { parseRunId } from "../domain/run.ts";
import { Failure } from "../failure.ts";
import { findBundleFolder } from "../files/bundle-folder.ts";
import { findSigningKey } from "../files/signing-key.ts";
import { exportAllRuns } from "../flow/export-all.ts";
import { exporter, zipExporter } from "../flow/export-run.ts";
import { createBundleReader } from "../flow/run-bundle.ts";
import type { PostgresBinaries } from "../postgres/index.ts";
import { exportViewOf } from "../projection/run-view.ts";
import type { Store } from "../store/index.ts";
import { identifyCaller } from "./caller.ts";
import { CLI_NODE, type CliContext, cliContext, withStore } from "./context.ts";
import { createProgress } from "./progress.ts";
import { EXIT, type Exit, print, tell } from "./terminal.ts";

type Options = Readonly<{ zip?: string; all?: true; since?: string; out?: string }>;

export function exportCommand(binaries: PostgresBinaries, exit: Exit): Command {
  return new Command("export")
    .description("write the bundle of a run, and print the run with the bundle's path")
    .argument("[id]", "the run; not with --all")
    .option("--zip <file>", "write a zip file instead of a folder")
    .option("--all", "write the bundles of all runs that have ended, one folder each")
    .option(
      "--since <time>",
      "with --all: only runs that were accepted since then, such as 2026-11-01 or 2026-11-01T12:00:00Z",
    )
    .option("--out <folder>", "the folder for the bundles; JEJAKEKAL_BUNDLES_ROOT where it is not given")
    .action(async (id: string | undefined, options: Options) => {
      const given = [id, options.all].filter((one) => one !== undefined).length;
      if (given !== 1)
        throw new Failure("invalid_query", { field: "id", reason: "or --all is needed, not both" });
      if (id === undefined) exit(await exportAll(binaries, options));
      else await printExport(binaries, id, options);
    });
}

async function printExport(binaries: PostgresBinaries, id: string, { zip, out }: Options): Promise<void> {
  const runId = parseRunId(id);
  const context = cliContext(binaries);
  const exported = await withStore(context, async (store) => {
    const { token } = await identifyCaller(context, store, "operate");
    const deps = await exportDeps(context, store);
    const exportRun =
      zip === undefined
        ? exporter({ ...deps, root: out ?? context.config.bundlesRoot })
        : zipExporter({ ...deps, path: zip });
    return exportRun(runId, token ?? undefined);
  });
  print(exportViewOf(exported));
}

/** Prints one line for each run. A run that cannot be exported is reported, and the others are exported all the same. */
async function exportAll(binaries: PostgresBinaries, { since, out }: Options): Promise<number> {
  const context = cliContext(binaries);
  const root = out ?? context.config.bundlesRoot;
  const startedFrom = since === undefined ? 0 : Date.parse(since);
  if (Number.isNaN(startedFrom))
    throw new Failure("invalid_query", { field: "since", reason: "takes a time" });
  return withStore(context, async (store) => {
    const { token } = await identifyCaller(context, store, "operate");
    const deps = await exportDeps(context, store);
    const exportRun = exporter({ ...deps, root });
    const findBundle = (runId: string, digest: string) =>
      findBundleFolder(root, bundleFolderName(runId, false), digest, deps.isSigning);
    const progress = createProgress(null, "runs");
    let failed = 0;
    const by = token ?? undefined;
    for await (const exported of exportAllRuns({ store, exportRun, findBundle }, { startedFrom, by })) {
      const { runId, path, written } = exported;
      if (path === null) failed += 1;
      print(
        path === null
          ? { run_id: runId, error: "internal_error" }
          : { run_id: runId, run_bundle_path: path, written },
      );
      progress.advance();
    }
    progress.end();
    if (failed > 0) tell(`${failed} runs cannot be exported: an artifact is missing or altered.`);
    return failed === 0 ? EXIT.ok : EXIT.failed;
  });
}

async function exportDeps({ config, log }: CliContext, store: Store) {
  const signingKey = await findSigningKey(config.signingKeyPath);
  const readRunBundle = createBundleReader({ store, log, signingKey });
  return { store, log, node: CLI_NODE, readRunBundle, isSigning: signingKey !== null };
}
