import { FORMATS, findFormatByName } from "../document/formats.ts";
import { isRunId } from "../domain/run.ts";
import { normalizeWord, tokenize } from "./tokens.ts";

/**
 * The query language: words, `"phrases"`, `-exclude`, `prefix*`, and the filters `type:` `run:` `status:` `after:` `before:` `page:`
 * `has:`. What looks like a filter of another name is words, so a sentence can be pasted as it is.
 */
export type SearchQuery = Readonly<{
  /** Words that a chunk should have; the more of them and the rarer they are, the better. */
  words: readonly QueryWord[];
  /** Each must be in a chunk: terms in this order, next to each other. */
  phrases: readonly (readonly string[])[];
  /** None may be in a chunk. One term is a phrase of one. */
  excluded: readonly (readonly string[])[];
  filters: SearchFilters;
}>;

export type QueryWord = Readonly<{
  term: string;
  isPrefix: boolean;
  /** Its place in the query, in UTF-16 units. */
  start: number;
  end: number;
}>;

const SEARCH_STATUSES = ["running", "done", "error", "unknown"] as const;

export type SearchFilters = Readonly<{
  /** Media type of the document. */
  type?: string;
  run?: string;
  status?: (typeof SEARCH_STATUSES)[number];
  /** The run was accepted at or after this time, in milliseconds since 1970. */
  after?: number;
  /** Before this time. */
  before?: number;
  /** First and last page, from 1. */
  page?: readonly [first: number, last: number];
  has?: "doubt";
}>;

export type FilterName = keyof SearchFilters;

/** A query that cannot be read. `at` is where in the text of the field, in UTF-16 units; `field` is `q`, or the filter beside the text. */
export type QueryFault = Readonly<{ field: "q" | FilterName; at: number; reason: string }>;

type GivenFilters = Readonly<Partial<Record<FilterName, string | undefined>>>;

export type ParsedQuery =
  | Readonly<{ ok: true; query: SearchQuery }>
  | Readonly<{ ok: false; fault: QueryFault }>;

export const MAX_QUERY_UNITS = 2_000;
const MAX_WORDS = 64;

