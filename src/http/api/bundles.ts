import { canonicalJsonBytes } from "../../canonical-json.ts";
import { readRunBundle } from "../../flow/export-run.ts";
import { bytesReply } from "../reply.ts";
import type { Services } from "./services.ts";

/** `GET /runs/:id/bundle`: one JSON object with the files of the bundle by name; the same bytes every time. */
export async function showBundle({ store }: Services, runId: string): Promise<Response> {
  const { files } = await readRunBundle(store, runId);
  const named = files.map(({ path, bytes }) => [path, JSON.parse(new TextDecoder().decode(bytes))]);
  const bytes = canonicalJsonBytes(Object.fromEntries(named));
  return bytesReply(new Uint8Array(bytes), { "content-type": "application/json; charset=utf-8" });
}
