import { type Chunk, REVIEW_BELOW } from "../../document/index.ts";
import { artifactIdOf } from "../../domain/artifact.ts";
import type { Log } from "../../log.ts";
import { columnsBefore, findAllowed, findPhrase } from "../../search/allowed.ts";
import type { MatchKind, SearchAnswer, SearchHit } from "../../search/answer.ts";
import { type Cursor, writeCursor } from "../../search/cursor.ts";
import type { SearchQuery } from "../../search/query.ts";
import {
  bestOf,
  compareRanked,
  type Folded,
  foldDuplicates,
  type Scored,
  scoreChunks,
} from "../../search/rank.ts";
import type { ChunkColumns } from "../../search/segment.ts";
import { showChunk } from "../../search/snippet.ts";
import { sha256Hex } from "../../sha256.ts";
import type { IndexReader, IndexState, Store, StoredHit } from "../../store/index.ts";
import { createIndexCache, type IndexCache } from "./index-cache.ts";
import { type Match, matchWords } from "./match-words.ts";
import { fingerprintOf, refuseCursor, type SearchRequest } from "./search-request.ts";

/** @throws Failure `invalid_query` for a cursor of an index that was made again since, `database_unavailable` */
export type Search = (request: SearchRequest) => Promise<SearchAnswer>;

/** The search of this node. */
export function createSearch({
  store,
  log,
}: Readonly<{ store: Pick<Store, "withIndexReader">; log: Pick<Log, "artifactDamaged"> }>): Search {
  const cache = createIndexCache();
  return (request) => store.withIndexReader((index) => searchIn({ index, cache, log }, request));
}

type Deps = Readonly<{ index: IndexReader; cache: IndexCache; log: Pick<Log, "artifactDamaged"> }>;

async function searchIn(deps: Deps, request: SearchRequest): Promise<SearchAnswer> {
  const { index, cache } = deps;
  const { text, query, cursor } = request;
  const state = await index.getState();
  const end = endOf(state, cursor);
  const columns = (await cache.getColumns(index, state.segments)).map((part) => columnsBefore(part, end));
  const match = await matchWords(index, text, query);
  const scored = await score(deps, state, columns, query, match);
  const page = await readPage(deps, scored, match, request);
  const last = page.hits.at(-1);
  return {
    query: text,
    total: scored.total,
    unindexed: state.unindexed,
    ...(match.didYouMean === null ? {} : { did_you_mean: match.didYouMean }),
    hits: page.hits.map(({ hit }) => hit),
    next:
      page.hasMore && last !== undefined
        ? writeCursor({
            end,
            score: last.folded.score,
            chunk: last.folded.chunk,
            query: fingerprintOf(query),
          })
        : null,
  };
}

/** The chunks that all pages of this search look at are those before this number. */
function endOf({ segments }: IndexState, cursor: Cursor | null): number {
  const last = segments.at(-1);
  const end = last === undefined ? 0 : last.firstChunk + last.chunks;
  if (cursor === null) return end;
  if (cursor.end > end || cursor.chunk < (segments[0]?.firstChunk ?? 0))
    throw refuseCursor("is of an index that was made again: search anew");
  return cursor.end;
}

async function score(
  { index, cache }: Deps,
  { segments, hiddenRuns }: IndexState,
  columns: readonly ChunkColumns[],
  query: SearchQuery,
  match: Match,
): Promise<Scored> {
  const terms = [...new Set(match.groups.flatMap((group) => group.map(({ term }) => term)))];
  const postings = await cache.getPostings(index, segments, terms, false);
  const inPhrases = [...new Set([...query.phrases, ...query.excluded].flat())];
  const withPositions = await cache.getPostings(index, segments, inPhrases, true);
  const phraseIn = (segment: number) => (phrase: readonly string[]) =>
    findPhrase(
      phrase.map((term) => {
        const found = withPositions.get(term)?.[segment] ?? null;
        return found?.positions == null ? null : { postings: found.postings, positions: found.positions };
      }),
    );
  const runs = await index.findRuns(query.filters);
  const hidden = new Set(hiddenRuns);
  const allowed = columns.map((part, segment) =>
    findAllowed(part, {
      filters: query.filters,
      runs,
      hiddenRuns: hidden,
      required: query.phrases.map(phraseIn(segment)),
      excluded: query.excluded.map(phraseIn(segment)),
    }),
  );
  const groups = match.groups.map((group) =>
    group.map(({ term, weight }) => ({
      weight,
      postings: segments.map((_, segment) => postings.get(term)?.[segment]?.postings ?? null),
    })),
  );
  const takesAll = query.phrases.length > 0 || query.words.length === 0;
  return scoreChunks({ segments: columns, groups, allowed, takesAll });
}

