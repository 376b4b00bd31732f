import type { Token } from "./tokens.ts";

/**
 * A part of the search index: some chunks with consecutive numbers, and for each term the chunks that have it. Records have a fixed size
 * and absolute chunk numbers, so neighbouring segments are merged by appending the bytes of one to those of the other, which Postgres
 * does by itself. All numbers are little-endian.
 */
export type Segment = Readonly<{
  firstChunk: number;
  chunks: number;
  /** One record of CHUNK_RECORD_BYTES for each chunk. */
  facts: Uint8Array;
  /** Each is packed when it is taken: a segment of prose has ten thousand. */
  terms: Iterable<TermPostings>;
}>;

export type TermPostings = Readonly<{
  term: string;
  /** How many chunks have it. */
  chunks: number;
  /** One record of POSTING_BYTES for each chunk, in the order of chunk numbers. */
  postings: Uint8Array;
  /** Of each posting, one after the other, the places of the term: u16 each, first those in headings, then those in the text. */
  positions: Uint8Array;
}>;

/** What ranking needs to know of a chunk. */
export type ChunkFacts = Readonly<{
  /** Number of its run in the index. */
  run: number;
  headings: readonly Token[];
  text: readonly Token[];
  /** `c_` and 16 hex digits: breaks ties. */
  id: string;
  /** 16 hex digits, for near-duplicates. */
  simhash: string;
  /** From 1; empty for documents without pages. */
  pages: readonly number[];
  isDoubtful: boolean;
}>;

/** run u32, id 2 × u32, simhash 2 × u32, words u16, first page u16, last page u16, flags u16. */
export const CHUNK_RECORD_BYTES = 28;

/** chunk number u32, count in headings u8, count in the text u8. */
const POSTING_BYTES = 6;

const MAX_COUNT = 0xff;
const MAX_U16 = 0xffff;
const DOUBTFUL = 1;

/** Positions in the text begin here, so no phrase runs from the headings into it. */
const TEXT_POSITION = 1_024;

type OpenPostings = { records: number[]; positions: number[] };

/** Collects chunks into one segment. The first chunk gets the number `firstChunk`. */
export function createSegmentBuilder(firstChunk: number) {
  const facts: Uint8Array[] = [];
  const terms = new Map<string, OpenPostings>();

  const addTokens = (tokens: readonly Token[], chunk: number, field: 1 | 2, firstPosition: number) => {
    tokens.forEach(({ term }, index) => {
      let open = terms.get(term);
      if (open === undefined) {
        open = { records: [], positions: [] };
        terms.set(term, open);
      }
      const { records, positions } = open;
      if (records.at(-3) !== chunk) records.push(chunk, 0, 0);
      const place = records.length - 3 + field;
      const count = records[place] ?? 0;
      if (count === MAX_COUNT) return;
      records[place] = count + 1;
      positions.push(Math.min(MAX_U16, firstPosition + index));
    });
  };

  return {
    get chunks() {
      return facts.length;
    },
    add(chunk: ChunkFacts): void {
      const number = firstChunk + facts.length;
      facts.push(packFacts(chunk));
      addTokens(chunk.headings.slice(0, TEXT_POSITION - 1), number, 1, 0);
      addTokens(chunk.text, number, 2, TEXT_POSITION);
    },
    finish(): Segment {
      return {
        firstChunk,
        chunks: facts.length,
        facts: Buffer.concat(facts),
        terms: { [Symbol.iterator]: () => packTerms(terms) },
      };
    },
  };
}

function* packTerms(terms: ReadonlyMap<string, OpenPostings>): Generator<TermPostings> {
  for (const [term, { records, positions }] of terms) {
    yield {
      term,
      chunks: records.length / 3,
      postings: packPostings(records),
      positions: packU16(positions),
    };
  }
}

function packFacts({ run, headings, text, id, simhash, pages, isDoubtful }: ChunkFacts): Uint8Array {
  const record = Buffer.alloc(CHUNK_RECORD_BYTES);
  record.writeUInt32LE(run, 0);
  record.writeUInt32LE(Number.parseInt(id.slice(2, 10), 16), 4);
  record.writeUInt32LE(Number.parseInt(id.slice(10, 18), 16), 8);
  record.writeUInt32LE(Number.parseInt(simhash.slice(0, 8), 16), 12);
  record.writeUInt32LE(Number.parseInt(simhash.slice(8, 16), 16), 16);
  record.writeUInt16LE(Math.min(MAX_U16, headings.length + text.length), 20);
  record.writeUInt16LE(Math.min(MAX_U16, pages.at(0) ?? 0), 22);
  record.writeUInt16LE(Math.min(MAX_U16, pages.at(-1) ?? 0), 24);
  record.writeUInt16LE(isDoubtful ? DOUBTFUL : 0, 26);
  return record;
}

