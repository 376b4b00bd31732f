import type { ChunkPlace } from "../search/chunk-scanner.ts";
import type { Segment, SegmentSize } from "../search/segment.ts";
import { stemOf } from "../search/stem.ts";
import { type BlobRead, readBlob } from "./blobs.ts";
import { clearErased } from "./clear-erased.ts";
import type { Connection, Database, Queryable } from "./database.ts";
import { heavyQuery } from "./pool.ts";

/** A run whose chunks are to be indexed. */
export type IndexableRun = Readonly<{ runId: string; sha256: string; bytes: number }>;

/** A chunk as the index keeps it: where its JSON text is in its artifact, and the hash of that text. */
export type IndexedChunk = ChunkPlace & Readonly<{ run: number; sha256: Uint8Array }>;

/** The index, locked for the one who writes it until the transaction ends. */
export type IndexWriter = Readonly<{
  /** The runs that wait longest. */
  listPending(limit: number): Promise<readonly IndexableRun[]>;
  /** All runs with a chunk index, in the order in which they made it. */
  listAll(): Promise<readonly IndexableRun[]>;
  readBlob(sha256: string): Promise<BlobRead>;
  /** Returns the number of the run. A run that cannot be read is hidden. */
  addRun(run: IndexableRun, isReadable: boolean): Promise<number>;
  /** The number that the next chunk gets. */
  findNextChunk(): Promise<number>;
  addSegment(segment: Segment, chunks: readonly IndexedChunk[]): Promise<void>;
  removePending(runIds: readonly string[]): Promise<void>;
  listSegments(): Promise<readonly SegmentSize[]>;
  /** Makes one segment out of neighbouring ones. */
  mergeSegments(ids: readonly number[]): Promise<void>;
  forgetRuns(): Promise<void>;
  /** Takes the words of erased runs out of the index; returns how many runs there were. */
  clearErased(): Promise<number>;
  /** Deletes the chunks before this number, with all that is known of them. */
  dropChunksBefore(chunk: number): Promise<void>;
}>;

/** Any number that nothing else uses. */
const INDEX_LOCK = 7_310_121;

/** Packing and sending so many takes milliseconds; other work of this process is done in between. */
const TERMS_PER_STATEMENT = 1_000;

/** To rebuild the index of a large database takes minutes, and between two statements a large chunk index is parsed. */
const SETTINGS =
  "set local statement_timeout = '10min'; set local idle_in_transaction_session_timeout = '2min'";

/** Runs `work` in a transaction that alone may write the index; returns null, without running it, while another one has the lock. */
export function withIndexLock<Result>(
  database: Database,
  work: (index: IndexWriter) => Promise<Result>,
): Promise<Result | null> {
  return database.transaction(async (client) => {
    const { rows } = await client.query<{ locked: boolean }>(
      "select pg_try_advisory_xact_lock($1) as locked",
      [INDEX_LOCK],
    );
    if (rows[0]?.locked !== true) return null;
    await client.query(SETTINGS);
    return work(createIndexWriter(client));
  });
}

export type Backlog = Readonly<{
  /** How many runs wait to be indexed. */
  waiting: number;
  /** None has joined them for a moment. */
  isQuiet: boolean;
  /** The index still has words of runs that were erased. */
  hasErased: boolean;
}>;

/** What there is to do for the indexer. */
export async function findBacklog(db: Queryable, quietMs: number): Promise<Backlog> {
  const { rows } = await db.query<Backlog>({
    name: "find-index-backlog",
    text: `
      select count(*)::int as waiting,
             coalesce(max(created_at) < clock_timestamp() - $1 * interval '1 millisecond', true) as "isQuiet",
             exists (select from jejakekal.erasure e
                       join jejakekal.search_run s on s.run_id = e.run_id and not s.cleared) as "hasErased"
        from jejakekal.search_pending`,
    values: [quietMs],
  });
  return rows[0] ?? { waiting: 0, isQuiet: true, hasErased: false };
}

