/**
 * The shapes of the JSON files of a bundle, for readers: `spec-0/bundle` has them as JSON Schemas. What writes the files are
 * `run-bundle.ts`, `ro-crate.ts` and `statement.ts`.
 */
import { z } from "zod";
import { VISIBILITIES } from "../domain/artifact.ts";

const count = z.int().nonnegative();
const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const epochMs = z.number();
const json = z.unknown();
const jsonObject = z.record(z.string(), json);

/** A type is part of a path, so its alphabet is narrow. */
const artifactType = z.string().regex(/^[a-z][a-z0-9-]{0,63}$/);

export const manifestSchema = z.strictObject({
  schema: z.literal("jejakekal.run-bundle/1"),
  /** Stands for the folder that holds the bundle. */
  root: z.literal("<run-bundle-root>"),
  run_id: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/),
  status: z.enum(["running", "done", "error", "unknown"]),
  dbos_status: z.string(),
  /** The run had not ended when it was exported. */
  partial: z.boolean(),
  workflow: z.strictObject({
    name: z.string(),
    application_version: z.string().nullable(),
    forked_from: z.string().nullable(),
  }),
  request: z.strictObject({
    intent: z.string(),
    args: jsonObject,
    payload_sha256: sha256,
  }),
  /** Of an attachment of a mail: the run of the mail, and its number there, from 1. Absent otherwise. */
  attachment_of: z.strictObject({ run_id: z.string(), n: z.int().min(1) }).optional(),
  /** Of a mail: the runs of its attachments, each with the hash of its document. Absent where there are none. */
  attachments: z
    .array(z.strictObject({ n: z.int().min(1), run_id: z.string(), sha256 }))
    .min(1)
    .optional(),
  /** By artifact type: what made it. */
  recipes: z.record(artifactType, jsonObject),
  /** sha256 over the canonical JSON of `{type: sha256}`, newline included; null while an artifact is missing. */
  artifact_set_digest: sha256.nullable(),
  files: z.array(z.strictObject({ path: z.string(), bytes: count, sha256 })),
});

export const artifactsSchema = z.array(
  z.strictObject({
    id: artifactType,
    sha256,
    bytes: count,
    media_type: z.string(),
    format: z.string(),
    title: z.string(),
    visibility: z.enum(VISIBILITIES),
    prov: z.strictObject({
      producer_function_id: count,
      producer_step: z.string(),
      inputs: z.array(sha256),
      recipe: jsonObject,
    }),
    /** Its bytes were erased, and are not in the bundle; absent otherwise. */
    erased: z.literal(true).optional(),
  }),
);

export const timelineSchema = z.array(
  z.strictObject({
    function_id: z.int(),
    function_name: z.string(),
    started_at_epoch_ms: epochMs.nullable(),
    completed_at_epoch_ms: epochMs.nullable(),
    duration_ms: z.number().nullable(),
    attempt: z.number().nullable(),
    output: json,
    error: z.strictObject({ code: z.string(), message: z.string() }).nullable(),
    io_hashes: z.strictObject({ in: z.array(sha256), out: z.array(sha256) }),
  }),
);

const eventSchema = z.strictObject({
  seq: count,
  at_epoch_ms: epochMs,
  kind: z.string(),
  node: z.string(),
  /** An object; text when it was damaged by hand. */
  detail: json,
  prev_sha256: sha256,
  sha256,
});

export const toolIoSchema = z.strictObject({
  steps: z.array(
    z.strictObject({
      function_id: z.int(),
      function_name: z.string(),
      attempt: z.number().nullable(),
      in: z.array(sha256),
      out: z.array(sha256),
    }),
  ),
  effects: z.array(
    z.strictObject({
      effect_key: z.string(),
      kind: z.string(),
      executions: count,
      receipt: jsonObject.nullable(),
    }),
  ),
  journal: z.array(eventSchema),
});

/** Events `reviewed` of the journal, which were written after those of `tool-io.json`. */
export const reviewsSchema = z.array(eventSchema).min(1);

/** The event `erased` of the journal. */
export const erasureSchema = z.array(eventSchema).length(1);

