/**
 * What the Markdown parser may be asked to do. Its time grows with the square of the marks in one run of text (40 KB of
 * `a*` took 37 s) and of the containers open at once, and each token costs it a kilobyte of memory. So the source is
 * scanned first, cut where a cut cannot change the meaning, and what is beyond a budget is read in a plainer way.
 */
import type { SourceRange } from "./inline.ts";

/** full: all of Markdown; flow: blocks, inline marks as they stand; text: paragraphs. */
export type Segment = SourceRange & { mode: "full" | "flow" | "text" };

/** Documents up to this long are never cut, in UTF-16 units. */
const UNCUT_UNITS = 256 * 1024;
const MIN_SEGMENT_UNITS = 64 * 1024;
const MAX_SEGMENT_UNITS = 2 * 1024 * 1024;

/** Estimated parser tokens of one segment (memory), and of the document (time, about ten seconds). */
const MAX_SEGMENT_TOKENS = 1_000_000;
const MAX_TOKENS = 4_000_000;

/** Sum over runs of the squared marks, about five seconds of the worst kind and far from what a person writes. */
const MAX_INLINE_COST = 50_000_000;

/** A line that underlines a heading copies all tokens before it; a second or five, by the runtime. */
const MAX_UNDERLINE_COST = 200_000_000;

/** References are looked up in a list of all definitions. */
const MAX_LOOKUPS = 50_000_000;

/** Quotes and lists open at once. */
const MAX_DEPTH = 100;

const TOKENS_PER_LINE = 7;
const TOKENS_PER_MARK = 6;

const MARKS = /[*_~`[\]<&\\|]/g;
/** Marks that stand alone: each costs a token, but none looks for another. */
const LONE_MARKS = "&\\|";
const CONTAINER_PREFIX = /^(?:[ \t]*(?:>|(?:[-*+]|\d{1,9}[.)])(?=[ \t]|$)|\[\^[^\]\s]{1,999}\]:))+/;
const CONTAINER_MARK = />|[-*+.)](?=[ \t]|$)|\]:/g;
const UNDERLINE = /^[ \t>]*(?:=+|-+)[ \t]*$/;
const RUN_START = /^[ \t>]*(?:$|#{1,6}[ \t]|[-*+][ \t])/;

/** What a segment would cost the parser. */
class Tally {
  tokens = 0;
  inlineCost = 0;
  underlineCost = 0;
  depth = 0;
  labels = 0;
  definitions = 0;
  #pairing = 0;
  #scans = 0;
  #units = 0;

  addLine(line: string): void {
    if (RUN_START.test(line)) this.endRun();
    if (UNDERLINE.test(line)) this.underlineCost += this.tokens;
    let marks = 0;
    for (const [mark] of line.matchAll(MARKS)) {
      marks += 1;
      if (!LONE_MARKS.includes(mark)) this.#pairing += 1;
      if (mark === "`" || mark === "<") this.#scans += 1;
      if (mark === "]") this.labels += 1;
    }
    this.#units += line.length;
    if (line.includes("]:")) this.definitions += 1;
    const prefix = CONTAINER_PREFIX.exec(line)?.[0] ?? "";
    const containers = prefix === "" ? 0 : [...prefix.matchAll(CONTAINER_MARK)].length;
    const indent = prefix.length - prefix.replaceAll(/[ \t]/g, "").length;
    this.depth = Math.max(this.depth, containers + (indent >> 1));
    this.tokens += TOKENS_PER_LINE + TOKENS_PER_MARK * (marks + containers);
  }

  /** Ends a run of inline text. Besides the marks' square, a tick or `<` looks for its end through all of the run. */
  endRun(): void {
    this.inlineCost += this.#pairing * this.#pairing + (this.#scans * this.#units) / 8;
    this.#pairing = this.#scans = this.#units = 0;
  }
}

const NEWLINE = 0x0a;
const MARK_BYTES = new Set(new TextEncoder().encode("*_~`[]<&\\|#>-+"));

/** About how many tokens the parser would make of these bytes of text, in the order of a microsecond or two each. */
export function estimateTokens(bytes: Uint8Array): number {
  let [lines, marks] = [0, 0];
  for (const byte of bytes) {
    if (byte === NEWLINE) lines += 1;
    else if (MARK_BYTES.has(byte)) marks += 1;
  }
  return TOKENS_PER_LINE * lines + TOKENS_PER_MARK * marks;
}

