/**
 * The golden results, byte for byte: the derived artifacts of each document in `golden/corpus`, and the files of one exported run.
 *
 *   golden.ts diff               compares, and names the blocks and fields that differ
 *   golden.ts record [--force]   writes the results after a question; requires a clean tree. With --force neither.
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

/** The bytes of each result by its path below `golden/`. */
type Results = ReadonlyMap<string, Uint8Array>;

await loadTokenizer();
// Sets the exit code instead of calling `process.exit`, because the test server is released only when the process ends by itself.
process.exitCode = await main(process.argv.slice(2));

async function main([mode, ...flags]: readonly string[]): Promise<number> {
  if (mode === "diff" && flags.length === 0) return diff(await computeResults());
  const isKnown = flags.every((flag) => flag === "--force" || flag === "--same-version");
  if (mode !== "record" || !isKnown) return usage();
  return record(flags.includes("--force"), flags.includes("--same-version"));
}

function usage(): number {
  console.error("golden.ts diff | record [--force] [--same-version]");
  return 2;
}

async function computeResults(): Promise<Results> {
  const results = new Map<string, Uint8Array>();
  for (const name of readdirSync(CORPUS).sort()) {
    for (const [file, bytes] of await derive(name)) results.set(`expected/${name}/${file}`, bytes);
  }
  for (const [file, bytes] of await exportRun(join(CORPUS, DOCUMENT_OF_THE_RUN))) {
    results.set(`run/${file}`, bytes);
  }
  return results;
}

/** The derived artifacts of a document, by file name. */
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

/** Prints how the results differ from the recorded ones. Returns 1 if any byte differs. */
function diff(results: Results): number {
  const recorded = recordedFiles();
  const differing = [...results].filter(([path, bytes]) => !isAsRecorded(path, bytes));
  const obsolete = recorded.filter((path) => !results.has(path));
  for (const path of obsolete) console.log(`✗ ${path}: recorded, but no longer produced`);
  const runtime = process.versions.bun ? `Bun ${process.versions.bun}` : `Node ${process.versions.node}`;
  const documents = readdirSync(CORPUS).length;
  console.log(
    `${results.size - differing.length} of ${results.size} files as recorded: ${documents} documents and a whole run, on ${runtime}`,
  );
  return differing.length + obsolete.length === 0 ? 0 : 1;
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
    console.error("The tree has uncommitted changes: commit them first, or use --force.");
    return 1;
  }
  if (!isForced && !process.stdin.isTTY) {
    console.error("`record` asks before it writes, and stdin is not a terminal: use --force.");
    return 1;
  }
  const results = await computeResults();
  if (diff(results) === 0) {
    console.log("There is nothing to record.");
    return 0;
  }
  const changed = mayKeepVersion ? [] : artifactsWithoutNewVersion(results);
  for (const artifact of changed)
    console.error(`✗ ${artifact} changed, and the version of its recipe did not: raise it.`);
  if (changed.length > 0) return 1;
  if (!isForced && !(await isWanted())) {
    console.log("Nothing was recorded.");
    return 1;
  }
  for (const folder of [EXPECTED, EXPECTED_RUN]) rmSync(folder, { recursive: true, force: true });
  for (const [path, bytes] of results) {
    const place = join(ROOT, "golden", path);
    mkdirSync(join(place, ".."), { recursive: true });
    writeFileSync(place, bytes);
  }
  console.log("Recorded. Read `git diff golden` before you commit it.");
  return 0;
}

async function isWanted(): Promise<boolean> {
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  const answer = await terminal.question("Record these results as the expected ones? (y/N) ");
  terminal.close();
  return answer.trim().toLowerCase() === "y";
}

/** Of the documents that were recorded before. */
function artifactsWithoutNewVersion(results: Results): readonly string[] {
  const documents = readdirSync(CORPUS).filter((name) => existsSync(join(EXPECTED, name, "memo.json")));
  return documents.flatMap((name) => {
    const read = (bytesOf: (path: string) => Uint8Array | undefined): DerivedArtifacts => {
      const parse = (type: string): unknown =>
        JSON.parse(new TextDecoder().decode(bytesOf(`expected/${name}/${type}.json`)));
      return { docir: parse("docir"), "chunk-index": parse("chunk-index"), memo: parse("memo") };
    };
    const recorded = read((path) => readFileSync(join(ROOT, "golden", path)));
    const made = read((path) => results.get(path));
    return changedWithoutVersion(recorded, made).map((type) => `${name}/${type}`);
  });
}
