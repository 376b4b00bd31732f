import { z } from "zod";
import { parseBatchId, type Refusal } from "../../domain/batch.ts";
import { checkPayload } from "../../domain/payload.ts";
import { Failure } from "../../failure.ts";
import { addDocument, createBatch } from "../../flow/batch.ts";
import { batchViewOf } from "../../projection/batch-view.ts";
import { contentTypeOf, readFormBody, readOptionalJson } from "../body.ts";
import { type FormFile, parseMultipart } from "../multipart.ts";
import { failureBody, jsonReply, statusOf } from "../reply.ts";
import { senderOf } from "../via.ts";
import type { Services } from "./services.ts";
import { documentCommand, readStartRequest } from "./start-request/index.ts";

const batchBody = z.strictObject({ batchId: z.string("takes a string").optional() });

const MAX_FILES = 1_000;

/**
 * `POST /batches`: a new batch, empty or with the files of a form. Each file is one document; a refused one is an item with its
 * refusal. The files of one request together have the size limit of a document; more are sent one by one to `/documents`.
 */
export async function startBatch(services: Services, request: Request): Promise<Response> {
  const { type, parameters } = contentTypeOf(request);
  if (type !== "multipart/form-data") {
    const { batchId } = checkPayload(batchBody, await readOptionalJson(request));
    return replyWithBatch(services, await createBatch(services, batchId && parseBatchId(batchId)), 202);
  }
  const { maxBodyBytes } = services;
  const body = await readFormBody(request, maxBodyBytes);
  const limits = { fileBytes: maxBodyBytes, totalBytes: body.length, parts: MAX_FILES };
  const { files, fields } = parseMultipart(body, parameters.boundary ?? "", limits);
  const [name] = fields.find(([field]) => field !== "batchId" && field !== "sleepMs") ?? [];
  if (name !== undefined)
    throw new Failure("invalid_run_payload", { field: name.slice(0, 64), reason: "is not known here" });
  const batchId = new Map(fields).get("batchId");
  const id = await createBatch(services, batchId && parseBatchId(batchId));
  const by = senderOf(request).token ?? undefined;
  for (const file of files)
    await addFile(services, id, file, { sleepMs: new Map(fields).get("sleepMs"), by });
  return replyWithBatch(services, id, 202);
}

/** A refused file is part of the answer; a failure of this program ends the request. */
async function addFile(
  services: Services,
  batchId: string,
  file: FormFile,
  { sleepMs, by }: Readonly<{ sleepMs: string | undefined; by: string | undefined }>,
): Promise<void> {
  const document = {
    itemKey: null,
    filename: file.filename ?? null,
    bytes: file.bytes.length,
    read: async () => ({ ...(await documentCommand(file, { sleepMs }, services.hasOcr)), by }),
  };
  await addDocument(services, batchId, document, refusalOf).catch((error: unknown) => {
    if (!(error instanceof Failure) || refusalOf(error) === null) throw error;
  });
}

const itemKey = z
  .string()
  .regex(/^[A-Za-z0-9._-]{1,64}$/, "takes 1 to 64 of A-Z a-z 0-9 . _ -")
  .optional();

/** `POST /batches/:id/documents`: adds one document, in any form that `POST /runs` takes. `item` names it, to be repeated. */
export async function addToBatch(services: Services, id: string, request: Request): Promise<Response> {
  const batchId = parseBatchId(id);
  const url = new URL(request.url);
  const { item } = checkPayload(z.object({ item: itemKey }), {
    item: url.searchParams.get("item") ?? undefined,
  });
  url.searchParams.delete("item");
  const length = Number(request.headers.get("content-length") ?? Number.NaN);
  const document = {
    itemKey: item ?? null,
    filename: url.searchParams.get("filename"),
    bytes: Number.isSafeInteger(length) ? length : null,
    read: async () => {
      const command = await readStartRequest(new Request(url, request), services);
      if (command.workflowId === undefined) return { ...command, by: senderOf(request).token ?? undefined };
      throw new Failure("invalid_run_payload", { field: "workflowId", reason: "is not known here" });
    },
  };
  const { runId, deduplicated } = await addDocument(services, batchId, document, refusalOf);
  const accepted = { batch_id: batchId, run_id: runId };
  return jsonReply(deduplicated ? { ...accepted, deduplicated } : accepted, 202, {
    location: `/runs/${runId}`,
  });
}

/** `GET /batches/:id`: the documents with the states of their runs, and how many there are of each. */
export async function showBatch(services: Services, id: string): Promise<Response> {
  return replyWithBatch(services, parseBatchId(id), 200);
}

async function replyWithBatch({ store }: Services, batchId: string, status: number): Promise<Response> {
  const record = await store.findBatch(batchId);
  if (record === null) throw new Failure("batch_not_found", { batch_id: batchId });
  const headers: Record<string, string> = status === 202 ? { location: `/batches/${batchId}` } : {};
  return jsonReply(batchViewOf(record), status, headers);
}

/** What a batch keeps of a refusal: the failures that the client can do something about. After a 429 the document is sent again. */
export function refusalOf(failure: Failure): Refusal | null {
  const status = statusOf(failure.code);
  return status < 500 && status !== 429 ? { ...failureBody(failure), error: failure.code } : null;
}
