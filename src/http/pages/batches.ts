import { summaryInWords } from "../../projection/batch-view.ts";
import type { BatchModel } from "../../views/batch/batch.tsx";
import { renderBatch, renderBatchPage } from "../../views/fragments.tsx";
import type { Page } from "../reply.ts";
import type { ApiClient } from "./api-client.ts";
import { ASSET_URLS } from "./assets.ts";
import type { PageRequest } from "./page-request.ts";
import { titleOf } from "./whole-page.ts";

/** `GET /batches/:id`: the documents that were sent together. */
export async function showBatch(client: ApiClient, page: PageRequest, batchId: string): Promise<Page> {
  const answer = await client.getBatch(batchId);
  const model: BatchModel = answer.ok
    ? { kind: "batch", batch: answer.value }
    : { kind: "problem", problem: answer.problem, batchId };
  const status = answer.ok ? 200 : answer.problem.status;
  const title = titleOf(answer.ok ? `Batch: ${summaryInWords(answer.value.summary)}` : answer.problem.code);
  const html = page.isFragment ? renderBatch(title, model) : renderBatchPage(title, ASSET_URLS, model);
  return { html, status };
}

/** `GET /ui/batches/:id/json`: the API's JSON, also for a browser. */
export function showBatchJson(client: ApiClient, batchId: string): Promise<Response> {
  return client.fetch(`/batches/${batchId}`);
}
