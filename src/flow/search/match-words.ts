import type { MatchKind } from "../../search/answer.ts";
import { chooseCorrections, forgivenEdits } from "../../search/edit-distance.ts";
import type { QueryWord, SearchQuery } from "../../search/query.ts";
import { stemOf } from "../../search/stem.ts";
import type { IndexedTerm, IndexReader } from "../../store/index.ts";

/** A term of the index that a word of the query matches; `weight` is how much of the word it is worth, from 0 to 1. */
export type MatchedTerm = Readonly<{ term: string; weight: number; kind: MatchKind; chunks: number }>;

/** The terms of the index that the words and phrases of a query match. */
export type Match = Readonly<{
  /** The terms of each word. */
  groups: readonly (readonly MatchedTerm[])[];
  /** Each matched term, and how it matches. */
  kinds: ReadonlyMap<string, MatchKind>;
  /** The query with its misspelled words replaced; null when none is. */
  didYouMean: string | null;
}>;

const WEIGHTS = { word: 1, phrase: 1, prefix: 1, form: 0.9, similar: 0.7 } as const satisfies Record<
  MatchKind,
  number
>;

/** So many of the shortest terms stand for a prefix. */
const MAX_PREFIX_TERMS = 100;

/** A term that more chunks have, and that others of the query outweigh, only costs time. */
const COMMON_FROM_CHUNKS = 20_000;

export async function matchWords(index: IndexReader, text: string, query: SearchQuery): Promise<Match> {
  const plain = query.words.filter(({ isPrefix }) => !isPrefix).map(({ term }) => term);
  const inPhrases = [...new Set(query.phrases.flat())];
  const known = await index.findTerms([...plain, ...inPhrases], plain.map(stemOf));
  const corrections: Correction[] = [];
  const groups: MatchedTerm[][] = [];
  for (const word of query.words) {
    if (word.isPrefix) {
      groups.push(await matchPrefix(index, word));
      continue;
    }
    const exact = matchForms(word, known);
    const matched = exact.length > 0 ? exact : await matchSimilar(index, word);
    const [best] = matched;
    if (best?.kind === "similar") corrections.push({ word, by: best.term });
    groups.push(matched);
  }
  for (const term of inPhrases) {
    const found = known.find((candidate) => candidate.term === term);
    if (found !== undefined) groups.push([matchedAs("phrase", found)]);
  }
  const present = withoutCommon(groups.filter((group) => group.length > 0));
  return {
    groups: present,
    kinds: kindsOf(present),
    didYouMean: corrections.length === 0 ? null : correct(text, corrections),
  };
}

function matchedAs(kind: MatchKind, { term, chunks }: Pick<IndexedTerm, "term" | "chunks">): MatchedTerm {
  return { term, kind, chunks, weight: WEIGHTS[kind] };
}

function matchForms({ term }: QueryWord, known: readonly IndexedTerm[]): MatchedTerm[] {
  const stem = stemOf(term);
  return known
    .filter((candidate) => candidate.term === term || candidate.stem === stem)
    .map((candidate) => matchedAs(candidate.term === term ? "word" : "form", candidate));
}

async function matchPrefix(index: IndexReader, { term }: QueryWord): Promise<MatchedTerm[]> {
  const found = await index.findTermsByPrefix(term, MAX_PREFIX_TERMS);
  return found.map((candidate) => matchedAs(candidate.term === term ? "word" : "prefix", candidate));
}

/** For a word that no chunk has: the likeliest spellings first. */
async function matchSimilar(index: IndexReader, { term }: QueryWord): Promise<MatchedTerm[]> {
  const edits = forgivenEdits(term);
  if (edits === 0) return [];
  const nearest = nearestTerms(term, await index.findTermsLike(term, edits));
  const candidates = await index.findTerms(nearest, []);
  const byTerm = new Map(candidates.map((candidate) => [candidate.term, candidate]));
  return chooseCorrections(term, candidates).flatMap((chosen) => {
    const candidate = byTerm.get(chosen);
    return candidate === undefined ? [] : [matchedAs("similar", candidate)];
  });
}

/** The terms at the least distance. */
function nearestTerms(term: string, candidates: readonly string[]): readonly string[] {
  return chooseCorrections(
    term,
    candidates.map((candidate) => ({ term: candidate, chunks: 0 })),
    candidates.length,
  );
}

function withoutCommon(groups: readonly MatchedTerm[][]): readonly MatchedTerm[][] {
  const rare = groups.filter((group) => group.every(({ chunks }) => chunks < COMMON_FROM_CHUNKS));
  return rare.length > 0 ? rare : groups;
}

function kindsOf(groups: readonly MatchedTerm[][]): ReadonlyMap<string, MatchKind> {
  const kinds = new Map<string, MatchKind>();
  for (const { term, kind } of groups.flat()) if (!kinds.has(term) || kind === "word") kinds.set(term, kind);
  return kinds;
}

type Correction = Readonly<{ word: QueryWord; by: string }>;

function correct(text: string, corrections: readonly Correction[]): string {
  let corrected = "";
  let from = 0;
  for (const { word, by } of corrections) {
    corrected += text.slice(from, word.start) + by;
    from = word.end;
  }
  return corrected + text.slice(from);
}
