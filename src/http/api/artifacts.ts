import { create as contentDisposition } from "content-disposition";
import { z } from "zod";
import {
  findFormat,
  type Memo,
  parseMediaType,
  writeFiguresAsCsv,
  writeMemoAsHtml,
  writeMemoAsMarkdown,
} from "../../document/index.ts";
import {
  ARTIFACT_TYPES,
  artifactIdOf,
  isArtifactId,
  parseArtifactId,
  type StoredArtifact,
  VISIBILITIES,
} from "../../domain/artifact.ts";
import { Failure } from "../../failure.ts";
import { documentWindowOf } from "../../projection/document-window.ts";
import { rawWindowOf } from "../../projection/raw-window.ts";
import { artifactViewOf, provenanceOf } from "../../projection/run-view.ts";
import { invalidQuery, limitParameter, readQuery, textParameter } from "../query.ts";
import { ifRangeHolds, parseRange } from "../range.ts";
import { bytesReply, jsonReply, jsonTextReply, notModifiedReply, partReply } from "../reply.ts";
import type { ReadServices } from "./services.ts";

const artifactsQuery = z.strictObject({
  type: z.enum(ARTIFACT_TYPES, `takes ${ARTIFACT_TYPES.join(", ")}`).optional(),
  visibility: z.enum(VISIBILITIES, `takes ${VISIBILITIES.join(" or ")}`).optional(),
  q: textParameter,
  sha256: z
    .string()
    .regex(/^[0-9a-f]{64}$/, "takes a sha256 of 64 hex digits")
    .optional(),
  limit: limitParameter,
  before: z
    .string()
    .refine(isArtifactId, "takes the id of an artifact")
    .transform(parseArtifactId)
    .optional(),
});

/** `GET /artifacts`: newest first; `sha256` gives those that have these bytes or were made from them; a `Link` header leads to the next page. */
export async function listArtifacts(services: ReadServices, request: Request): Promise<Response> {
  const { q, ...query } = readQuery(request.url, artifactsQuery);
  if (query.before !== undefined && (await services.store.findArtifact(query.before)) === null)
    throw invalidQuery("before", "names no artifact");
  const found = await services.store.listArtifacts({ ...query, text: q, limit: query.limit + 1 });
  const page = found.slice(0, query.limit);
  const last = page.at(-1);
  const more = found.length > query.limit && last !== undefined;
  return jsonReply(
    page.map(artifactViewOf),
    200,
    more ? { link: nextLink(request.url, artifactIdOf(last)) } : {},
  );
}

const artifactQuery = z.strictObject({
  max_bytes: z
    .string()
    .regex(/^\d{1,10}$/, "takes a number of bytes")
    .transform(Number)
    .optional(),
});

/** `GET /artifacts/:id`: metadata, content and provenance. The content is null when it is larger than `max_bytes`. */
export async function showArtifact(services: ReadServices, id: string, request: Request): Promise<Response> {
  const { max_bytes = Number.POSITIVE_INFINITY } = readQuery(request.url, artifactQuery);
  const artifact = await getArtifact(services, id);
  const content =
    artifact.bytes > max_bytes ? "null" : contentOf(artifact, await services.store.getContent(artifact));
  const [meta, prov] = [artifactViewOf(artifact), provenanceOf(artifact)].map((part) => JSON.stringify(part));
  return jsonTextReply(`{"meta":${meta},"content":${content},"prov":${prov}}`);
}

const spanParameter = z
  .string()
  .regex(/^\d{1,12}-\d{1,12}$/, "takes a range such as 10-25")
  .transform((text): readonly [number, number] => {
    const [from = 0, to = 0] = text.split("-").map(Number);
    return [from, to];
  })
  .refine(([from, to]) => from < to, "takes a range that is not empty")
  .optional();
const positionParameter = z
  .string()
  .regex(/^\d{1,12}$/, "takes a whole number")
  .transform(Number)
  .optional();

const windowQuery = z.strictObject({
  span: spanParameter,
  bytes: spanParameter,
  at: positionParameter,
  row: positionParameter,
});

/** `GET /artifacts/:id/window`: a part of the content, around a place in it. */
export async function showWindow(services: ReadServices, id: string, request: Request): Promise<Response> {
  const { span = null, bytes: mark = null, at = null, row = null } = readQuery(request.url, windowQuery);
  const artifact = await getArtifact(services, id);
  if (artifact.type !== "raw" && artifact.type !== "docir")
    throw invalidQuery("artifact_id", "takes a raw or docir artifact");
  const bytes = await services.store.getContent(artifact);
  const content =
    artifact.type === "raw"
      ? rawWindowOf(bytes, artifact.mediaType, mark, at)
      : documentWindowOf(bytes, { span, at, row });
  return jsonReply({ meta: artifactViewOf(artifact), content, prov: provenanceOf(artifact) });
}

