import type { Services } from "./services.ts";

/** `GET /metrics`: Prometheus text. */
export async function showMetrics({ metrics, store }: Services): Promise<Response> {
  return new Response(await metrics.read(store), {
    headers: { "content-type": metrics.contentType, "cache-control": "no-store" },
  });
}
