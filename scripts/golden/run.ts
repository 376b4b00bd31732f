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
 * Puts a document through the whole program, in a process of its own on the runtime of this one, and returns the files of
 * the run bundle. Times are the run's own and differ each time, so words stand in their place.
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

/** The files with words for times, and a manifest that speaks of these instead of those. */
function withoutTimes(files: ReadonlyMap<string, Uint8Array>): ReadonlyMap<string, Uint8Array> {
  checkChain(parse(files.get("tool-io.json")) as ToolIo);
  const steady = new Map(
    [...files].map(([name, bytes]) => [name, canonicalJsonBytes(steadied(parse(bytes)))]),
  );
  const manifest = steadied(parse(files.get("manifest.json"))) as Manifest;
  for (const entry of manifest.files) {
    const written = files.get(entry.path) ?? new Uint8Array();
    if (entry.bytes !== written.length || entry.sha256 !== sha256(written)) {
      throw new Error(`manifest.json is wrong about ${entry.path}`);
    }
    const bytes = steady.get(entry.path) ?? new Uint8Array();
    Object.assign(entry, { bytes: bytes.length, sha256: sha256(bytes) });
  }
  return steady.set("manifest.json", canonicalJsonBytes(manifest));
}

type ToolIo = { journal: { sha256: string; prev_sha256: string }[] };

/** The hashes of the journal cover its times, so they differ each time too; that each names the one before it does not. */
function checkChain({ journal }: ToolIo): void {
  for (const [index, { prev_sha256 }] of journal.entries()) {
    const before = index === 0 ? "0".repeat(64) : journal[index - 1]?.sha256;
    if (prev_sha256 !== before)
      throw new Error(`event ${index} of the journal does not follow from the one before it`);
  }
}

/** Epoch milliseconds between 2017 and 2055, as a number or as DBOS writes down when a sleep is over. */
const TIME = /^(1[5-9]|2[0-6])\d{11}$/;

function steadied(value: unknown, key = ""): unknown {
  if (Array.isArray(value)) return value.map((item) => steadied(item));
  if (typeof value === "object" && value !== null) {
    const entries = Object.entries(value).map(([name, inner]) => [name, steadied(inner, name)]);
    return Object.fromEntries("prev_sha256" in value ? entries.map(hashAsWord) : entries);
  }
  if (TIME.test(String(value))) return "<time>";
  if (key === "duration_ms" && value !== null) return "<duration>";
  // DBOS's name for the process that started the workflow.
  return key === "creator_xid" && value !== null ? "<process>" : value;
}

function hashAsWord([name, value]: unknown[]): unknown[] {
  return [name, name === "sha256" || name === "prev_sha256" ? "<hash of an event>" : value];
}

function parse(bytes: Uint8Array | undefined): unknown {
  return JSON.parse(new TextDecoder().decode(bytes));
}

function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
