/** How two JSON documents differ, for people: which item of which list, which field of it, what was recorded, what came. */

const MOST_LINES = 14;
const MOST_CHARACTERS = 72;

/** Beyond this many pairs, lists are compared item by item in their order, as aligning them would take too long. */
const MOST_PAIRS = 4_000_000;

/** Fields that change wherever something before them does: never the cause, so told only where nothing else is. */
const FOLLOWS =
  /^(order|ord|span|runs|src|srcBytes|prev|next|parent|blockId|chunkId|source|sha256|\w*Sha|id|bytes)$/;

type Difference = Readonly<{ item: string; line: string; follows: boolean }>;

/** The first differences, as lines to print; what is left out is counted. */
export function firstDifferences(recorded: Uint8Array, came: Uint8Array): readonly string[] {
  const differences: Difference[] = [];
  try {
    const [before, after] = [parse(recorded), parse(came)];
    new Comparison(textOf(before), textOf(after), differences).compare(before, after, "", "");
  } catch {
    return [showPair(decode(recorded), decode(came))];
  }
  if (differences.length === 0) return ["the same values in other bytes: the canonical form changed"];
  const causes = differences.filter(({ follows }) => !follows);
  const told = (causes.length > 0 ? causes : differences).slice(0, MOST_LINES);
  return [...grouped(told), ...remainder(causes.length - told.length, differences.length - told.length)];
}

class Comparison {
  readonly #recordedText: string;
  readonly #cameText: string;
  readonly #found: Difference[];

  constructor(recordedText: string, cameText: string, found: Difference[]) {
    this.#recordedText = recordedText;
    this.#cameText = cameText;
    this.#found = found;
  }

  compare(recorded: unknown, came: unknown, pointer: string, item: string): void {
    if (Object.is(recorded, came)) return;
    if (FOLLOWS.test(fieldOf(pointer)) && JSON.stringify(recorded) === JSON.stringify(came)) return;
    if (FOLLOWS.test(fieldOf(pointer))) this.#tell(item, pointer, recorded, came);
    else if (Array.isArray(recorded) && Array.isArray(came))
      this.#compareLists(recorded, came, pointer, item);
    else if (isRecord(recorded) && isRecord(came)) this.#compareRecords(recorded, came, pointer, item);
    else this.#tell(item, pointer, recorded, came);
  }

  #compareRecords(recorded: JsonRecord, came: JsonRecord, pointer: string, item: string): void {
    for (const key of new Set([...Object.keys(recorded), ...Object.keys(came)])) {
      const escaped = key.replaceAll("~", "~0").replaceAll("/", "~1");
      this.compare(recorded[key], came[key], `${pointer}/${escaped}`, item);
    }
  }

  #compareLists(recorded: unknown[], came: unknown[], pointer: string, item: string): void {
    if (!recorded.every(isRecord) || !came.every(isRecord)) {
      if (JSON.stringify(recorded) !== JSON.stringify(came)) this.#tell(item, pointer, recorded, came);
      return;
    }
    for (const [before, after] of align(recorded, came)) {
      const place = after ?? before ?? 0;
      this.#compareItems(recorded[before ?? -1], came[after ?? -1], `${pointer}/${place}`);
    }
  }

  #compareItems(recorded: JsonRecord | undefined, came: JsonRecord | undefined, pointer: string): void {
    const before = wordsOf(recorded, this.#recordedText);
    const after = wordsOf(came, this.#cameText);
    const kind = (came ?? recorded)?.type ?? (came ?? recorded)?.kind ?? "";
    const path = pointer
      .slice(1)
      .replace(/\/(\d+)$/, "[$1]")
      .replace(/^(\d+)$/, "[$1]");
    const name = `${path} ${kind} ${quoted(came ? after : before)}`.replaceAll(/ +/g, " ").trimEnd();
    if (recorded && came) {
      // A block's words stand in the document's text, and in the block only as a place and a hash.
      if (before !== after && came.text === undefined) this.#tell(name, `${pointer} (text)`, before, after);
      this.compare(recorded, came, pointer, name);
    } else {
      const line = `${pointer}  ${recorded ? "recorded, and did not come" : "came, and is not recorded"}`;
      this.#found.push({ item: name, line, follows: false });
    }
  }

  #tell(item: string, pointer: string, recorded: unknown, came: unknown): void {
    const follows = FOLLOWS.test(fieldOf(pointer)) || (isHash(recorded) && isHash(came));
    this.#found.push({ item, line: `${pointer || "/"}  ${showPair(recorded, came)}`, follows });
  }
}

function fieldOf(pointer: string): string {
  return pointer.slice(pointer.lastIndexOf("/") + 1);
}

