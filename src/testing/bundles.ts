import type { KeyObject } from "node:crypto";
import { buildTagManifest, checksumText } from "../bundle/bag.ts";
import { buildBundle } from "../bundle/bundle.ts";
import { citationsOf } from "../bundle/citations.ts";
import {
  artifactPathOf,
  type BundleEntry,
  type BundleFile,
  entryOf,
  PAYLOAD_FOLDER,
  PAYLOAD_MANIFEST,
  TAG_MANIFEST,
} from "../bundle/layout.ts";
import { sourceOf } from "../bundle/verify/canonical.ts";
import type { BundleReader } from "../bundle/verify/contents.ts";
import { canonicalJson, canonicalJsonBytes } from "../canonical-json.ts";
import { type Attachment, loadTokenizer, mediaTypeOf, shortestMediaType } from "../document/index.ts";
import { ARTIFACT_TYPES, ARTIFACTS, type ArtifactType, type StoredArtifact } from "../domain/artifact.ts";
import { artifactSetDigest } from "../domain/artifact-set.ts";
import { type AttachmentOrigin, attachmentRunId, type RecordedAttachments } from "../domain/attachment.ts";
import { type DocArgs, hashPayload } from "../domain/command.ts";
import { type EventKind, eventSha256, type RunEvent } from "../domain/journal.ts";
import { functionIdOf, RUN_STEPS, type RunStep } from "../domain/run.ts";
import { derive, type OcrSource } from "../flow/derivation/derive.ts";
import { sha256Hex } from "../sha256.ts";
import { artifactOf, operationOf, recordOf } from "./records.ts";

const BEGAN_AT_MS = Date.UTC(2026, 0, 2, 3, 4, 5);

type BundleOptions = Readonly<{
  runId?: string;
  source?: string | Uint8Array;
  filename?: string;
  partial?: boolean;
  /** Whether somebody has decided about a passage, after the run was exported. */
  reviewed?: boolean;
  /** Whether the run was erased after its end. */
  erased?: boolean;
  /** What somebody made of the journal; hashes and numbers follow from it. */
  forgeEvents?: (events: readonly EventOf[]) => readonly EventOf[];
  /** What somebody made of an artifact, who then computed anew everything that follows from it. */
  forge?: (type: ArtifactType, value: JsonRecord) => JsonRecord;
  /** An earlier recipe of the memo; without it the newest. */
  memoRecipe?: Readonly<{ name: string }>;
  /** The mail that the document was attached to. */
  attachmentOf?: AttachmentOrigin;
  /** What reads pictures. */
  ocr?: OcrSource;
  signingKey?: KeyObject;
}>;

type EventOf = readonly [kind: EventKind, detail: object];

type JsonRecord = Readonly<Record<string, unknown>>;

const SOURCE =
  "# Tide tables\n\nHigh water at 06:12, 4.1 m. Low water at 12:40 [low]\n\n## Harbour\n\nThe café is *closed*.\n";

/** The files of the bundle of a run that ended well, as the program would have exported it. */
export async function bundleFilesOf(options: BundleOptions = {}): Promise<readonly BundleFile[]> {
  const { entries } = await bundleOf(options);
  return Promise.all(entries.map(async (entry) => ({ path: entry.path, bytes: await bytesOf(entry) })));
}

