import { Command } from "commander";
import { type AttachmentLinks, attachmentLinksOf, findBrokenLinks } from "../bundle/verify/attachments.ts";
import type { CheckResult, Finding } from "../bundle/verify/check.ts";
import { type Outcome, type Verification, verifyBundle } from "../bundle/verify/verify.ts";
import { StartFailure } from "../failure.ts";
import { withBundle } from "../files/bundle-reader.ts";
import { readPublicKey, readPublicKeys } from "../files/signing-key.ts";
import { UnreadableBundle } from "../files/unreadable-bundle.ts";
import { createProgress } from "./progress.ts";
import { BUNDLE_EXIT, type Exit, print, tell } from "./terminal.ts";

export type KeyOptions = Readonly<{ key?: string; keyDir?: string }>;

type Options = KeyOptions & Readonly<{ json?: true }>;

/** A failed check names this many places at most; `--json` has all of them. */
const MAX_LISTED = 20;

export function verifyCommand(exit: Exit): Command {
  return new Command("verify")
    .description("check bundles, from their files alone")
    .argument("<bundle...>", "folders or zip files")
    .option("--key <file>", "the public key that must have signed")
    .option("--key-dir <folder>", "a folder with public keys (*.pub, *.pem), of which one must have signed")
    .option("--json", "print the result of each bundle as one line of JSON")
    .addHelpText(
      "after",
      "\nExit codes: 0 sound, 1 altered, 2 unreadable, 3 signature missing or wrong. Of several bundles: the first of 1, 2, 3 that came up.",
    )
    .action(async (paths: readonly string[], options: Options) => {
      exit(await verifyAll(paths, options));
    });
}

/** The keys that the options name. @throws StartFailure when a key cannot be read */
export async function readKeys({ key, keyDir }: KeyOptions) {
  if (key !== undefined && keyDir !== undefined) throw new StartFailure("Give --key or --key-dir, not both.");
  if (key !== undefined) return [await readPublicKey(key)];
  return keyDir === undefined ? [] : readPublicKeys(keyDir);
}

async function verifyAll(paths: readonly string[], options: Options): Promise<number> {
  const keys = await readKeys(options);
  const progress = createProgress(paths.length, "bundles");
  const outcomes = new Set<Outcome | "unreadable">();
  const links: AttachmentLinks[] = [];
  for (const path of paths) {
    try {
      const { verification, contents } = await withBundle(path, (reader) => verifyBundle(reader, keys));
      outcomes.add(verification.outcome);
      if (contents !== null) links.push(attachmentLinksOf(contents));
      if (options.json) print(verificationView(path, verification));
      else
        for (const line of linesOf(path, verification, paths.length === 1)) process.stdout.write(`${line}\n`);
    } catch (error) {
      if (!(error instanceof UnreadableBundle)) throw error;
      outcomes.add("unreadable");
      if (options.json) print({ ok: false, outcome: "unreadable", path, reason: error.message });
      else process.stdout.write(`✗ ${path}: unreadable. ${error.message}\n`);
    }
    progress.advance();
  }
  progress.end();
  for (const { mail, runId } of findBrokenLinks(links)) {
    outcomes.add("altered");
    tell(`✗ The document of run ${runId} is not the attachment that mail ${mail} names.`);
  }
  return exitCodeOf(outcomes);
}

/** Of several bundles: the first of 1, 2, 3 that came up. */
export function exitCodeOf(outcomes: ReadonlySet<Outcome | "unreadable">): number {
  const worst = (["altered", "unreadable", "unsigned"] as const).find((outcome) => outcomes.has(outcome));
  return worst === undefined ? BUNDLE_EXIT.sound : BUNDLE_EXIT[worst];
}

/** The result of a verification, for machines. */
export function verificationView(path: string, verification: Verification) {
  const { outcome, runId, bundleDigest, keyId, erasure, checks } = verification;
  return {
    ok: outcome === "sound",
    outcome,
    path,
    run_id: runId,
    bundle_sha256: bundleDigest,
    key_id: keyId,
    erased:
      erasure === null ? null : { at_epoch_ms: erasure.atEpochMs, by: erasure.by, reason: erasure.reason },
    checks,
  };
}

const OUTCOMES: Readonly<Record<Outcome, string>> = {
  sound: "sound",
  altered: "ALTERED",
  unsigned: "SIGNATURE MISSING OR WRONG",
};

/** One line for each check and one for the result; of many bundles only the lines that fail. */
function linesOf(path: string, verification: Verification, isAlone: boolean): readonly string[] {
  const { outcome, runId, bundleDigest, erasure, checks } = verification;
  const isSound = outcome === "sound";
  const shown = isAlone ? checks : checks.filter(({ result }) => result !== "passed");
  const summary = `${isSound ? "✓" : "✗"} ${path}: ${OUTCOMES[outcome]}. Run ${runId ?? "unknown"}, bundle sha256 ${bundleDigest ?? "unknown"}${erasure === null ? "" : erasureInWords(erasure)}`;
  return [...shown.flatMap(checkLines), summary];
}

function erasureInWords({ atEpochMs, by, reason }: NonNullable<Verification["erasure"]>): string {
  const who = by === null ? "" : ` by ${by}`;
  const why = reason === null ? "" : `: ${reason}`;
  return `. Document and artifacts were erased on ${new Date(atEpochMs).toISOString()}${who}${why}`;
}

const MARKS = { passed: "✓", failed: "✗", skipped: "-" } as const;

function checkLines({ check, result, says, findings }: CheckResult): readonly string[] {
  const name = `${MARKS[result]} ${check.padEnd(10)}`;
  if (result !== "failed") return [`${name} ${result === "skipped" ? "not made: " : ""}${says}`];
  const listed = findings.slice(0, MAX_LISTED).map((finding) => `${name} ${findingText(finding)}`);
  const more = findings.length - listed.length;
  return more === 0 ? listed : [...listed, `${name} and ${more} more places`];
}

function findingText({ file, field, reason }: Finding): string {
  return [file, field, reason].filter(Boolean).join(" ");
}

/** Reports a bundle that does not verify, for subcommands that need a sound one. */
export function tellUnsound(path: string, verification: Verification): void {
  for (const line of linesOf(path, verification, false)) tell(line);
}
