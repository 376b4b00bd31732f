import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { COURSE_FILES } from "../../src/bundle/layout.ts";
import { canonicalJsonBytes } from "../../src/canonical-json.ts";
import { waitForEnd } from "../../src/client.ts";
import { cloneDatabase } from "../../src/testing/database.ts";
import { objectOf, request } from "../../src/testing/http.ts";
import { startProgram } from "../../src/testing/program.ts";

const RUN_ID = "golden-run";

/**
 * Runs a document in a program of its own, on the same runtime as this script, and returns the files of the run bundle. Times
 * differ in each run, so placeholders replace them.
 */
export async function exportRun(document: string): Promise<ReadonlyMap<string, Uint8Array>> {
  await using database = await cloneDatabase();
  await using program = await startProgram({ database });
  const parameters = new URLSearchParams({ workflowId: RUN_ID, filename: "document.md" });
  await request(`${program.url}/runs?${parameters}`, {
    method: "POST",
    headers: { "content-type": "text/markdown; charset=utf-8" },
    body: readFileSync(document),
  });
  await waitForEnd(program.url, RUN_ID);
  const { run_bundle_path } = objectOf(await request(`${program.url}/runs/${RUN_ID}/export`));
  const folder = String(run_bundle_path);
  // The other files of the bundle follow from these and the artifacts.
  const files = new Map(COURSE_FILES.map((name) => [name as string, readFileSync(join(folder, name))]));
  return withoutTimes(files);
}

type Manifest = { files: { path: string; bytes: number; sha256: string }[] };

/** The files with placeholders for times, and a manifest with the hashes of these changed files. */
function withoutTimes(files: ReadonlyMap<string, Uint8Array>): ReadonlyMap<string, Uint8Array> {
  checkChain(parse(files.get("tool-io.json")) as ToolIo);
  const stable = new Map(
    [...files].map(([name, bytes]) => [name, canonicalJsonBytes(withPlaceholders(parse(bytes)))]),
  );
  const manifest = withPlaceholders(parse(files.get("manifest.json"))) as Manifest;
  for (const entry of manifest.files) {
    const written = files.get(entry.path) ?? new Uint8Array();
    if (entry.bytes !== written.length || entry.sha256 !== sha256(written)) {
      throw new Error(`manifest.json is wrong about ${entry.path}`);
    }
    const bytes = stable.get(entry.path) ?? new Uint8Array();
    Object.assign(entry, { bytes: bytes.length, sha256: sha256(bytes) });
  }
  return stable.set("manifest.json", canonicalJsonBytes(manifest));
}

type ToolIo = { journal: { sha256: string; prev_sha256: string }[] };

/** Checks the chain before placeholders replace the hashes of the journal, which cover its times and so differ in each run. */
function checkChain({ journal }: ToolIo): void {
  for (const [index, { prev_sha256 }] of journal.entries()) {
    const before = index === 0 ? "0".repeat(64) : journal[index - 1]?.sha256;
    if (prev_sha256 !== before)
      throw new Error(`event ${index} of the journal does not follow from the one before it`);
  }
}

/** Epoch milliseconds between 2017 and 2055, as a number or as text, in which DBOS records the end of a sleep. */
const TIME = /^(1[5-9]|2[0-6])\d{11}$/;

function withPlaceholders(value: unknown, key = ""): unknown {
  if (Array.isArray(value)) return value.map((item) => withPlaceholders(item));
  if (typeof value === "object" && value !== null) {
    const entries = Object.entries(value).map(([name, inner]) => [name, withPlaceholders(inner, name)]);
    return Object.fromEntries("prev_sha256" in value ? entries.map(hideHash) : entries);
  }
  if (TIME.test(String(value))) return "<time>";
  if (key === "duration_ms" && value !== null) return "<duration>";
  // DBOS's name for the process that started the workflow.
  return key === "creator_xid" && value !== null ? "<process>" : value;
}

function hideHash([name, value]: unknown[]): unknown[] {
  return [name, name === "sha256" || name === "prev_sha256" ? "<hash of an event>" : value];
}

function parse(bytes: Uint8Array | undefined): unknown {
  return JSON.parse(new TextDecoder().decode(bytes));
}

function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
