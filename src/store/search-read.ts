import { dbosStatusesOf } from "../domain/run.ts";
import type { SearchFilters } from "../search/query.ts";
import type { Connection, Database } from "./database.ts";

/** The state of the index in one snapshot. */
export type IndexState = Readonly<{
  /** In the order of their chunks. */
  segments: readonly Readonly<{ id: number; firstChunk: number; chunks: number }>[];
  hiddenRuns: readonly number[];
  /** How many runs wait to be indexed. */
  unindexed: number;
}>;

/** A term of the index, its stem, and how many chunks have it. */
export type IndexedTerm = Readonly<{ term: string; stem: string; chunks: number }>;

export type StoredPostings = Readonly<{
  term: string;
  segment: number;
  postings: Uint8Array;
  positions: Uint8Array | null;
}>;

/** A chunk as it is stored, with what a result says about its run. */
export type StoredHit = Readonly<{
  chunk: number;
  runId: string;
  title: string;
  mediaType: string;
  /** The JSON text of the chunk, whose sha256 should be `sha256`; null when the bytes are gone. */
  json: Uint8Array | null;
  sha256: Uint8Array;
}>;

/** The index, read from one snapshot: segments that are merged meanwhile stay as they were. */
export type IndexReader = Readonly<{
  getState(): Promise<IndexState>;
  readFacts(segments: readonly number[]): Promise<ReadonlyMap<number, Uint8Array>>;
  /** The terms themselves, and those that have one of the stems. */
  findTerms(terms: readonly string[], stems: readonly string[]): Promise<readonly IndexedTerm[]>;
  /** The shortest terms that begin so. */
  findTermsByPrefix(prefix: string, limit: number): Promise<readonly IndexedTerm[]>;
  /** Terms that begin or end like this one and are about as long. */
  findTermsLike(term: string, edits: number): Promise<readonly string[]>;
  readPostings(
    terms: readonly string[],
    segments: readonly number[],
    withPositions: boolean,
  ): Promise<readonly StoredPostings[]>;
  /** The numbers of the runs that match; null when no filter is about runs. */
  findRuns(filters: SearchFilters): Promise<ReadonlySet<number> | null>;
  readHits(chunks: readonly number[]): Promise<readonly StoredHit[]>;
}>;

export function withIndexReader<Result>(
  database: Database,
  work: (index: IndexReader) => Promise<Result>,
): Promise<Result> {
  return database.transaction(async (client) => {
    await client.query("set transaction isolation level repeatable read, read only");
    return work(createIndexReader(client));
  });
}

