import { canonicalJson } from "../canonical-json.ts";
import type { Artifact, ArtifactRef, StoredArtifact } from "../domain/artifact.ts";
import type { NewEvent } from "../domain/journal.ts";
import type { ArtifactQuery } from "../domain/run-reader.ts";
import { RunFailure } from "../failure.ts";
import { containing, type Queryable } from "./database.ts";
import { sizedQuery } from "./pool.ts";
import { type BytesToSend, sentBytes, withSentBytes } from "./sent-bytes.ts";

/** The columns of jejakekal.artifact, by the field of `Artifact` that each holds. Every statement below is made from this list. */
const COLUMN_OF = {
  runId: "run_id",
  type: "type",
  sha256: "sha256",
  bytes: "bytes",
  mediaType: "media_type",
  format: "format",
  title: "title",
  visibility: "visibility",
  producerFunctionId: "producer_function_id",
  producerStep: "producer_step",
  inputs: "inputs",
  recipe: "recipe",
} as const satisfies Readonly<Record<keyof Artifact, string>>;

const FIELDS = Object.keys(COLUMN_OF) as readonly (keyof Artifact)[];
const COLUMNS = Object.values(COLUMN_OF);

/** The parameters of INSERT_ARTIFACT: $1 is the run id, $2 the type, $3 the sha256. */
const valuesOf = (artifact: Artifact): readonly unknown[] => FIELDS.map((field) => artifact[field]);

/** An artifact is written once: where the run has one of this type already, nothing is inserted. */
const INSERT_ARTIFACT = `
  insert into jejakekal.artifact (${COLUMNS.join(", ")})
  values (${COLUMNS.map((_, index) => `$${index + 1}`).join(", ")})
  on conflict (run_id, type) do nothing`;

/** The part of `StoredArtifact` that the row of an artifact has. */
export type ArtifactRow = Omit<StoredArtifact, "isErased" | "stepDurationMs">;

/** The driver returns a bigint as text, hence the cast. */
const ROW_FIELDS = `
  ${FIELDS.map((field) => `a.${COLUMN_OF[field]}${field === "bytes" ? "::float8" : ""} as "${field}"`).join(", ")},
  floor(extract(epoch from a.created_at) * 1000)::float8 as "createdAtEpochMs"`;

/** Selects rows in the shape of `ArtifactRow`. */
export const SELECT_ARTIFACT_ROW = `select ${ROW_FIELDS} from jejakekal.artifact a`;

/** Selects rows in the shape of `StoredArtifact`. */
export const SELECT_ARTIFACT = `
  select ${ROW_FIELDS},
         jejakekal.is_erased(a.run_id) as "isErased",
         coalesce((o.completed_at_epoch_ms - o.started_at_epoch_ms)::float8,
                  (select (step ->> 'completed_at_epoch_ms')::float8 - (step ->> 'started_at_epoch_ms')::float8
                     from jejakekal.imported_run i, json_array_elements(i.record -> 'operations') step
                    where i.run_id = a.run_id and (step ->> 'function_id')::integer = a.producer_function_id
                    limit 1)) as "stepDurationMs"
    from jejakekal.artifact a
    left join dbos.operation_outputs o on o.workflow_uuid = a.run_id and o.function_id = a.producer_function_id`;

/**
 * Stores bytes and the row that points at them, in one statement of a transaction.
 * @throws Error when the run has stored other bytes under this type: its steps are not deterministic
 */
export async function putArtifact(db: Queryable, artifact: Artifact, bytes: BytesToSend): Promise<void> {
  const put = sizedQuery(bytes.length, { name: "put-artifact", text: PUT_ARTIFACT });
  await withSentBytes(db, bytes, (sent) => db.query({ ...put, values: [...valuesOf(artifact), ...sent] }));
}

const PUT_ARTIFACT = `
  with held as materialized (
    select jejakekal.hold_blob($1, $3) as is_wanted
  ),
  stored as (
    insert into jejakekal.blob (sha256, bytes) select $3, ${sentBytes("$13", "$14")} from held where is_wanted
    on conflict (sha256) do nothing
  ),
  put as (
    ${INSERT_ARTIFACT} returning sha256
  )
  select jejakekal.require_artifact((select sha256 from put), $1, $2, $3)`;

/**
 * Stores the row of the artifact `raw`, whose bytes the start of the run stored. This is the first write of an execution, so the
 * same statement adds the event that `node` begins. A repeated statement, after the reply to a commit was lost, adds none.
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

/** SQLSTATE of `jejakekal.require_whole`. */
const NOT_WHOLE = "JK003";

