import type { Code, Construct, Event, Extension, State, Token, TokenizeContext } from "micromark-util-types";

const ASTERISK = 0x2a;
const UNDERSCORE = 0x5f;
const TILDE = 0x7e;

/** What two runs of markers enclose, without them, as offsets in the source. */
export type Emphasis = Readonly<{
  kind: "emphasis" | "strong" | "strikethrough";
  start: number;
  end: number;
}>;

/** A row of equal markers. What of it is not used for emphasis is text. */
type DelimiterRun = Token & { _canOpen?: boolean; _canClose?: boolean };

const RUN = "delimiterRun" as Token["type"];

/** A run that is all markup. Other types would be merged with the text around it. */
const USED_RUN = "usedDelimiterRun" as Token["type"];

/**
 * Emphasis (CommonMark 0.31.2, 6.2) and strikethrough (GFM). It takes the place of micromark's own: theirs goes back
 * over all earlier runs for each closing one, reads characters beyond U+FFFF by halves, and drops an opening run of
 * which a part is left. Only the markers are found, because text needs no tree; `onEmphasis` gets what they enclose, the inner
 * before the outer.
 */
export function delimiterRuns(source: string, onEmphasis: (emphasis: Emphasis) => void): Extension {
  const construct: Construct = {
    name: RUN,
    tokenize(effects, ok) {
      const { previous } = this;
      const start = this.now().offset;
      return (code) => {
        const marker = code;
        effects.enter(RUN);
        const inside: State = (next) => {
          if (next === marker) {
            effects.consume(next);
            return inside;
          }
          const run: DelimiterRun = effects.exit(RUN);
          const before = previous === null ? null : characterBefore(source, start, previous);
          const after = next === null ? null : characterAfter(source, this.now().offset, next);
          Object.assign(run, flank(marker, classify(before), classify(after)));
          return ok(next);
        };
        return inside(code);
      };
    },
    resolveAll: (events, context) => {
      pairRuns(events, context, onEmphasis);
      return events;
    },
  };
  return {
    text: { [ASTERISK]: construct, [UNDERSCORE]: construct, [TILDE]: construct },
    insideSpan: { null: [construct] },
    disable: { null: ["attention", "strikethrough"] },
  };
}

type CharacterClass = "space" | "punctuation" | "other";

function classify(character: string | null): CharacterClass {
  if (character === null || /^\s/u.test(character)) return "space";
  return /^[\p{P}\p{S}]/u.test(character) ? "punctuation" : "other";
}

/**
 * The character next to a run; tildes are looked through, as GitHub does, so that `**~~a~~**` is both. The parser gives
 * codes below zero for tabs and line endings, and UTF-16 units for the rest.
 */
function characterAfter(source: string, offset: number, code: number): string {
  if (code < 0) return " ";
  let at = offset;
  while (source.charCodeAt(at) === TILDE) at += 1;
  return String.fromCodePoint(source.codePointAt(at) ?? 0x20);
}

function characterBefore(source: string, offset: number, code: number): string {
  if (code < 0) return " ";
  let end = offset;
  while (source.charCodeAt(end - 1) === TILDE) end -= 1;
  const unit = source.charCodeAt(end - 1);
  const isTrail = unit >= 0xdc00 && unit <= 0xdfff;
  return end === 0 ? " " : String.fromCodePoint(source.codePointAt(isTrail ? end - 2 : end - 1) ?? 0x20);
}

function flank(marker: Code, before: CharacterClass, after: CharacterClass) {
  const left = after === "other" || (after === "punctuation" && before !== "other");
  const right = before === "other" || (before === "punctuation" && after !== "other");
  if (marker !== UNDERSCORE) return { _canOpen: left, _canClose: right };
  return {
    _canOpen: left && (!right || before === "punctuation"),
    _canClose: right && (!left || after === "punctuation"),
  };
}

/** A run on the stack of those that may still open. */
type Opener = { run: DelimiterRun; marker: string; length: number; left: number };

/**
 * Pairs closing with opening runs, each search going no further down than an earlier search for the same kind of run that
 * found nothing, so all of them together are linear.
 */
function pairRuns(events: Event[], context: TokenizeContext, onEmphasis: (emphasis: Emphasis) => void): void {
  const stack: Opener[] = [];
  const bottoms = new Map<string, number>();
  for (const [phase, token] of events) {
    if (phase !== "enter" || token.type !== RUN) continue;
    const run: DelimiterRun = token;
    const marker = context.sliceSerialize(run).charAt(0);
    const length = run.end.offset - run.start.offset;
    const closer = { run, marker, length, left: length };
    if (run._canClose) closeWith(closer, stack, bottoms, onEmphasis);
    if (run._canOpen && closer.left > 0) stack.push(closer);
  }
  for (const [, token] of events) {
    if (token.type === RUN) token.type = token.start.offset === token.end.offset ? USED_RUN : "data";
  }
}

function closeWith(
  closer: Opener,
  stack: Opener[],
  bottoms: Map<string, number>,
  onEmphasis: (emphasis: Emphasis) => void,
): void {
  const { run, marker } = closer;
  const group = marker === "~" ? `~${closer.length}` : `${marker}${run._canOpen}${closer.length % 3}`;
  while (closer.left > 0) {
    const bottom = Math.min(bottoms.get(group) ?? 0, stack.length);
    let at = stack.length - 1;
    while (at >= bottom && !isPair(stack[at], closer)) at -= 1;
    const opener = stack[at];
    if (at < bottom || !opener) {
      bottoms.set(group, stack.length);
      return;
    }
    const used = marker === "~" ? closer.length : opener.left > 1 && closer.left > 1 ? 2 : 1;
    const kind = marker === "~" ? "strikethrough" : used === 2 ? "strong" : "emphasis";
    onEmphasis({ kind, start: opener.run.end.offset, end: run.start.offset });
    takeFromEnd(opener, used);
    takeFromStart(closer, used);
    stack.length = opener.left > 0 ? at + 1 : at;
    for (const [other, height] of bottoms) if (height > stack.length) bottoms.set(other, stack.length);
  }
}

function isPair(opener: Opener | undefined, closer: Opener): boolean {
  if (!opener || opener.marker !== closer.marker) return false;
  if (opener.marker === "~") return opener.length === closer.length && closer.length <= 2;
  const isEither = opener.run._canClose || closer.run._canOpen;
  return !isEither || closer.length % 3 === 0 || (opener.length + closer.length) % 3 !== 0;
}

function takeFromEnd(opener: Opener, used: number): void {
  opener.left -= used;
  opener.run.end = movePoint(opener.run.end, -used);
}

function takeFromStart(closer: Opener, used: number): void {
  closer.left -= used;
  closer.run.start = movePoint(closer.run.start, used);
}

/** Within a line and a chunk of plain characters, as a run of markers is. */
function movePoint(point: Token["start"], by: number): Token["start"] {
  return {
    ...point,
    column: point.column + by,
    offset: point.offset + by,
    _bufferIndex: point._bufferIndex + by,
  };
}