/** The citations of the memo, as the memo has them; their shape belongs to the memo. */
export const citationsSchema = z.array(json);

/** A row of dbos.workflow_status. Columns that DBOS adds or drops later may be more or fewer. */
export const workflowStatusSchema = z.looseObject({
  workflow_uuid: z.string(),
  status: z.string(),
  name: z.string(),
  application_version: z.string().nullable(),
  forked_from: z.string().nullable(),
  created_at: epochMs,
  completed_at: epochMs.nullable(),
  inputs: z.string().nullable(),
  error: z.string().nullable(),
});

/** Rows of dbos.operation_outputs. */
export const operationOutputsSchema = z.array(
  z.looseObject({
    workflow_uuid: z.string(),
    function_id: z.int(),
    function_name: z.string(),
    output: z.string().nullable(),
    error: z.string().nullable(),
    started_at_epoch_ms: epochMs.nullable(),
    completed_at_epoch_ms: epochMs.nullable(),
  }),
);

/** RO-Crate 1.1 with the profile Process Run Crate. */
export const roCrateSchema = z.strictObject({
  "@context": z.literal("https://w3id.org/ro/crate/1.1/context"),
  "@graph": z.array(
    z.looseObject({ "@id": z.string(), "@type": z.union([z.string(), z.array(z.string())]) }),
  ),
});

/** in-toto Statement v1 with the predicate SLSA provenance v1. */
export const statementSchema = z.strictObject({
  _type: z.literal("https://in-toto.io/Statement/v1"),
  subject: z.array(z.strictObject({ name: z.string(), digest: z.strictObject({ sha256 }) })).min(1),
  predicateType: z.literal("https://slsa.dev/provenance/v1"),
  predicate: z.strictObject({
    buildDefinition: z.strictObject({
      buildType: z.string(),
      externalParameters: jsonObject,
      internalParameters: jsonObject,
      resolvedDependencies: z.array(
        z.strictObject({ name: z.string(), digest: z.strictObject({ sha256 }), mediaType: z.string() }),
      ),
    }),
    runDetails: z.strictObject({
      builder: z.strictObject({ id: z.string() }),
      metadata: z.strictObject({
        invocationId: z.string(),
        startedOn: z.string(),
        finishedOn: z.string().optional(),
      }),
    }),
  }),
});

/** A DSSE envelope, one line. */
export const envelopeSchema = z.strictObject({
  payloadType: z.literal("application/vnd.in-toto+json"),
  payload: z.base64(),
  signatures: z.array(z.strictObject({ keyid: z.string(), sig: z.base64() })).length(1),
});

/** The schema of each JSON file of a bundle, by its path. */
export const SCHEMAS = {
  "artifacts.json": artifactsSchema,
  "citations.json": citationsSchema,
  "erasure.json": erasureSchema,
  "manifest.json": manifestSchema,
  "operation_outputs.json": operationOutputsSchema,
  "reviews.json": reviewsSchema,
  "timeline.json": timelineSchema,
  "tool-io.json": toolIoSchema,
  "workflow_status.json": workflowStatusSchema,
  "ro-crate-metadata.json": roCrateSchema,
  "attestations/statement.json": statementSchema,
  "attestations/run.intoto.jsonl": envelopeSchema,
} as const satisfies Readonly<Record<string, z.ZodType>>;

export type Manifest = z.infer<typeof manifestSchema>;
export type ArtifactEntry = z.infer<typeof artifactsSchema>[number];
export type TimelineStep = z.infer<typeof timelineSchema>[number];
export type ToolIo = z.infer<typeof toolIoSchema>;
export type WorkflowStatus = z.infer<typeof workflowStatusSchema>;
export type OperationOutput = z.infer<typeof operationOutputsSchema>[number];
export type Statement = z.infer<typeof statementSchema>;
export type Envelope = z.infer<typeof envelopeSchema>;

/** The values of those files that the other files of a bundle are made from. */
export type BundleValues = Readonly<{
  manifest: Manifest;
  artifacts: readonly ArtifactEntry[];
  timeline: readonly TimelineStep[];
  toolIo: ToolIo;
  workflowStatus: WorkflowStatus;
}>;
