import { Command } from "commander";
import { parseRunId } from "../domain/run.ts";
import { findSigningKey } from "../files/signing-key.ts";
import { exporter, zipExporter } from "../flow/export-run.ts";
import { createBundleReader } from "../flow/run-bundle.ts";
import type { PostgresBinaries } from "../postgres/index.ts";
import { exportViewOf } from "../projection/run-view.ts";
import type { Store } from "../store/index.ts";
import { CLI_NODE, type CliContext, cliContext, withStore } from "./context.ts";
import { print } from "./terminal.ts";

type Options = Readonly<{ zip?: string }>;

export function exportCommand(binaries: PostgresBinaries): Command {
  return new Command("export")
    .description("write the bundle of a run, and print the run with the bundle's path")
    .argument("<id>")
    .option("--zip <file>", "write a zip file instead of a folder")
    .action((id: string, options: Options) => printExport(binaries, id, options));
}

async function printExport(binaries: PostgresBinaries, id: string, { zip }: Options): Promise<void> {
  const runId = parseRunId(id);
  const context = cliContext(binaries);
  const exported = await withStore(context, async (store) => {
    const deps = await exportDeps(context, store);
    const exportRun =
      zip === undefined
        ? exporter({ ...deps, root: context.config.bundlesRoot })
        : zipExporter({ ...deps, path: zip });
    return exportRun(runId);
  });
  print(exportViewOf(exported));
}

async function exportDeps({ config, log }: CliContext, store: Store) {
  const signingKey = await findSigningKey(config.signingKeyPath);
  return { store, log, node: CLI_NODE, readRunBundle: createBundleReader({ store, log, signingKey }) };
}