function packPostings(records: readonly number[]): Uint8Array {
  const bytes = Buffer.allocUnsafe((records.length / 3) * POSTING_BYTES);
  for (let index = 0, at = 0; index < records.length; index += 3, at += POSTING_BYTES) {
    bytes.writeUInt32LE(records[index] ?? 0, at);
    bytes[at + 4] = records[index + 1] ?? 0;
    bytes[at + 5] = records[index + 2] ?? 0;
  }
  return bytes;
}

function packU16(numbers: readonly number[]): Uint8Array {
  const bytes = Buffer.allocUnsafe(numbers.length * 2);
  numbers.forEach((number, index) => {
    bytes.writeUInt16LE(number, index * 2);
  });
  return bytes;
}

/** The chunks of a segment as columns; entry i is of chunk `firstChunk + i`. */
export type ChunkColumns = Readonly<{
  firstChunk: number;
  chunks: number;
  run: Uint32Array;
  idHigh: Uint32Array;
  idLow: Uint32Array;
  simhashHigh: Uint32Array;
  simhashLow: Uint32Array;
  words: Uint16Array;
  firstPage: Uint16Array;
  lastPage: Uint16Array;
  isDoubtful: Uint8Array;
  /** The sum of `words`. */
  allWords: number;
}>;

export function unpackFacts(firstChunk: number, bytes: Uint8Array): ChunkColumns {
  const chunks = Math.floor(bytes.length / CHUNK_RECORD_BYTES);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const u32 = (offset: number) =>
    Uint32Array.from({ length: chunks }, (_, i) => view.getUint32(i * CHUNK_RECORD_BYTES + offset, true));
  const u16 = (offset: number) =>
    Uint16Array.from({ length: chunks }, (_, i) => view.getUint16(i * CHUNK_RECORD_BYTES + offset, true));
  const words = u16(20);
  return {
    firstChunk,
    chunks,
    run: u32(0),
    idHigh: u32(4),
    idLow: u32(8),
    simhashHigh: u32(12),
    simhashLow: u32(16),
    words,
    firstPage: u16(22),
    lastPage: u16(24),
    isDoubtful: Uint8Array.from(u16(26), (flags) => flags & DOUBTFUL),
    allWords: words.reduce((sum, count) => sum + count, 0),
  };
}

/** The postings of a term in one segment as columns. */
export type Postings = Readonly<{
  /** Chunk numbers, ascending. */
  chunk: Uint32Array;
  inHeadings: Uint8Array;
  inText: Uint8Array;
}>;

export function unpackPostings(bytes: Uint8Array): Postings {
  const length = Math.floor(bytes.length / POSTING_BYTES);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const chunk = new Uint32Array(length);
  const inHeadings = new Uint8Array(length);
  const inText = new Uint8Array(length);
  for (let index = 0, at = 0; index < length; index += 1, at += POSTING_BYTES) {
    chunk[index] = view.getUint32(at, true);
    inHeadings[index] = view.getUint8(at + 4);
    inText[index] = view.getUint8(at + 5);
  }
  return { chunk, inHeadings, inText };
}

/** The postings of a term without those of some chunks; the same object when the term is in none of them. */
export function withoutChunks(term: TermPostings, removed: ReadonlySet<number>): TermPostings {
  const { chunk, inHeadings, inText } = unpackPostings(term.postings);
  if (!chunk.some((number) => removed.has(number))) return term;
  const postings: Uint8Array[] = [];
  const positions: Uint8Array[] = [];
  let at = 0;
  chunk.forEach((number, index) => {
    const end = at + 2 * ((inHeadings[index] ?? 0) + (inText[index] ?? 0));
    if (!removed.has(number)) {
      postings.push(term.postings.subarray(index * POSTING_BYTES, (index + 1) * POSTING_BYTES));
      positions.push(term.positions.subarray(at, end));
    }
    at = end;
  });
  return {
    term: term.term,
    chunks: postings.length,
    postings: Buffer.concat(postings),
    positions: Buffer.concat(positions),
  };
}

/** A segment as far as merging looks at it. */
export type SegmentSize = Readonly<{ id: number; chunks: number }>;

/** So many neighbouring segments of one size class become one. */
const MERGE_WIDTH = 8;

/** Postgres merges this many within seconds. */
const MAX_MERGED_CHUNKS = 20_000;

/**
 * The segments to merge next, or null. `segments` are in the order of their chunks; the result is a stretch of them. A chunk is merged
 * as often as its segment grows eightfold.
 */
export function chooseMerge(segments: readonly SegmentSize[]): readonly number[] | null {
  for (let ceiling = MERGE_WIDTH; ceiling <= MAX_MERGED_CHUNKS * MERGE_WIDTH; ceiling *= MERGE_WIDTH) {
    let sum = 0;
    let ids: number[] = [];
    for (const { id, chunks } of segments.toReversed()) {
      if (chunks >= ceiling || sum + chunks > MAX_MERGED_CHUNKS) {
        if (ids.length >= MERGE_WIDTH) return ids;
        [sum, ids] = [0, []];
        if (chunks >= ceiling) continue;
      }
      sum += chunks;
      ids.unshift(id);
    }
    if (ids.length >= MERGE_WIDTH) return ids;
  }
  return null;
}
