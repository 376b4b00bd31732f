/**
 * Describes for people how two JSON documents differ: which item of which list, which field of it, the recorded value and the
 * actual one. jsondiffpatch finds the differences; this module names the items and leaves out fields that only follow others.
 */
import { type ArrayDelta, create, type Delta, type ObjectDelta } from "jsondiffpatch";

const MAX_LINES = 14;
const MAX_CHARACTERS = 72;

/** Fields that change wherever something before them changes: shown only when no other field differs. */
const CONSEQUENCES =
  /^(order|ord|span|runs|src|srcBytes|prev|next|parent|blockId|chunkId|source|sha256|\w*Sha|id|bytes)$/;

type Difference = Readonly<{ item: string; line: string; isConsequence: boolean }>;
type JsonRecord = Record<string, unknown>;
/** The same place in both documents: its values, its JSON pointer and the name of the list item that it is part of. */
type Place = Readonly<{ recorded: unknown; actual: unknown; pointer: string; item: string }>;

const differ = create({
  objectHash: (item) => identityOf(item as JsonRecord),
  arrays: { detectMove: false },
});

/** The first differences, as lines to print, and how many more there are. */
export function firstDifferences(recorded: Uint8Array, actual: Uint8Array): readonly string[] {
  let differences: readonly Difference[];
  try {
    differences = compareDocuments(parse(recorded), parse(actual));
  } catch {
    return [showPair(decode(recorded), decode(actual))];
  }
  if (differences.length === 0) return ["the same values in other bytes: the canonical form changed"];
  const causes = differences.filter(({ isConsequence }) => !isConsequence);
  const shown = (causes.length > 0 ? causes : differences).slice(0, MAX_LINES);
  return [...grouped(shown), ...remainder(causes.length - shown.length, differences.length - shown.length)];
}

function compareDocuments(recorded: unknown, actual: unknown): readonly Difference[] {
  const comparison = new Comparison(textOf(recorded), textOf(actual));
  comparison.compare({ recorded, actual, pointer: "", item: "" });
  return comparison.differences;
}

class Comparison {
  readonly differences: Difference[] = [];
  readonly #recordedText: string;
  readonly #actualText: string;

  constructor(recordedText: string, actualText: string) {
    this.#recordedText = recordedText;
    this.#actualText = actualText;
  }

  compare(place: Place): void {
    this.#walk(place, differ.diff(place.recorded, place.actual));
  }

  #walk(place: Place, delta: Delta): void {
    if (delta === undefined) return;
    if (Array.isArray(delta) || CONSEQUENCES.test(fieldOf(place.pointer))) this.#addValue(place);
    else if (isArrayDelta(delta)) this.#walkList(place, delta);
    else this.#walkRecord(place, delta);
  }

  #walkRecord({ recorded, actual, pointer, item }: Place, delta: ObjectDelta): void {
    for (const [key, inner] of Object.entries(delta)) {
      const escaped = key.replaceAll("~", "~0").replaceAll("/", "~1");
      this.#walk(
        {
          recorded: fieldIn(recorded, key),
          actual: fieldIn(actual, key),
          pointer: `${pointer}/${escaped}`,
          item,
        },
        inner,
      );
    }
  }

  /** In a delta, `_3` is the item that was at 3 and is gone or moved, and `3` the one that is new or changed there. */
  #walkList(place: Place, delta: ArrayDelta): void {
    const { recorded, actual, pointer } = place;
    if (!isListOfRecords(recorded) || !isListOfRecords(actual)) {
      this.#addValue(place);
      return;
    }
    const changes = new Map<string, Delta>(Object.entries(delta));
    for (const index of indexesOf(changes)) {
      const change = changes.get(String(index));
      const removed = changes.has(`_${index}`) ? recorded[index] : undefined;
      const present = change === undefined ? undefined : actual[index];
      const itemPointer = `${pointer}/${index}`;
      if (change === undefined || Array.isArray(change)) this.#compareItems(removed, present, itemPointer);
      else {
        if (removed) this.#compareItems(removed, undefined, itemPointer);
        this.#compareItems(findTwin(recorded, present), present, itemPointer);
      }
    }
  }

  #compareItems(recorded: JsonRecord | undefined, actual: JsonRecord | undefined, pointer: string): void {
    const before = wordsOf(recorded, this.#recordedText);
    const after = wordsOf(actual, this.#actualText);
    const kind = (actual ?? recorded)?.type ?? (actual ?? recorded)?.kind ?? "";
    const path = pointer
      .slice(1)
      .replace(/\/(\d+)$/, "[$1]")
      .replace(/^(\d+)$/, "[$1]");
    const item = `${path} ${kind} ${quoted(actual ? after : before)}`.replaceAll(/ +/g, " ").trimEnd();
    if (recorded && actual) {
      // A block holds its words as a span of the document's text and a hash.
      if (before !== after && actual.text === undefined) {
        this.#addValue({ recorded: before, actual: after, pointer: `${pointer} (text)`, item });
      }
      this.compare({ recorded, actual, pointer, item });
    } else {
      const line = `${pointer}  ${recorded ? "recorded, and missing now" : "new, and not recorded"}`;
      this.differences.push({ item, line, isConsequence: false });
    }
  }

  #addValue({ recorded, actual, pointer, item }: Place): void {
    const isConsequence = CONSEQUENCES.test(fieldOf(pointer)) || (isHash(recorded) && isHash(actual));
    this.differences.push({ item, line: `${pointer || "/"}  ${showPair(recorded, actual)}`, isConsequence });
  }
}