export async function bundleOf({
  runId = "run-1",
  source = SOURCE,
  filename = "tides.md",
  partial = false,
  reviewed = false,
  erased = false,
  forge,
  forgeEvents = (events) => events,
  memoRecipe,
  attachmentOf,
  ocr,
  signingKey,
}: BundleOptions = {}) {
  await loadTokenizer();
  const raw = typeof source === "string" ? new TextEncoder().encode(source) : source;
  const named = mediaTypeOf({ filename });
  // The charset is not part of the hash of the request.
  const mediaType = named === "text/markdown" ? `${named}; charset=utf-8` : named;
  const args = {
    source_sha256: sha256Hex(raw),
    media_type: mediaType,
    filename,
  };
  const contents = new Map<ArtifactType, Uint8Array>([["raw", raw]]);
  const artifacts: StoredArtifact[] = [
    stored(runId, "raw", raw, { mediaType: args.media_type, inputs: [], recipe: { name: "as-received" } }),
  ];
  let attachments: RecordedAttachments | undefined;
  for (const artifact of ARTIFACT_TYPES) {
    if (artifact === "raw") continue;
    const inputs = ARTIFACTS[artifact].inputs.map((type) => contents.get(type) ?? new Uint8Array());
    const from = inputs.map(sha256Hex);
    const recipe = artifact === "memo" ? memoRecipe : undefined;
    const derived = await derive({ artifact, from, args, ...(recipe && { recipe }) }, inputs, { ocr });
    const { attachments: found, ...facts } = derived.facts;
    if (found !== undefined) attachments = recordAttachments(runId, found);
    const parse = () => JSON.parse(new TextDecoder().decode(derived.bytes)) as JsonRecord;
    const bytes = forge === undefined ? derived.bytes : canonicalJsonBytes(forge(artifact, parse()));
    contents.set(artifact, bytes);
    artifacts.push(stored(runId, artifact, bytes, { ...facts, inputs: from }));
  }
  const kept = erased ? [] : artifacts;
  const payload = kept.map(({ type }) =>
    entryOf({ path: artifactPathOf(type), bytes: contents.get(type) ?? new Uint8Array() }),
  );
  const memo: unknown = erased ? null : JSON.parse(new TextDecoder().decode(contents.get("memo")));
  const record = recordFor({
    runId,
    args,
    artifacts: artifacts.map((artifact) => ({ ...artifact, isErased: erased })),
    partial,
    attachments,
    attachmentOf,
  });
  const { workflow, operations } = record;
  const inputs = JSON.stringify({ json: [{ args, sleepMs: 1 }] });
  const rows = operations.map((operation) => ({ ...operation, workflow_uuid: runId }));
  const truth = { workflowStatus: { ...workflow, inputs, output: null }, operationOutputs: rows };
  const told: readonly EventOf[] = [
    [
      "accepted",
      {
        ...(attachmentOf && { attachment_of: { n: attachmentOf.n, run_id: attachmentOf.runId } }),
        bytes: raw.length,
        payload_sha256: payloadSha256Of(args),
        sleep_ms: 1,
      },
    ],
    ["started", {}],
    ...(partial
      ? []
      : ([["finished", { artifact_set_digest: artifactSetDigest(artifacts), status: "done" }]] as const)),
    ...(reviewed
      ? ([
          ["exported", {}],
          ["reviewed", { decision: "corrected", note: "4.2 m" }],
        ] as const)
      : []),
    ...(erased ? ([["erased", { by: "boss", reason: "a request", via: "api" }]] as const) : []),
  ];
  const events = eventsOf(runId, forgeEvents(told));
  const bundleSource = { record, truth, events, citations: citationsOf(memo), partial };
  return buildBundle(bundleSource, payload, memo, signingKey ?? null);
}

/** What the step that starts the runs records. */
function recordAttachments(runId: string, found: readonly Attachment[]): RecordedAttachments {
  const list = found.map(({ n, name = null, mediaType, bytes, sha256, sameAs, leftOut = null }) => ({
    n,
    run_id: leftOut === null ? attachmentRunId({ runId, n: sameAs ?? n }) : null,
    reason: leftOut,
    filename: name,
    media_type: mediaType,
    bytes,
    sha256,
  }));
  return { started_by: runId, total: list.length, list };
}

const payloadSha256Of = (args: DocArgs) =>
  hashPayload({ ...args, media_type: shortestMediaType(args.media_type) });

