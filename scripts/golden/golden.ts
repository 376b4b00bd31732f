/**
 * What the corpus comes to, byte for byte: three derived artifacts for each document, and one whole exported run.
 *
 *   golden.ts diff               compares, and says which block and which field differ
 *   golden.ts record [--force]   records; asks first, and wants a clean tree. With --force neither.
 *
 * `record` refuses a result that changed while the version of its recipe did not, because bundles of that version could then not be
 * reproduced. `--same-version` allows it, for a version that nobody has exported bundles with.
 */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline/promises";
import { canonicalJsonBytes } from "../../src/canonical-json.ts";
import {
  buildChunkIndex,
  buildDocIR,
  buildMemo,
  loadTokenizer,
  mediaTypeOf,
} from "../../src/document/index.ts";
import { artifactSetDigest } from "../../src/domain/artifact-set.ts";
import { sha256Hex } from "../../src/sha256.ts";
import { REPOSITORY as ROOT } from "../../src/testing/paths.ts";
import { firstDifferences } from "./json-diff.ts";
import { changedWithoutVersion, type DerivedArtifacts } from "./recipe-version.ts";
import { exportRun } from "./run.ts";

const CORPUS = join(ROOT, "golden", "corpus");
const EXPECTED = join(ROOT, "golden", "expected");
const EXPECTED_RUN = join(ROOT, "golden", "run");
const DOCUMENT_OF_THE_RUN = "harbour-log.md";

/** Files by their path below `golden/`, each with what it came to. */
type Outcome = ReadonlyMap<string, Uint8Array>;

await loadTokenizer();
// The exit code is set and nothing is exited: the Postgres of the run is given back when this program ends by itself.
process.exitCode = await main(process.argv.slice(2));

async function main([mode, ...flags]: readonly string[]): Promise<number> {
  if (mode === "diff" && flags.length === 0) return diff(await comeTo());
  const isKnown = flags.every((flag) => flag === "--force" || flag === "--same-version");
  if (mode !== "record" || !isKnown) return usage();
  return record(flags.includes("--force"), flags.includes("--same-version"));
}

function usage(): number {
  console.error("golden.ts diff | record [--force] [--same-version]");
  return 2;
}

async function comeTo(): Promise<Outcome> {
  const outcome = new Map<string, Uint8Array>();
  for (const name of readdirSync(CORPUS).sort()) {
    for (const [file, bytes] of await derive(name)) outcome.set(`expected/${name}/${file}`, bytes);
  }
  for (const [file, bytes] of await exportRun(join(CORPUS, DOCUMENT_OF_THE_RUN))) {
    outcome.set(`run/${file}`, bytes);
  }
  return outcome;
}

/** What a document comes to, by the names under which it is recorded. */
async function derive(name: string): Promise<ReadonlyMap<string, Uint8Array>> {
  const bytes = readFileSync(join(CORPUS, name));
  const docir = await buildDocIR({ bytes, mediaType: mediaTypeOf({ filename: name }), filename: name });
  const docirBytes = canonicalJsonBytes(docir);
  const docirSha = sha256Hex(docirBytes);
  const chunkIndex = buildChunkIndex({ docir, docirSha });
  const indexBytes = canonicalJsonBytes(chunkIndex);
  const chunkIndexSha = sha256Hex(indexBytes);
  const memoBytes = canonicalJsonBytes(buildMemo({ docir, docirSha, chunkIndex, chunkIndexSha }));
  const digest = artifactSetDigest([
    { type: "raw", sha256: sha256Hex(bytes) },
    { type: "docir", sha256: docirSha },
    { type: "chunk-index", sha256: chunkIndexSha },
    { type: "memo", sha256: sha256Hex(memoBytes) },
  ]);
  return new Map([
    ["docir.json", docirBytes],
    ["chunk-index.json", indexBytes],
    ["memo.json", memoBytes],
    ["artifact-set-digest.txt", new TextEncoder().encode(`${digest}\n`)],
  ]);
}

