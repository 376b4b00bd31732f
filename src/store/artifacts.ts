import { canonicalJson } from "../canonical-json.ts";
import type { Artifact, ArtifactRef, ArtifactType, StoredArtifact, Visibility } from "../domain/artifact.ts";
import type { NewEvent } from "../domain/journal.ts";
import type { RunStep } from "../domain/run.ts";
import { containing, type Queryable } from "./database.ts";

/** What a run has stored once stays as it is. Its parameters are what `valuesOf` gives. */
const INSERT_ARTIFACT = `
  insert into jejakekal.artifact (run_id, type, sha256, bytes, media_type, format, title, visibility,
                                  producer_function_id, producer_step, inputs, recipe)
  values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
  on conflict (run_id, type) do nothing`;

/**
 * Stores bytes and the row that points at them, in one statement. A run that comes to other bytes than it has stored is not
 * deterministic, and that is an error here rather than a surprise later.
 */
export async function putArtifact(db: Queryable, artifact: Artifact, bytes: Uint8Array): Promise<void> {
  const { rows } = await db.query<{ sha256: string | null }>({
    name: "put-artifact",
    text: `
      with stored as (
        insert into jejakekal.blob (sha256, bytes) values ($3, $13)
        on conflict (sha256) do nothing
      ),
      put as (
        ${INSERT_ARTIFACT} returning sha256
      )
      select coalesce((select sha256 from put),
                      (select sha256 from jejakekal.artifact where run_id = $1 and type = $2)) as sha256`,
    values: [...valuesOf(artifact), bytes],
  });
  const stored = rows[0]?.sha256 ?? (await findArtifact(db, artifact))?.sha256;
  if (stored !== artifact.sha256) {
    throw new Error(
      `${artifact.runId}:${artifact.type} is stored as ${stored}, and now came to ${artifact.sha256}`,
    );
  }
}

/**
 * Makes stored bytes an artifact. It is the first deed of an execution, so the journal is told in the same statement that
 * `node` begins; not when the statement is repeated because the answer to its commit was lost.
 */
export async function adoptSource(db: Queryable, artifact: Artifact, node: string): Promise<void> {
  await db.query({
    name: "adopt-source",
    text: `
      with put as (
        ${INSERT_ARTIFACT} returning run_id
      )
      select jejakekal.begin_execution(run_id, $13) from put`,
    values: [...valuesOf(artifact), node],
  });
}

/**
 * Whether a run has stored exactly these artifacts, `expected` from type to sha256, and their bytes are what their rows say,
 * as the database itself sees it. If so, the end of the run is noted in the same statement.
 */
export async function finishRun(
  db: Queryable,
  expected: Readonly<Record<string, string>>,
  { runId, kind, node, detail }: NewEvent,
): Promise<boolean> {
  const { rows } = await db.query<{ whole: boolean }>({
    name: "finish-run",
    text: `
      with found as materialized (
        select coalesce(jsonb_object_agg(a.type, a.sha256) = $2::jsonb
                 and bool_and(coalesce(octet_length(b.bytes) = a.bytes
                                       and encode(sha256(b.bytes), 'hex') = a.sha256, false)),
                 false) as whole
          from jejakekal.artifact a
          left join jejakekal.blob b on b.sha256 = a.sha256
         where a.run_id = $1
      ),
      noted as materialized (select jejakekal.append_event_once($1, $3, $4, $5) from found where whole)
      select whole from found left join noted on true`,
    values: [runId, expected, kind, node, canonicalJson(detail)],
  });
  return rows[0]?.whole ?? false;
}

/** In the order of the columns. */
function valuesOf(artifact: Artifact): readonly unknown[] {
  return [
    artifact.runId,
    artifact.type,
    artifact.sha256,
    artifact.bytes,
    artifact.mediaType,
    artifact.format,
    artifact.title,
    artifact.visibility,
    artifact.producerFunctionId,
    artifact.producerStep,
    artifact.inputs,
    artifact.recipe,
  ];
}

export async function findArtifact(
  db: Queryable,
  { runId, type }: ArtifactRef,
): Promise<StoredArtifact | null> {
  const { rows } = await db.query<ArtifactRow>({
    name: "find-artifact",
    text: `${SELECT_ARTIFACT} where a.run_id = $1 and a.type = $2`,
    values: [runId, type],
  });
  return rows[0] === undefined ? null : artifactOf(rows[0]);
}

export type ArtifactQuery = Readonly<{
  type?: ArtifactType | undefined;
  visibility?: Visibility | undefined;
  /** Part of a title or of a run id, in any case. */
  text?: string | undefined;
  limit: number;
  /** Only what comes after this one in the list. */
  before?: ArtifactRef | undefined;
}>;

/** Newest first. */
export async function listArtifacts(db: Queryable, query: ArtifactQuery): Promise<readonly StoredArtifact[]> {
  const { rows } = await db.query<ArtifactRow>({
    name: "list-artifacts",
    text: `${SELECT_ARTIFACT}
      where ($1::text is null or a.type = $1)
        and ($2::text is null or a.visibility = $2)
        and ($3::text is null or a.title ilike $3 or a.run_id ilike $3)
        and ($4::text is null
             or (a.created_at, a.run_id, a.type) <
                (select b.created_at, b.run_id, b.type from jejakekal.artifact b where b.run_id = $4 and b.type = $5))
      order by a.created_at desc, a.run_id desc, a.type desc
      limit $6`,
    values: [
      query.type ?? null,
      query.visibility ?? null,
      query.text === undefined ? null : containing(query.text),
      query.before?.runId ?? null,
      query.before?.type ?? null,
      query.limit,
    ],
  });
  return rows.map(artifactOf);
}

const SELECT_ARTIFACT = `
  select a.run_id, a.type, a.sha256, a.bytes::float8 as bytes, a.media_type, a.format, a.title, a.visibility,
         a.producer_function_id, a.producer_step, a.inputs, a.recipe,
         floor(extract(epoch from a.created_at) * 1000)::float8 as created_at_epoch_ms,
         (o.completed_at_epoch_ms - o.started_at_epoch_ms)::float8 as step_duration_ms
    from jejakekal.artifact a
    left join dbos.operation_outputs o on o.workflow_uuid = a.run_id and o.function_id = a.producer_function_id`;

/** The row as the statements above, and the run's own statement, spell it. */
export type ArtifactRow = Readonly<{
  run_id: string;
  type: ArtifactType;
  sha256: string;
  bytes: number;
  media_type: string;
  format: string;
  title: string;
  visibility: Visibility;
  producer_function_id: number;
  producer_step: RunStep;
  inputs: string[];
  recipe: Record<string, unknown>;
  created_at_epoch_ms: number;
  step_duration_ms: number | null;
}>;

export function artifactOf(row: ArtifactRow): StoredArtifact {
  return {
    runId: row.run_id,
    type: row.type,
    sha256: row.sha256,
    bytes: row.bytes,
    mediaType: row.media_type,
    format: row.format,
    title: row.title,
    visibility: row.visibility,
    producerFunctionId: row.producer_function_id,
    producerStep: row.producer_step,
    inputs: row.inputs,
    recipe: row.recipe,
    createdAtEpochMs: row.created_at_epoch_ms,
    stepDurationMs: row.step_duration_ms,
  };
}