function createIndexReader(client: Connection): IndexReader {
  return {
    async getState() {
      const { rows } = await client.query<{
        segments: [id: number, firstChunk: number, chunks: number][];
        hiddenRuns: number[];
        unindexed: number;
      }>({ name: "search-state", text: STATE });
      const { segments = [], hiddenRuns = [], unindexed = 0 } = rows[0] ?? {};
      return {
        segments: segments.map(([id, firstChunk, chunks]) => ({ id, firstChunk, chunks })),
        hiddenRuns,
        unindexed,
      };
    },
    async readFacts(segments) {
      const { rows } = await client.query<{ id: number; facts: Buffer }>({
        name: "search-facts",
        text: "select segment_id::float8 as id, facts from jejakekal.search_segment where segment_id = any ($1)",
        values: [segments],
      });
      return new Map(rows.map(({ id, facts }) => [id, facts]));
    },
    async findTerms(terms, stems) {
      const { rows } = await client.query<IndexedTerm>({
        name: "search-terms",
        text: `${SELECT_TERM} where t.term = any ($1) or t.stem = any ($2) group by t.term order by t.term`,
        values: [terms, stems],
      });
      return rows;
    },
    async findTermsByPrefix(prefix, limit) {
      const { rows } = await client.query<IndexedTerm>({
        name: "search-prefix",
        text: `
          with found as materialized (
            select term from jejakekal.search_term
             where term >= $1 and term < $1 || $2 order by char_length(term), term limit $3
          )
          ${SELECT_TERM} where t.term in (select term from found) group by t.term order by t.term`,
        values: [prefix, LAST_CHARACTER, limit],
      });
      return rows;
    },
    async findTermsLike(term, edits) {
      const letters = Array.from(term);
      const kept = Math.min(3, Math.floor((letters.length - 1) / 2));
      const { rows } = await client.query<{ term: string }>({
        name: "search-similar",
        text: `
          select term from jejakekal.search_term
           where ((term >= $1 and term < $1 || $3)
                  or (reverse(term) collate "C" >= $2 and reverse(term) collate "C" < $2 || $3))
             and char_length(term) between $4 and $5`,
        values: [
          letters.slice(0, kept).join(""),
          letters.toReversed().slice(0, kept).join(""),
          LAST_CHARACTER,
          letters.length - edits,
          letters.length + edits,
        ],
      });
      return rows.map((row) => row.term);
    },
    async readPostings(terms, segments, withPositions) {
      const { rows } = await client.query<StoredPostings>({
        name: "search-postings",
        text: `
          select term, segment_id::float8 as segment, postings, case when $3 then positions end as positions
            from jejakekal.search_posting where term = any ($1) and segment_id = any ($2)`,
        values: [terms, segments, withPositions],
      });
      return rows;
    },
    async findRuns({ type, run, status, after, before }) {
      if ([type, run, status, after, before].every((filter) => filter === undefined)) return null;
      const { rows } = await client.query<{ run: number }>({
        name: "search-runs",
        text: FIND_RUNS,
        values: [
          type ?? null,
          run ?? null,
          status === undefined ? null : dbosStatusesOf(status),
          status !== "unknown",
          after ?? null,
          before ?? null,
        ],
      });
      return new Set(rows.map((row) => row.run));
    },
    async readHits(chunks) {
      const { rows } = await client.query<StoredHit>({
        name: "search-hits",
        text: READ_HITS,
        values: [chunks],
      });
      return rows;
    },
  };
}

/** Greater than every other in the collation "C". */
const LAST_CHARACTER = "\u{10ffff}";

const STATE = `
  select (select coalesce(json_agg(json_build_array(segment_id, first_chunk, chunks) order by first_chunk), '[]')
            from jejakekal.search_segment) as segments,
         (select coalesce(array_agg(run_no), '{}')
            from (select run_no from jejakekal.search_run where hidden
                   union select s.run_no from jejakekal.erasure e join jejakekal.search_run s on s.run_id = e.run_id) hidden_run
         ) as "hiddenRuns",
         (select count(*)::int from jejakekal.search_pending) as unindexed`;

const SELECT_TERM = `
  select t.term, t.stem, sum(p.chunks)::int as chunks
    from jejakekal.search_term t join jejakekal.search_posting p on p.term = t.term`;

const FIND_RUNS = `
  select s.run_no as run
    from jejakekal.search_run s
    join jejakekal.run r on r.run_id = s.run_id
    left join dbos.workflow_status w on w.workflow_uuid = s.run_id
    left join jejakekal.imported_run i on i.run_id = s.run_id
    left join jejakekal.artifact raw on raw.run_id = s.run_id and raw.type = 'raw'
   where ($1::text is null or split_part(raw.media_type, ';', 1) = $1)
     and ($2::text is null or s.run_id = $2)
     and ($3::text[] is null or (coalesce(w.status, i.record #>> '{workflow,status}') = any ($3)) = $4)
     and ($5::bigint is null or coalesce(w.created_at, i.started_at_epoch_ms) >= $5)
     and ($6::bigint is null or coalesce(w.created_at, i.started_at_epoch_ms) < $6)`;

const READ_HITS = `
  select c.chunk::float8 as chunk, r.run_id as "runId", coalesce(docir.title, a.title) as title,
         split_part(raw.media_type, ';', 1) as "mediaType", substring(b.bytes from c.at + 1 for c.bytes) as json, c.sha256
    from jejakekal.search_chunk c
    join jejakekal.search_run r on r.run_no = c.run_no
    join jejakekal.artifact a on a.run_id = r.run_id and a.type = 'chunk-index'
    left join jejakekal.artifact docir on docir.run_id = r.run_id and docir.type = 'docir'
    left join jejakekal.artifact raw on raw.run_id = r.run_id and raw.type = 'raw'
    left join jejakekal.blob b on b.sha256 = a.sha256
   where c.chunk = any ($1)`;