/** The forms for people that a memo can be downloaded in. */
const MEMO_FORMS = {
  markdown: { write: writeMemoAsMarkdown, mediaType: "text/markdown; charset=utf-8", suffix: "memo.md" },
  html: { write: writeMemoAsHtml, mediaType: "text/html; charset=utf-8", suffix: "memo.html" },
  csv: { write: writeFiguresAsCsv, mediaType: "text/csv; charset=utf-8", suffix: "figures.csv" },
} as const;

const downloadQuery = z.object({
  as: z.enum(["markdown", "html", "csv"], "takes markdown, html or csv").optional(),
});

/** `GET /artifacts/:id/download`: the stored bytes; with `as`, a memo as Markdown or HTML, or its figures as CSV. */
export async function downloadArtifact(
  services: ReadServices,
  id: string,
  request: Request,
): Promise<Response> {
  const { as } = readQuery(request.url, downloadQuery);
  const artifact = await getArtifact(services, id);
  if (as !== undefined) return await downloadMemoAs(as, services, artifact, request);
  const etag = `"${artifact.sha256}"`;
  if (isCurrentCopy(request, etag)) return notModifiedReply({ etag, ...CACHING });
  const range = ifRangeHolds(request.headers.get("if-range"), etag)
    ? parseRange(request.headers.get("range"), artifact.bytes)
    : null;
  if (range === "unsatisfiable") {
    throw new Failure("range_not_satisfiable", { artifact_id: id, bytes: artifact.bytes });
  }
  const headers = {
    "content-type": artifact.mediaType,
    "content-disposition": contentDisposition(filenameOf(artifact)),
    "accept-ranges": "bytes",
    etag,
    ...CACHING,
  };
  const bytes = new Uint8Array(await services.store.getContent(artifact));
  return range === null ? bytesReply(bytes, headers) : partReply(bytes, range, headers);
}

async function downloadMemoAs(
  form: keyof typeof MEMO_FORMS,
  { store, identity }: ReadServices,
  artifact: StoredArtifact,
  request: Request,
): Promise<Response> {
  if (artifact.type !== "memo") throw invalidQuery("as", `takes ${form} for a memo alone`);
  const { write, mediaType, suffix } = MEMO_FORMS[form];
  // Another version of the program may write the same memo in another way.
  const etag = `"${artifact.sha256}-${form}-${identity.version}"`;
  if (isCurrentCopy(request, etag)) return notModifiedReply({ etag, ...CACHING });
  const memo: Memo = JSON.parse(new TextDecoder().decode(await store.getContent(artifact)));
  return bytesReply(new TextEncoder().encode(write(memo)), {
    "content-type": mediaType,
    "content-disposition": contentDisposition(`${artifact.runId}-${suffix}`),
    etag,
    ...CACHING,
  });
}

/** A browser may store a download but must revalidate it: after a reset the same id may name another document. */
const CACHING = { "cache-control": "private, no-cache" };

/** `If-None-Match` is a list, and compares weakly (RFC 9110). */
function isCurrentCopy(request: Request, etag: string): boolean {
  const known = (request.headers.get("if-none-match") ?? "").split(",").map((tag) => tag.trim());
  return known.some((tag) => tag === "*" || tag.replace(/^W\//, "") === etag);
}

async function getArtifact({ store }: ReadServices, id: string): Promise<StoredArtifact> {
  const artifact = await store.findArtifact(parseArtifactId(id));
  if (artifact === null) throw new Failure("artifact_not_found", { artifact_id: id });
  return artifact;
}

/**
 * The content as JSON text: UTF-8 text as a string, other bytes as base64 in an object. Derived artifacts are JSON already and
 * their hash has been checked, so they are not parsed: for the largest, parsing and writing takes seconds.
 */
function contentOf({ type }: StoredArtifact, bytes: Uint8Array): string {
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    return type === "raw" ? JSON.stringify(text) : text.trimEnd();
  } catch {
    return JSON.stringify({ encoding: "base64", data: Buffer.from(bytes).toString("base64") });
  }
}

function filenameOf(artifact: StoredArtifact): string {
  if (artifact.type !== "raw") return `${artifact.runId}-${artifact.type}.json`;
  const named = typeof artifact.recipe.filename === "string" ? artifact.recipe.filename : undefined;
  const format = findFormat(parseMediaType(artifact.mediaType).essence);
  return named ?? `${artifact.runId}-raw.${format?.extensions[0] ?? "bin"}`;
}

function nextLink(url: string, before: string): string {
  const { pathname, searchParams } = new URL(url);
  searchParams.set("before", before);
  return `<${pathname}?${searchParams}>; rel="next"`;
}
