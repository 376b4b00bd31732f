import { bundleFolderName } from "../../bundle/folder-name.ts";
import { jsonFormOf } from "../../bundle/json-form.ts";
import type { BundleEntry } from "../../bundle/layout.ts";
import { fitsInZip, zipSizeOf } from "../../bundle/zip.ts";
import { isRunId } from "../../domain/run.ts";
import { zipBundle } from "../../files/zip-writer.ts";
import { MAX_BULK_BUNDLES } from "../../projection/bulk-change.ts";
import { invalidQuery } from "../query.ts";
import { streamReply } from "../reply.ts";
import type { ReadServices } from "./services.ts";

/** `GET /runs/:id/bundle`: one JSON object with the files of the bundle by name; the same bytes every time. */
export async function showBundle({ readRunBundle }: ReadServices, runId: string): Promise<Response> {
  const { entries } = await readRunBundle(runId);
  return streamReply(jsonFormOf(entries), { "content-type": "application/json; charset=utf-8" });
}

/** `GET /runs/:id/bundle.zip`: the bundle as a zip file; the same bytes every time. */
export async function downloadBundleZip({ readRunBundle }: ReadServices, runId: string): Promise<Response> {
  const { entries, digest, partial } = await readRunBundle(runId);
  return streamReply(await zipBundle(entries), {
    "content-type": "application/zip",
    "content-length": String(zipSizeOf(entries)),
    "content-disposition": `attachment; filename="${runId}${partial ? ".partial" : ""}.zip"`,
    // The digest of the bundle leaves out the signature, so it is a weak tag.
    etag: `W/"${digest}"`,
  });
}

/** `GET /bundles.zip?run=…&run=…`: the bundles of several runs in one zip file, each in a folder of its own. */
export async function downloadBundles({ readRunBundle }: ReadServices, request: Request): Promise<Response> {
  const entries: BundleEntry[] = [];
  for (const runId of readRunIds(new URL(request.url).searchParams)) {
    const bundle = await readRunBundle(runId);
    const folder = bundleFolderName(runId, bundle.partial);
    entries.push(...bundle.entries.map((entry) => ({ ...entry, path: `${folder}/${entry.path}` })));
  }
  if (!fitsInZip(entries)) throw invalidQuery("run", "names bundles that are too large for one zip file");
  return streamReply(await zipBundle(entries), {
    "content-type": "application/zip",
    "content-length": String(zipSizeOf(entries)),
    "content-disposition": 'attachment; filename="bundles.zip"',
  });
}

function readRunIds(query: URLSearchParams): ReadonlySet<string> {
  const unknown = [...query.keys()].find((name) => name !== "run");
  if (unknown !== undefined) throw invalidQuery(unknown, "is not known here");
  const runIds = new Set(query.getAll("run"));
  if (runIds.size < 1 || runIds.size > MAX_BULK_BUNDLES || ![...runIds].every(isRunId))
    throw invalidQuery(
      "run",
      `takes the ids of 1 to ${MAX_BULK_BUNDLES} runs, each as a parameter of its own`,
    );
  return runIds;
}
