import { mkdir, readdir, stat, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { ARTIFACT_TYPES } from "../domain/artifact.ts";
import type { StartCommand } from "../domain/command.ts";
import { codeOf } from "../error-code.ts";
import { Failure, StartFailure } from "../failure.ts";
import { addDocument, createBatch } from "../flow/batch.ts";
import { refusalOf } from "../http/api/batches.ts";
import type { Services } from "../http/api/services.ts";
import { type BatchItemView, type BatchView, batchViewOf, summaryInWords } from "../projection/batch-view.ts";
import { EXIT, tell } from "./terminal.ts";

/** Runs that are under way at the same time; more would only wait for each other. */
const MAX_RUNNING = 8;

const POLL_MS = 100;

export type BatchOptions = Readonly<{
  readDocument: (file: string) => Promise<StartCommand>;
  isStopped: () => boolean;
}>;

/**
 * The files that the paths name, those of a folder and of the folders in it in the order of their names. Names that begin with a
 * dot are left out of a folder.
 * @throws StartFailure for a path that is not there
 */
export async function listDocuments(paths: readonly string[]): Promise<readonly string[]> {
  const found: string[] = [];
  for (const path of paths) {
    const isFolder = path !== "-" && (await statOf(path)).isDirectory();
    if (!isFolder) found.push(path);
    else {
      const names = (await readdir(path)).filter((name) => !name.startsWith(".")).sort();
      found.push(...(await listDocuments(names.map((name) => join(path, name)))));
    }
  }
  return found;
}

async function statOf(path: string) {
  return stat(path).catch((error: unknown) => {
    throw new StartFailure(`${path} cannot be read (${codeOf(error) ?? "unreadable"}).`, { cause: error });
  });
}

/** Runs the documents as a batch, to the end of every run, and reports each as it ends. */
export async function runBatch(
  services: Services,
  files: readonly string[],
  { readDocument, isStopped }: BatchOptions,
): Promise<BatchView> {
  const batchId = await createBatch(services);
  tell(`batch ${batchId}, ${files.length} documents`);
  const waiting = [...files];
  const reported = new Set<number>();
  for (;;) {
    const batch = await readBatch(services, batchId);
    report(batch, files.length, reported);
    if (isStopped() || (waiting.length === 0 && batch.status !== "running")) return batch;
    const next = batch.summary.running < MAX_RUNNING ? waiting.shift() : undefined;
    if (next === undefined) await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    else await add(services, batchId, next, readDocument);
  }
}

/** A refused document is part of the batch; a failure of this program ends the command. */
async function add(
  services: Services,
  batchId: string,
  file: string,
  readDocument: BatchOptions["readDocument"],
): Promise<void> {
  const document = { itemKey: null, filename: basename(file), bytes: null, read: () => readDocument(file) };
  await addDocument(services, batchId, document, refusalOf).catch((error: unknown) => {
    if (!(error instanceof Failure) || refusalOf(error) === null) throw error;
  });
}

async function readBatch({ store }: Services, batchId: string): Promise<BatchView> {
  const record = await store.findBatch(batchId);
  if (record === null) throw new Failure("batch_not_found", { batch_id: batchId });
  return batchViewOf(record);
}

function report({ items }: BatchView, total: number, reported: Set<number>): void {
  for (const { position, state, filename, error, refusal } of items) {
    if (state === "running" || reported.has(position)) continue;
    reported.add(position);
    const why = error?.code ?? refusal?.error;
    tell(`  ${reported.size}/${total} ${state} ${filename ?? "-"}${why === undefined ? "" : ` (${why})`}`);
  }
}

/** Writes `batch.json`, and for each document that is done a folder with its derived artifacts. */
export async function writeResults({ store }: Services, batch: BatchView, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "batch.json"), `${JSON.stringify(batch, null, 2)}\n`);
  for (const item of batch.items) {
    if (item.state !== "done" || item.run_id === null) continue;
    const own = join(folder, folderNameOf(item));
    await mkdir(own, { recursive: true });
    for (const type of ARTIFACT_TYPES.filter((name) => name !== "raw")) {
      const artifact = await store.findArtifact({ runId: item.run_id, type });
      if (artifact !== null) await writeFile(join(own, `${type}.json`), await store.getContent(artifact));
    }
  }
}

/** The position, so that two documents of one name have a folder each, and the name of the document. */
function folderNameOf({ position, filename }: BatchItemView): string {
  return `${String(position + 1).padStart(4, "0")}-${filename ?? "document"}`;
}

export function exitCodeOfBatch({ summary }: BatchView): number {
  if (summary.failed + summary.cancelled > 0) return EXIT.runFailed;
  return summary.refused > 0 ? EXIT.refused : EXIT.ok;
}

export function outcomeOfBatch({ batch_id, status, summary }: BatchView): string {
  if (status !== "running") return summaryInWords(summary);
  return `Stopped. Batch ${batch_id} is durable: the next serve, api or run continues its runs.`;
}