/** Of type-writers and of word processors. */
const QUOTES = /["“”„]/;

type Item = Readonly<{ kind: "word" | "phrase"; text: string; at: number; isExcluded: boolean }>;

class Fault extends Error {
  readonly fault: QueryFault;

  constructor(at: number, reason: string, field: QueryFault["field"] = "q") {
    super(reason);
    this.fault = { field, at, reason };
  }
}

/** @param given filters that stand beside the text; one that stands in both is a fault */
export function parseSearchQuery(text: string, given: GivenFilters = {}): ParsedQuery {
  try {
    return { ok: true, query: readQuery(text, given) };
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    return { ok: false, fault: error.fault };
  }
}

function readQuery(text: string, given: GivenFilters): SearchQuery {
  const words: QueryWord[] = [];
  const phrases: string[][] = [];
  const excluded: string[][] = [];
  const filters: { -readonly [Name in FilterName]?: SearchFilters[Name] } = {};
  for (const name of FILTER_NAMES) {
    const value = given[name];
    if (value === undefined || value === "") continue;
    const filter = readFilter(name, value);
    if (filter === null) throw new Fault(0, `takes ${FILTERS[name].takes}`, name);
    Object.assign(filters, { [name]: filter });
  }
  for (const item of findItems(text)) {
    const filter = item.kind === "word" ? findFilter(item) : null;
    if (filter !== null) {
      if (item.isExcluded) throw new Fault(item.at, "excludes a filter, which is not possible");
      if (filter.name in filters) throw new Fault(item.at, `has the filter ${filter.name} twice`);
      const value = readFilter(filter.name, filter.value);
      if (value === null)
        throw new Fault(item.at, `has a filter ${filter.name} that takes ${FILTERS[filter.name].takes}`);
      Object.assign(filters, { [filter.name]: value });
    } else if (item.isExcluded) {
      addTerms(excluded, item);
    } else if (item.kind === "phrase") {
      addTerms(phrases, item);
    } else {
      words.push(...wordsOf(item));
    }
  }
  if (words.length > MAX_WORDS)
    throw new Fault(words[MAX_WORDS]?.start ?? 0, `has more than ${MAX_WORDS} words`);
  if (words.length + phrases.length + Object.keys(filters).length === 0)
    throw new Fault(0, excluded.length > 0 ? "only excludes" : "has no word to search for");
  return { words: withoutRepeats(words), phrases, excluded, filters };
}

/** Parts at white space outside of quotation marks. */
function* findItems(text: string): Generator<Item> {
  let at = 0;
  while (at < text.length) {
    if (/\s/.test(text.charAt(at))) {
      at += 1;
      continue;
    }
    const isExcluded = text.charAt(at) === "-" && /[^\s-]/.test(text.charAt(at + 1));
    const start = isExcluded ? at + 1 : at;
    if (QUOTES.test(text.charAt(start))) {
      const end = indexOfQuote(text, start + 1);
      if (end === -1) throw new Fault(start, "has a quotation mark that is not closed");
      yield { kind: "phrase", text: text.slice(start + 1, end), at: start + 1, isExcluded };
      at = end + 1;
    } else {
      const end = endOfWord(text, start);
      yield { kind: "word", text: text.slice(start, end), at: start, isExcluded };
      at = end;
    }
  }
}

function indexOfQuote(text: string, from: number): number {
  const found = text.slice(from).search(QUOTES);
  return found === -1 ? -1 : from + found;
}

/** A quotation mark after a word begins a phrase. */
function endOfWord(text: string, start: number): number {
  const [word = ""] = /^[^\s"“”„]+/.exec(text.slice(start)) ?? [];
  return start + Math.max(1, word.length);
}

function findFilter({ text }: Item): Readonly<{ name: FilterName; value: string }> | null {
  const [, name = "", value = ""] = /^([a-z]+):(.+)$/.exec(text) ?? [];
  return value !== "" && isFilterName(name) ? { name, value } : null;
}

function addTerms(list: string[][], { text, at }: Item): void {
  const terms = tokenize(text).map(({ term }) => term);
  if (terms.length > MAX_WORDS) throw new Fault(at, `has a phrase of more than ${MAX_WORDS} words`);
  if (terms.length > 0) list.push(terms);
}

/** A single letter of a script without blanks stands for all pairs that begin with it, as a prefix does. */
function wordsOf({ text, at }: Item): QueryWord[] {
  const tokens = tokenize(text);
  const last = tokens.at(-1);
  return tokens.map((token) => {
    const isLone = tokens.length === 1 && LONE_LETTER.test(token.term);
    const isStarred = token === last && text.charAt(token.end) === "*";
    return {
      term: token.term,
      isPrefix: isLone || isStarred,
      start: at + token.start,
      end: at + token.end + (isStarred ? 1 : 0),
    };
  });
}

const LONE_LETTER = /^[\p{sc=Han}々〆\p{sc=Hiragana}\p{sc=Thai}\p{sc=Lao}\p{sc=Khmer}\p{sc=Myanmar}]\p{M}*$/u;

function withoutRepeats(words: readonly QueryWord[]): QueryWord[] {
  const seen = new Set<string>();
  return words.filter(({ term, isPrefix }) => {
    const key = `${term}${isPrefix ? "*" : ""}`;
    return !seen.has(key) && seen.add(key);
  });
}

type ReadFilter<Value> = (value: string) => Value | null;

/** How each filter is read, and what it takes. */
const FILTERS: Readonly<{
  [Name in FilterName]-?: Readonly<{
    read: ReadFilter<NonNullable<SearchFilters[Name]>>;
    takes: string;
  }>;
}> = {
  type: {
    read: readType,
    takes: `${FORMATS.map(({ extensions }) => extensions[0]).join(", ")} or a media type`,
  },
  run: { read: (value) => (isRunId(value) ? value : null), takes: "the id of a run" },
  status: {
    read: (value) => SEARCH_STATUSES.find((status) => status === value) ?? null,
    takes: "running, done, error or unknown",
  },
  after: { read: readTime, takes: "a date such as 2026-01-31" },
  before: { read: readTime, takes: "a date such as 2026-01-31" },
  page: { read: readPages, takes: "a page such as 3, or pages such as 3-5" },
  has: { read: (value) => (value === "doubt" ? value : null), takes: "doubt" },
};

export const FILTER_NAMES = Object.keys(FILTERS) as readonly FilterName[];

function isFilterName(name: string): name is FilterName {
  return Object.hasOwn(FILTERS, name);
}

/** Null for a value that the filter does not take. */
function readFilter(name: FilterName, value: string): SearchFilters[FilterName] | null {
  return FILTERS[name].read(value);
}

function readType(value: string): string | null {
  return findFormatByName(normalizeWord(value))?.mediaType ?? null;
}

/** A day in UTC, or an instant in ISO 8601. */
function readTime(value: string): number | null {
  if (!/^\d{4}-\d{2}-\d{2}(?:T[\d:.]+(?:Z|[+-]\d{2}:\d{2}))?$/.test(value)) return null;
  const time = Date.parse(value);
  return Number.isNaN(time) ? null : time;
}

function readPages(value: string): readonly [number, number] | null {
  const [, first, last] = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(value) ?? [];
  if (first === undefined) return null;
  const pages = [Number(first), Number(last ?? first)] as const;
  return pages[0] >= 1 && pages[1] >= pages[0] ? pages : null;
}
