import { type TermPostings, withoutChunks } from "../search/segment.ts";
import type { Connection } from "./database.ts";
import { heavyQuery } from "./pool.ts";

/** Terms that are read and written by one statement. */
const TERMS_PER_PAGE = 2_000;

/**
 * Takes the chunks of erased runs out of the search index, so that no word of them stays. The numbers of the chunks are not used again,
 * and their runs stay hidden. A segment that had such a chunk gets a new id, because nodes cache what they have read of a segment.
 * Returns how many runs there were.
 */
export async function clearErased(client: Connection): Promise<number> {
  const runs = await client.query<{ run: number }>(
    `select s.run_no as run from jejakekal.erasure e
       join jejakekal.search_run s on s.run_id = e.run_id and not s.cleared`,
  );
  if (runs.rows.length === 0) return 0;
  const numbers = runs.rows.map(({ run }) => run);
  const chunks = await client.query<{ chunk: number }>(
    heavyQuery(
      "delete from jejakekal.search_chunk where run_no = any ($1) returning chunk::float8 as chunk",
      [numbers],
    ),
  );
  const removed = new Set(chunks.rows.map(({ chunk }) => chunk));
  const segments = await client.query<{ id: string }>(
    `select segment_id as id from jejakekal.search_segment
      where exists (select from unnest($1::bigint[]) as removed (chunk)
                     where removed.chunk >= first_chunk and removed.chunk < first_chunk + chunks)`,
    [[...removed]],
  );
  for (const { id } of segments.rows) await clearSegment(client, id, removed);
  await client.query(
    "update jejakekal.search_run set hidden = true, cleared = true where run_no = any ($1)",
    [numbers],
  );
  return numbers.length;
}

async function clearSegment(client: Connection, id: string, removed: ReadonlySet<number>): Promise<void> {
  for await (const page of readTerms(client, id)) {
    const changed = page.flatMap((postings) => {
      const rest = withoutChunks(postings, removed);
      return rest === postings ? [] : [rest];
    });
    const isEmpty = ({ chunks }: TermPostings) => chunks === 0;
    await updatePostings(
      client,
      id,
      changed.filter((postings) => !isEmpty(postings)),
    );
    await deletePostings(
      client,
      id,
      changed.filter(isEmpty).map(({ term }) => term),
    );
  }
  await client.query(
    heavyQuery(
      `
        with renewed as (
          insert into jejakekal.search_segment (first_chunk, chunks, facts)
          select first_chunk, chunks, facts from jejakekal.search_segment where segment_id = $1
          returning segment_id
        ),
        outdated as (
          delete from jejakekal.search_segment where segment_id = $1
        )
        update jejakekal.search_posting p set segment_id = renewed.segment_id from renewed where p.segment_id = $1`,
      [id],
    ),
  );
}

/** The postings of a segment, some thousand terms at a time. */
async function* readTerms(client: Connection, id: string): AsyncGenerator<readonly TermPostings[]> {
  for (let after = ""; ; ) {
    const { rows } = await client.query<TermPostings>(
      heavyQuery(
        `
          select term, chunks, postings, positions from jejakekal.search_posting
           where segment_id = $1 and term > $2 order by term limit $3`,
        [id, after, TERMS_PER_PAGE],
      ),
    );
    yield rows;
    const last = rows.at(-1);
    if (last === undefined || rows.length < TERMS_PER_PAGE) return;
    after = last.term;
  }
}

async function updatePostings(
  client: Connection,
  id: string,
  postings: readonly TermPostings[],
): Promise<void> {
  if (postings.length === 0) return;
  await client.query(
    heavyQuery(
      `
        update jejakekal.search_posting p
           set chunks = rest.chunks, postings = rest.postings, positions = rest.positions
          from unnest($2::text[], $3::integer[], $4::bytea[], $5::bytea[]) as rest (term, chunks, postings, positions)
         where p.segment_id = $1 and p.term = rest.term`,
      [
        id,
        postings.map(({ term }) => term),
        postings.map(({ chunks }) => chunks),
        postings.map((one) => one.postings),
        postings.map(({ positions }) => positions),
      ],
    ),
  );
}

/** A term that no segment has any more is deleted as well. */
async function deletePostings(client: Connection, id: string, terms: readonly string[]): Promise<void> {
  if (terms.length === 0) return;
  await client.query("delete from jejakekal.search_posting where segment_id = $1 and term = any ($2)", [
    id,
    terms,
  ]);
  await client.query(
    `delete from jejakekal.search_term t
      where t.term = any ($1) and not exists (select from jejakekal.search_posting p where p.term = t.term)`,
    [terms],
  );
}