/** Cuts the source from `start` on into segments that tile it, and says how each may be read. One pass. */
export function planSegments(source: string, start: number): Segment[] {
  const segments: { range: SourceRange; tally: Tally }[] = [];
  const mayCut = source.length - start > UNCUT_UNITS;
  const opaque = new OpaqueBlocks();
  let current = { range: { start, end: start }, tally: new Tally() };
  let afterBlank = false;
  for (const { line, end } of linesFrom(source, start)) {
    const { range, tally } = current;
    const isLong = range.end - range.start >= MIN_SEGMENT_UNITS;
    if (mayCut && isLong && afterBlank && !opaque.isOpen && /^[#\p{L}]/u.test(line)) {
      tally.endRun();
      segments.push(current);
      current = { range: { start: range.end, end: range.end }, tally: new Tally() };
    }
    current.tally.addLine(line);
    current.range.end = end;
    opaque.addLine(line);
    afterBlank = line.trim() === "";
  }
  current.tally.endRun();
  segments.push(current);
  return chooseModes(segments);
}

function chooseModes(segments: readonly { range: SourceRange; tally: Tally }[]): Segment[] {
  const definitions = segments.reduce((sum, { tally }) => sum + tally.definitions, 0);
  let tokensLeft = MAX_TOKENS;
  let inlineLeft = MAX_INLINE_COST;
  let underlinesLeft = MAX_UNDERLINE_COST;
  let lookupsLeft = MAX_LOOKUPS;
  return segments.map(({ range, tally }) => {
    const isHeavy =
      range.end - range.start > MAX_SEGMENT_UNITS ||
      tally.tokens > Math.min(MAX_SEGMENT_TOKENS, tokensLeft) ||
      tally.underlineCost > underlinesLeft;
    if (isHeavy || tally.depth > MAX_DEPTH) return { ...range, mode: "text" };
    tokensLeft -= tally.tokens;
    underlinesLeft -= tally.underlineCost;
    const lookups = definitions * tally.labels;
    if (tally.inlineCost > inlineLeft || lookups > lookupsLeft) return { ...range, mode: "flow" };
    inlineLeft -= tally.inlineCost;
    lookupsLeft -= lookups;
    return { ...range, mode: "full" };
  });
}

/** `line` is without its newline, `end` after it. */
function* linesFrom(source: string, start: number): Generator<{ line: string; end: number }> {
  const newlines = /\r\n?|\n/g;
  newlines.lastIndex = start;
  let from = start;
  for (let newline = newlines.exec(source); newline; newline = newlines.exec(source)) {
    yield { line: source.slice(from, newline.index), end: newlines.lastIndex };
    from = newlines.lastIndex;
  }
  if (from < source.length) yield { line: source.slice(from), end: source.length };
}

const OPAQUE_HTML: readonly (readonly [RegExp, string])[] = [
  [/^ {0,3}<!--/, "-->"],
  [/^ {0,3}<\?/, "?>"],
  [/^ {0,3}<!\[CDATA\[/, "]]>"],
  [/^ {0,3}<pre[\s>]/i, "</pre>"],
  [/^ {0,3}<script[\s>]/i, "</script>"],
  [/^ {0,3}<style[\s>]/i, "</style>"],
  [/^ {0,3}<textarea[\s>]/i, "</textarea>"],
];

/** Follows the blocks that a blank line does not end: fenced code and some HTML. */
class OpaqueBlocks {
  #fence: string | undefined;
  #closing: string | undefined;

  get isOpen(): boolean {
    return this.#fence !== undefined || this.#closing !== undefined;
  }

  addLine(line: string): void {
    if (this.#closing !== undefined) {
      if (line.toLowerCase().includes(this.#closing.toLowerCase())) this.#closing = undefined;
      return;
    }
    const fence = /^ {0,3}(`{3,}|~{3,})(.*)$/.exec(line);
    if (this.#fence !== undefined) {
      if (fence?.[1]?.startsWith(this.#fence) && fence[2]?.trim() === "") this.#fence = undefined;
    } else if (fence?.[1]) {
      this.#fence = fence[1];
    } else {
      const html = OPAQUE_HTML.find(([opening]) => opening.test(line));
      if (html && !line.toLowerCase().includes(html[1].toLowerCase())) this.#closing = html[1];
    }
  }
}