function recordFor({
  runId,
  args,
  artifacts,
  partial,
  attachments,
  attachmentOf = null,
}: Readonly<{
  runId: string;
  args: DocArgs;
  artifacts: readonly StoredArtifact[];
  partial: boolean;
  attachments: RecordedAttachments | undefined;
  attachmentOf: AttachmentOrigin | null | undefined;
}>) {
  const effectKey = `${runId}:side-effect`;
  const receipt = { effect_key: effectKey };
  const outputs: Partial<Record<RunStep, object>> = {
    "side-effect": { effect_key: effectKey, receipt_sha256: sha256Hex(canonicalJsonBytes(receipt)) },
    finalize: { artifacts: Object.fromEntries(artifacts.map(({ type, sha256 }) => [type, sha256])) },
  };
  for (const { producerStep, type, sha256, bytes, inputs } of artifacts) {
    outputs[producerStep] = { artifact: type, sha256, bytes, inputs };
  }
  if (attachments !== undefined) outputs.docir = { ...outputs.docir, attachments };
  return recordOf(
    {
      workflow_uuid: runId,
      ...(partial ? { status: "PENDING", completed_at: null } : {}),
    },
    {
      artifacts,
      attachmentOf,
      attachments: attachments === undefined ? null : { ...attachments, states: new Map() },
      operations: RUN_STEPS.map((step) =>
        operationOf(step, { output: JSON.stringify({ json: { ...outputs[step], attempt: 1 } }) }),
      ),
      request: {
        intent: "doc",
        args,
        payload_sha256: payloadSha256Of(args),
        source_sha256: args.source_sha256,
        sleep_ms: 1,
        from_step: null,
      },
      effects: [{ effectKey, kind: "receipt", executions: 1, receipt, begunAfter: [1], receiptAfter: 1 }],
    },
  );
}

function stored(
  runId: string,
  type: ArtifactType,
  bytes: Uint8Array,
  fields: Partial<StoredArtifact>,
): StoredArtifact {
  const { producerStep, visibility } = ARTIFACTS[type];
  const place = { producerStep, producerFunctionId: functionIdOf(producerStep), visibility };
  return artifactOf({ type, runId, ...place, sha256: sha256Hex(bytes), bytes: bytes.length, ...fields });
}

function eventsOf(runId: string, events: readonly EventOf[]): RunEvent[] {
  let prevSha256 = "0".repeat(64);
  return events.map(([kind, detail], seq) => {
    const event = {
      seq,
      atEpochMs: BEGAN_AT_MS + seq,
      kind,
      node: "local",
      detail: canonicalJson(detail),
      prevSha256,
    };
    prevSha256 = eventSha256(runId, event);
    return { ...event, sha256: prevSha256 };
  });
}

async function bytesOf(entry: BundleEntry): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for await (const part of entry.read()) parts.push(part);
  return Buffer.concat(parts);
}

/** A reader of files in memory. */
export function memoryReader(files: readonly BundleFile[]): BundleReader {
  return {
    files: files.map(({ path, bytes }) => ({ path, size: bytes.length })),
    faults: [],
    read: (path, buffer, at) =>
      sourceOf(files.find((file) => file.path === path)?.bytes ?? new Uint8Array()).read(buffer, at),
  };
}

/** The files with all checksums computed anew, as somebody would who wants a change to stay hidden. */
export function resealed(changed: readonly BundleFile[]): readonly BundleFile[] {
  const hashed = changed.map(({ path, bytes }) => ({ path, sha256: sha256Hex(bytes) }));
  const payload = hashed.filter(({ path }) => path.startsWith(PAYLOAD_FOLDER));
  const payloadManifest = { path: PAYLOAD_MANIFEST, bytes: Buffer.from(checksumText(payload)) };
  const withPayload = changed.map((file) => (file.path === PAYLOAD_MANIFEST ? payloadManifest : file));
  const tagManifest = buildTagManifest(
    withPayload.map(({ path, bytes }) => ({ path, sha256: sha256Hex(bytes) })),
  );
  return withPayload.map((file) => (file.path === TAG_MANIFEST ? tagManifest : file));
}
