import { jsonFormOf } from "../../bundle/json-form.ts";
import { zipSizeOf } from "../../bundle/zip.ts";
import { zipBundle } from "../../files/zip-writer.ts";
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