/** Says how the outcome differs from what is recorded. Returns 1 if it does in a single byte. */
function diff(outcome: Outcome): number {
  const recorded = recordedFiles();
  const differing = [...outcome].filter(([path, bytes]) => !isAsRecorded(path, bytes));
  const stray = recorded.filter((path) => !outcome.has(path));
  for (const path of stray) console.log(`✗ ${path}: recorded, and nothing comes to it any more`);
  const runtime = process.versions.bun ? `Bun ${process.versions.bun}` : `Node ${process.versions.node}`;
  const documents = readdirSync(CORPUS).length;
  console.log(
    `${outcome.size - differing.length} of ${outcome.size} files as recorded: ${documents} documents and a whole run, on ${runtime}`,
  );
  return differing.length + stray.length === 0 ? 0 : 1;
}

function recordedFiles(): string[] {
  const filesBelow = (folder: string, name: string) =>
    existsSync(folder)
      ? readdirSync(folder, { recursive: true, withFileTypes: true })
          .filter((entry) => entry.isFile())
          .map((entry) => `${name}${entry.parentPath.slice(folder.length)}/${entry.name}`)
      : [];
  return [...filesBelow(EXPECTED, "expected"), ...filesBelow(EXPECTED_RUN, "run")].sort();
}

function isAsRecorded(path: string, bytes: Uint8Array): boolean {
  const place = join(ROOT, "golden", path);
  if (!existsSync(place)) {
    console.log(`✗ ${path}: not recorded`);
    return false;
  }
  const recorded = readFileSync(place);
  if (recorded.equals(bytes)) return true;
  console.log(`✗ ${path}`);
  for (const line of firstDifferences(recorded, bytes)) console.log(`    ${line}`);
  return false;
}

async function record(isForced: boolean, mayKeepVersion: boolean): Promise<number> {
  if (!isForced && execFileSync("git", ["status", "--porcelain"], { cwd: ROOT }).length > 0) {
    console.error("The tree has changes that are not committed: commit them first, or give --force.");
    return 1;
  }
  if (!isForced && !process.stdin.isTTY) {
    console.error("Recording asks first, and nobody is here to answer: give --force.");
    return 1;
  }
  const outcome = await comeTo();
  if (diff(outcome) === 0) {
    console.log("There is nothing to record.");
    return 0;
  }
  const changed = mayKeepVersion ? [] : artifactsWithoutNewVersion(outcome);
  for (const artifact of changed)
    console.error(`✗ ${artifact} changed, and the version of its recipe did not: raise it.`);
  if (changed.length > 0) return 1;
  if (!isForced && !(await isWanted())) {
    console.log("Nothing was recorded.");
    return 1;
  }
  for (const folder of [EXPECTED, EXPECTED_RUN]) rmSync(folder, { recursive: true, force: true });
  for (const [path, bytes] of outcome) {
    const place = join(ROOT, "golden", path);
    mkdirSync(join(place, ".."), { recursive: true });
    writeFileSync(place, bytes);
  }
  console.log("Recorded. Read `git diff golden` before you commit it.");
  return 0;
}

async function isWanted(): Promise<boolean> {
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  const answer = await terminal.question("Record this as what is right? (y/N) ");
  terminal.close();
  return answer.trim().toLowerCase() === "y";
}

/** Of the documents that were recorded before. */
function artifactsWithoutNewVersion(outcome: Outcome): readonly string[] {
  const documents = readdirSync(CORPUS).filter((name) => existsSync(join(EXPECTED, name, "memo.json")));
  return documents.flatMap((name) => {
    const read = (bytesOf: (path: string) => Uint8Array | undefined): DerivedArtifacts => {
      const parse = (type: string): unknown =>
        JSON.parse(new TextDecoder().decode(bytesOf(`expected/${name}/${type}.json`)));
      return { docir: parse("docir"), "chunk-index": parse("chunk-index"), memo: parse("memo") };
    };
    const recorded = read((path) => readFileSync(join(ROOT, "golden", path)));
    const made = read((path) => outcome.get(path));
    return changedWithoutVersion(recorded, made).map((type) => `${name}/${type}`);
  });
}