type JsonRecord = Record<string, unknown>;
type Pair = readonly [recorded: number | null, came: number | null];

/** Pairs the items of two lists: those that are the same by name, in order, and in the gaps between them one by one. */
function align(recorded: readonly JsonRecord[], came: readonly JsonRecord[]): Pair[] {
  const [before, after] = [recorded.map(identityOf), came.map(identityOf)];
  const pairs: Pair[] = [];
  let [from, to] = [0, 0];
  const fillGap = (untilBefore: number, untilAfter: number) => {
    while (from < untilBefore || to < untilAfter) {
      pairs.push([from < untilBefore ? from++ : null, to < untilAfter ? to++ : null]);
    }
  };
  for (const [b, a] of longestCommon(before, after)) {
    fillGap(b, a);
    pairs.push([b, a]);
    [from, to] = [b + 1, a + 1];
  }
  fillGap(before.length, after.length);
  return pairs;
}

function identityOf(item: JsonRecord): string {
  // Not the id, which holds the hash of the whole source.
  return String(
    item.textSha ?? item.text ?? item.quote ?? item.path ?? item.function_id ?? JSON.stringify(item),
  );
}

/** The places of a longest common subsequence. */
function longestCommon(a: readonly string[], b: readonly string[]): [number, number][] {
  if (a.length * b.length > MOST_PAIRS)
    return a.flatMap((_, index) => (index < b.length ? [[index, index]] : []));
  const lengths = Array.from({ length: a.length + 1 }, () => new Uint32Array(b.length + 1));
  const at = (i: number, j: number) => lengths[i]?.[j] ?? 0;
  for (let i = a.length - 1; i >= 0; i -= 1) {
    for (let j = b.length - 1; j >= 0; j -= 1) {
      const row = lengths[i];
      if (row) row[j] = a[i] === b[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
    }
  }
  const common: [number, number][] = [];
  for (let i = 0, j = 0; i < a.length && j < b.length; ) {
    if (a[i] === b[j]) common.push([i++, j++]);
    else if (at(i + 1, j) >= at(i, j + 1)) i += 1;
    else j += 1;
  }
  return common;
}

/** What an item says, in words of its own or in its part of the document's text. */
function wordsOf(item: JsonRecord | undefined, text: string): string {
  if (item === undefined) return "";
  const [start, end] = Array.isArray(item.span) && item.textSha !== undefined ? item.span : [0, 0];
  return String(
    item.text ?? item.quote ?? item.function_name ?? item.path ?? text.slice(Number(start), Number(end)),
  );
}

/** A sha256 or a list of them: what follows from bytes that are told of elsewhere. */
function isHash(value: unknown): boolean {
  return Array.isArray(value) ? value.every(isHash) : /^[0-9a-f]{64}$/.test(String(value));
}

function grouped(differences: readonly Difference[]): string[] {
  const lines: string[] = [];
  let last = "";
  for (const { item, line } of differences) {
    if (item !== last && item !== "") lines.push(item);
    last = item;
    lines.push(item === "" ? line : `  ${line}`);
  }
  return lines;
}

function remainder(causes: number, all: number): string[] {
  if (all === 0) return [];
  return [causes > 0 ? `… and ${all} more` : `… and ${all} more, all of them places and hashes that follow`];
}

function showPair(recorded: unknown, came: unknown): string {
  const [before, after] = [show(recorded), show(came)];
  const from = Math.max(0, firstUnlike(before, after) - 24);
  return `recorded ${windowOf(before, from)}  came ${windowOf(after, from)}`;
}

function show(value: unknown): string {
  return value === undefined ? "nothing" : JSON.stringify(value);
}

function windowOf(text: string, from: number): string {
  if (text.length <= MOST_CHARACTERS) return text;
  const end = from + MOST_CHARACTERS;
  return `${from > 0 ? "…" : ""}${text.slice(from, end).toWellFormed()}${end < text.length ? "…" : ""}`;
}

function firstUnlike(a: string, b: string): number {
  let at = 0;
  while (at < a.length && a[at] === b[at]) at += 1;
  return at;
}

function quoted(words: string): string {
  const [line = ""] = words.split("\n", 1);
  if (line === "") return "";
  return `“${line.length > 48 ? `${line.slice(0, 47).toWellFormed()}…` : line}”`;
}

function textOf(document: unknown): string {
  return isRecord(document) && typeof document.text === "string" ? document.text : "";
}

function isRecord(value: unknown): value is JsonRecord {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function parse(bytes: Uint8Array): unknown {
  return JSON.parse(decode(bytes));
}

function decode(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}