function createIndexWriter(client: Connection): IndexWriter {
  const heavy = (text: string, values: readonly unknown[]) => client.query(heavyQuery(text, values));
  return {
    async listPending(limit) {
      const { rows } = await client.query<IndexableRun>(
        `select p.run_id as "runId", a.sha256, a.bytes::float8 as bytes
           from jejakekal.search_pending p
           join jejakekal.artifact a on a.run_id = p.run_id and a.type = 'chunk-index'
          where not jejakekal.is_erased(p.run_id)
          order by p.seq limit $1`,
        [limit],
      );
      return rows;
    },
    async listAll() {
      const { rows } = await client.query<IndexableRun>(
        `select run_id as "runId", sha256, bytes::float8 as bytes
           from jejakekal.artifact where type = 'chunk-index' and not jejakekal.is_erased(run_id)
          order by created_at, run_id`,
      );
      return rows;
    },
    readBlob: (sha256) => readBlob(client, sha256),
    async addRun({ runId, sha256 }, isReadable) {
      const { rows } = await client.query<{ run: number }>(
        "insert into jejakekal.search_run (run_id, sha256, hidden) values ($1, $2, $3) returning run_no as run",
        [runId, sha256, !isReadable],
      );
      return rows[0]?.run ?? 0;
    },
    async findNextChunk() {
      const { rows } = await client.query<{ next: number }>(
        "select coalesce(max(first_chunk + chunks), 0)::float8 as next from jejakekal.search_segment",
      );
      return rows[0]?.next ?? 0;
    },
    async addSegment(segment, chunks) {
      await heavy(INSERT_CHUNKS, [
        segment.firstChunk,
        chunks.map(({ run }) => run),
        chunks.map(({ at }) => at),
        chunks.map(({ bytes }) => bytes),
        chunks.map(({ sha256 }) => sha256),
      ]);
      const { rows } = await client.query<{ id: string }>(INSERT_SEGMENT, [
        segment.firstChunk,
        segment.chunks,
        segment.facts,
      ]);
      for (const terms of batchesOf(segment.terms, TERMS_PER_STATEMENT)) {
        await heavy(INSERT_POSTINGS, [
          rows[0]?.id,
          terms.map(({ term }) => term),
          terms.map(({ chunks: having }) => having),
          terms.map(({ postings }) => postings),
          terms.map(({ positions }) => positions),
        ]);
        await heavy(INSERT_TERMS, [terms.map(({ term }) => term), terms.map(({ term }) => stemOf(term))]);
      }
    },
    async removePending(runIds) {
      await client.query("delete from jejakekal.search_pending where run_id = any ($1)", [runIds]);
    },
    async listSegments() {
      const { rows } = await client.query<SegmentSize>(
        "select segment_id::float8 as id, chunks from jejakekal.search_segment order by first_chunk",
      );
      return rows;
    },
    async mergeSegments(ids) {
      await heavy(MERGE_SEGMENTS, [ids]);
      await heavy("delete from jejakekal.search_posting where segment_id = any ($1)", [ids]);
      await client.query("delete from jejakekal.search_segment where segment_id = any ($1)", [ids]);
    },
    async forgetRuns() {
      await heavy("delete from jejakekal.search_run", []);
    },
    clearErased: () => clearErased(client),
    async dropChunksBefore(chunk) {
      await heavy(
        `delete from jejakekal.search_posting where segment_id in
           (select segment_id from jejakekal.search_segment where first_chunk < $1)`,
        [chunk],
      );
      await heavy("delete from jejakekal.search_segment where first_chunk < $1", [chunk]);
      await heavy("delete from jejakekal.search_chunk where chunk < $1", [chunk]);
      await heavy(
        `delete from jejakekal.search_term t
          where not exists (select from jejakekal.search_posting p where p.term = t.term)`,
        [],
      );
    },
  };
}

function* batchesOf<Item>(items: Iterable<Item>, size: number): Generator<readonly Item[]> {
  let batch: Item[] = [];
  for (const item of items) {
    batch.push(item);
    if (batch.length < size) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

const INSERT_CHUNKS = `
  insert into jejakekal.search_chunk (chunk, run_no, at, bytes, sha256)
  select $1 + nth - 1, run_no, at, bytes, sha256
    from unnest($2::integer[], $3::integer[], $4::integer[], $5::bytea[])
         with ordinality as chunk (run_no, at, bytes, sha256, nth)`;

const INSERT_SEGMENT = `
  insert into jejakekal.search_segment (first_chunk, chunks, facts) values ($1, $2, $3) returning segment_id as id`;

const INSERT_POSTINGS = `
  insert into jejakekal.search_posting (term, segment_id, chunks, postings, positions)
  select term, $1, chunks, postings, positions
    from unnest($2::text[], $3::integer[], $4::bytea[], $5::bytea[]) as posting (term, chunks, postings, positions)`;

/** In the order of terms within a batch; the lock of the index admits one writer. */
const INSERT_TERMS = `
  insert into jejakekal.search_term (term, stem)
  select term, stem from unnest($1::text[], $2::text[]) as word (term, stem) order by term collate "C"
  on conflict do nothing`;

const MERGE_SEGMENTS = `
  with segment as (
    insert into jejakekal.search_segment (first_chunk, chunks, facts)
    select min(first_chunk), sum(chunks), string_agg(facts, ''::bytea order by first_chunk)
      from jejakekal.search_segment where segment_id = any ($1)
    returning segment_id
  )
  insert into jejakekal.search_posting (term, segment_id, chunks, postings, positions)
  select p.term, segment.segment_id, sum(p.chunks),
         string_agg(p.postings, ''::bytea order by s.first_chunk),
         string_agg(p.positions, ''::bytea order by s.first_chunk)
    from segment, jejakekal.search_posting p
    join jejakekal.search_segment s on s.segment_id = p.segment_id
   where p.segment_id = any ($1)
   group by p.term, segment.segment_id`;