function isArrayDelta(delta: ArrayDelta | ObjectDelta): delta is ArrayDelta {
  return delta._t === "a";
}

function isListOfRecords(value: unknown): value is JsonRecord[] {
  return Array.isArray(value) && value.every(isRecord);
}

function fieldIn(value: unknown, key: string): unknown {
  return isRecord(value) ? value[key] : undefined;
}

/** The places of a list that a delta names, in order. */
function indexesOf(changes: ReadonlyMap<string, Delta>): readonly number[] {
  const indexes = [...changes.keys()]
    .filter((key) => key !== "_t")
    .map((key) => Number(key.replace("_", "")));
  return [...new Set(indexes)].sort((a, b) => a - b);
}

/** The recorded item that jsondiffpatch compared with this one: the one of the same identity. */
function findTwin(recorded: readonly JsonRecord[], actual: JsonRecord | undefined): JsonRecord | undefined {
  return actual && recorded.find((item) => identityOf(item) === identityOf(actual));
}

function fieldOf(pointer: string): string {
  return pointer.slice(pointer.lastIndexOf("/") + 1);
}

function identityOf(item: JsonRecord): string {
  // Not the id, which holds the hash of the whole source.
  return String(
    item.textSha ?? item.text ?? item.quote ?? item.path ?? item.function_id ?? JSON.stringify(item),
  );
}

/** The words of an item, from its own field or from its span of the document's text. */
function wordsOf(item: JsonRecord | undefined, text: string): string {
  if (item === undefined) return "";
  const [start, end] = Array.isArray(item.span) && item.textSha !== undefined ? item.span : [0, 0];
  return String(
    item.text ?? item.quote ?? item.function_name ?? item.path ?? text.slice(Number(start), Number(end)),
  );
}

/** True of a sha256 and of a list of them: they change when the bytes that they name change. */
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
  return [
    causes > 0
      ? `… and ${all} more`
      : `… and ${all} more, all of them places and hashes that follow from others`,
  ];
}

function showPair(recorded: unknown, actual: unknown): string {
  const [before, after] = [show(recorded), show(actual)];
  const from = Math.max(0, firstUnlike(before, after) - 24);
  return `recorded ${windowOf(before, from)}  actual ${windowOf(after, from)}`;
}

function show(value: unknown): string {
  return value === undefined ? "nothing" : JSON.stringify(value);
}

function windowOf(text: string, from: number): string {
  if (text.length <= MAX_CHARACTERS) return text;
  const end = from + MAX_CHARACTERS;
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