type ShownHit = Readonly<{ hit: SearchHit; folded: Folded }>;

/** More are ranked at first than a page shows, because duplicates are folded. */
const RANKED_AT_FIRST = 200;

/** The hits after the cursor. More and more of the ranking is sorted until the page is full. */
async function readPage(
  deps: Deps,
  scored: Scored,
  match: Match,
  { limit, cursor }: SearchRequest,
): Promise<Readonly<{ hits: readonly ShownHit[]; hasMore: boolean }>> {
  for (let ranked = RANKED_AT_FIRST + limit; ; ranked *= 4) {
    const folded = foldDuplicates(scored.segments, bestOf(scored, ranked));
    const after = cursor === null ? folded : afterCursor(scored, folded, cursor);
    if (after.length <= limit && ranked < scored.total) continue;
    const hits = await showHits(deps, after, match, limit + 1);
    return { hits: hits.slice(0, limit), hasMore: hits.length > limit };
  }
}

function afterCursor(
  { segments }: Scored,
  folded: readonly Folded[],
  { score, chunk }: Cursor,
): readonly Folded[] {
  const segment = segments.findIndex(
    ({ firstChunk, chunks }) => chunk >= firstChunk && chunk < firstChunk + chunks,
  );
  const row = chunk - (segments[segment]?.firstChunk ?? 0);
  const last = { segment, row, chunk, score };
  return folded.filter((hit) => compareRanked(segments, last, hit) < 0);
}

/** The first `count` hits that can be read; those whose bytes are gone or altered are left out. */
async function showHits(
  { index, log }: Deps,
  folded: readonly Folded[],
  match: Match,
  count: number,
): Promise<readonly ShownHit[]> {
  const shown: ShownHit[] = [];
  for (let from = 0; from < folded.length && shown.length < count; from += count) {
    const wanted = folded.slice(from, from + count);
    const stored = new Map(
      (await index.readHits(wanted.map(({ chunk }) => chunk))).map((hit) => [hit.chunk, hit]),
    );
    for (const hit of wanted) {
      const found = stored.get(hit.chunk);
      const json = found === undefined ? null : checkedJson(found, log);
      if (found !== undefined && json !== null)
        shown.push({ hit: hitOf(found, json, hit, match), folded: hit });
    }
  }
  return shown.slice(0, count);
}

/** The chunk, if its bytes are those that were indexed. Missing bytes are normal, because a document can be erased. */
function checkedJson({ json, sha256, runId }: StoredHit, log: Deps["log"]): Chunk | null {
  if (json === null) return null;
  const expected = Buffer.from(sha256).toString("hex");
  if (sha256Hex(json) !== expected) {
    log.artifactDamaged({
      artifactId: artifactIdOf({ runId, type: "chunk-index" }),
      reason: "altered",
      sha256: expected,
    });
    return null;
  }
  return JSON.parse(new TextDecoder().decode(json)) as Chunk;
}

function hitOf(
  { runId, title, mediaType }: StoredHit,
  chunk: Chunk,
  folded: Folded,
  match: Match,
): SearchHit {
  const { snippet, source, terms } = showChunk(chunk, new Set(match.kinds.keys()));
  const matched: (readonly [string, MatchKind])[] = [];
  for (const [term, kind] of match.kinds) if (terms.has(term)) matched.push([term, kind]);
  return {
    run_id: runId,
    artifact_id: artifactIdOf({ runId, type: "chunk-index" }),
    chunk_id: chunk.id,
    title,
    media_type: mediaType,
    heading_path: chunk.headingPath,
    ...(chunk.pages?.[0] === undefined ? {} : { page: chunk.pages[0] }),
    score: folded.score,
    doubtful: chunk.minConfidence < REVIEW_BELOW,
    matched,
    snippet,
    span: chunk.span,
    source,
    duplicates: folded.duplicates,
  };
}