/**
 * Fails unless a run has stored exactly these artifacts (`expected`: type → sha256) and their bytes match size and hash. The database
 * computes the hashes, so the bytes stay there; `bytes` is the sum of their sizes. The same statement adds the event that the run ended.
 * @throws RunFailure `FAILED_NO_ARTIFACT`
 */
export async function finishRun(
  db: Queryable,
  expected: Readonly<Record<string, string>>,
  bytes: number,
  { runId, kind, node, detail }: NewEvent,
): Promise<void> {
  const query = sizedQuery(bytes, {
    name: "finish-run",
    text: `
      with found as materialized (
        select jejakekal.require_whole(
                 jsonb_object_agg(a.type, a.sha256) = $2::jsonb
                 and bool_and(coalesce(octet_length(b.bytes) = a.bytes
                                       and encode(sha256(b.bytes), 'hex') = a.sha256, false)))
          from jejakekal.artifact a
          left join jejakekal.blob b on b.sha256 = a.sha256
         where a.run_id = $1
      )
      select jejakekal.append_event_once($1, $3, $4, $5) from found`,
    values: [runId, expected, kind, node, canonicalJson(detail)],
  });
  try {
    await db.query(query);
  } catch (cause) {
    const isNotWhole = cause instanceof Error && "code" in cause && cause.code === NOT_WHOLE;
    throw isNotWhole ? new RunFailure("FAILED_NO_ARTIFACT", { cause }) : cause;
  }
}

/** Stores the row of an artifact of an imported run, with the time at which it was made. */
export async function insertImportedArtifact(db: Queryable, artifact: StoredArtifact): Promise<void> {
  const parameters = COLUMNS.map((_, index) => `$${index + 1}`).join(", ");
  await db.query({
    name: "put-imported-artifact",
    text: `
      insert into jejakekal.artifact (${COLUMNS.join(", ")}, created_at)
      values (${parameters}, to_timestamp($${COLUMNS.length + 1}::float8 / 1000))`,
    values: [...valuesOf(artifact), artifact.createdAtEpochMs],
  });
}

/** Gives a run the artifacts that another run made before one of its steps. */
export async function copyArtifacts(
  db: Queryable,
  {
    fromRunId,
    toRunId,
    beforeFunctionId,
  }: Readonly<{ fromRunId: string; toRunId: string; beforeFunctionId: number }>,
): Promise<void> {
  const copied = COLUMNS.map((column) => (column === COLUMN_OF.runId ? "$1" : column));
  await db.query(
    `insert into jejakekal.artifact (${COLUMNS.join(", ")})
     select ${copied.join(", ")}
       from jejakekal.artifact where run_id = $2 and producer_function_id < $3
      order by producer_function_id`,
    [toRunId, fromRunId, beforeFunctionId],
  );
}

export async function findArtifact(
  db: Queryable,
  { runId, type }: ArtifactRef,
): Promise<StoredArtifact | null> {
  const { rows } = await db.query<StoredArtifact>({
    name: "find-artifact",
    text: `${SELECT_ARTIFACT} where a.run_id = $1 and a.type = $2`,
    values: [runId, type],
  });
  return rows[0] ?? null;
}

/** Newest first. */
export async function listArtifacts(db: Queryable, query: ArtifactQuery): Promise<readonly StoredArtifact[]> {
  const { rows } = await db.query<StoredArtifact>({
    name: "list-artifacts",
    text: `${SELECT_ARTIFACT}
      where ($1::text is null or a.type = $1)
        and ($2::text is null or a.visibility = $2)
        and ($3::text is null or a.title ilike $3 or a.run_id ilike $3)
        and ($4::text is null
             or (a.created_at, a.run_id, a.type) <
                (select b.created_at, b.run_id, b.type from jejakekal.artifact b where b.run_id = $4 and b.type = $5))
        and ($7::text is null or a.sha256 = $7 or a.inputs @> array[$7::text])
      order by a.created_at desc, a.run_id desc, a.type desc
      limit $6`,
    values: [
      query.type ?? null,
      query.visibility ?? null,
      query.text === undefined ? null : containing(query.text),
      query.before?.runId ?? null,
      query.before?.type ?? null,
      query.limit,
      query.sha256 ?? null,
    ],
  });
  return rows;
}
