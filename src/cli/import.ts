import { Command } from "commander";
import type { Outcome } from "../bundle/verify/verify.ts";
import { type Verified, verifyBundle } from "../bundle/verify/verify.ts";
import { withBundle } from "../files/bundle-reader.ts";
import { UnreadableBundle } from "../files/unreadable-bundle.ts";
import { importRun } from "../flow/import-run.ts";
import { createBundleReader } from "../flow/run-bundle.ts";
import type { PostgresBinaries } from "../postgres/index.ts";
import type { Store } from "../store/index.ts";
import { type CliContext, cliContext, withStore } from "./context.ts";
import { createProgress } from "./progress.ts";
import { BUNDLE_EXIT, EXIT, type Exit, print, tell } from "./terminal.ts";
import { exitCodeOf, type KeyOptions, readKeys, tellUnsound, verificationView } from "./verify.ts";

export function importCommand(binaries: PostgresBinaries, exit: Exit): Command {
  return new Command("import")
    .description("store the runs of bundles, to be read and exported here; they are never executed")
    .argument("<bundle...>", "folders or zip files")
    .option("--key <file>", "the public key that must have signed")
    .option("--key-dir <folder>", "a folder with public keys (*.pub, *.pem), of which one must have signed")
    .addHelpText(
      "after",
      "\nPrints one line of JSON for each bundle. Exit codes: 0 all are here, 1 altered, 2 unreadable, 3 the signature is missing or wrong, or the run is refused. Of several bundles: the first of 1, 2, 3 that came up.",
    )
    .action(async (paths: readonly string[], options: KeyOptions) => {
      exit(await importAll(binaries, paths, options));
    });
}

type Result = Outcome | "unreadable" | "refused";

async function importAll(
  binaries: PostgresBinaries,
  paths: readonly string[],
  options: KeyOptions,
): Promise<number> {
  const keys = await readKeys(options);
  const context = cliContext(binaries);
  const results = new Set<Result>();
  await withStore(context, async (store) => {
    const progress = createProgress(paths.length, "bundles");
    for (const path of paths) {
      results.add(await importOne(context, store, path, keys));
      progress.advance();
    }
    progress.end();
  });
  const outcomes = new Set([...results].filter((result) => result !== "refused"));
  const code = exitCodeOf(outcomes);
  return code === BUNDLE_EXIT.sound && results.has("refused") ? EXIT.refused : code;
}

/** A bundle that cannot be imported is reported, and the others are imported all the same. */
async function importOne(
  context: CliContext,
  store: Store,
  path: string,
  keys: Awaited<ReturnType<typeof readKeys>>,
): Promise<Result> {
  try {
    return await withBundle(path, (reader) =>
      importVerified(context, store, path, verifyBundle(reader, keys)),
    );
  } catch (error) {
    if (!(error instanceof UnreadableBundle)) throw error;
    print({ ok: false, outcome: "unreadable", path, reason: error.message });
    return "unreadable";
  }
}

async function importVerified(
  { log }: CliContext,
  store: Store,
  path: string,
  { verification, contents }: Verified,
): Promise<Result> {
  const { outcome, runId, bundleDigest, keyId } = verification;
  if (outcome !== "sound" || contents === null || bundleDigest === null) {
    print(verificationView(path, verification));
    tellUnsound(path, verification);
    return outcome;
  }
  const readRunBundle = createBundleReader({ store, log, signingKey: null });
  const bundle = { contents, bundleSha256: bundleDigest, keyId };
  const imported = await importRun({ store, readRunBundle }, bundle);
  const { result } = imported;
  print({ ok: result !== "refused", path, run_id: runId, bundle_sha256: bundleDigest, ...imported });
  if (result === "refused") tell(`${path} is not imported: it ${imported.reason}.`);
  return result === "refused" ? result : outcome;
}
