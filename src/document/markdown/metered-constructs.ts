import type {
  Construct,
  Effects,
  ParseContext,
  State,
  TokenizeContext,
  TokenType,
} from "micromark-util-types";
import { FOOTNOTE_IMAGE_END, FootnoteImages } from "./footnote-image.ts";
import { LabelList } from "./labels.ts";
import type { WorkMeter } from "./work-meter.ts";

/** Not in micromark's own list of types. */
const PLAIN_MARK = "plainMark" as TokenType;

/** What one attempt at a construct costs besides the characters it reads. */
const ATTEMPT_UNITS = 4;

/** Resolvers go through the events so far; an event costs about an eighth of a character. */
const EVENTS_PER_UNIT = 8;

/** More containers than this in one another are text. Each takes time on each of its lines. */
const MAX_DEPTH = 100;

/**
 * Wraps every construct of a parser, so that a meter counts its work, containers do not nest without end, and a link
 * title in parentheses holds no other opening parenthesis (CommonMark 0.31.2, 6.3; micromark takes it).
 */
export function meterConstructs({ constructs }: ParseContext, meter: WorkMeter): void {
  const wrappers = new ConstructWrappers(meter);
  for (const kind of ["contentInitial", "document", "flow", "flowInitial", "string", "text"] as const) {
    const record = constructs[kind];
    for (const [code, list] of Object.entries(record)) {
      const wrapped = [list ?? []].flat().map((construct) => wrappers.wrap(construct, kind === "document"));
      record[code] = kind === "text" && code !== "null" ? [...wrapped, plainMark(wrapped)] : wrapped;
    }
  }
}

/**
 * Takes a mark that begins none of these constructs as text of its own. Without it the parser makes one token for the
 * text before the mark and one for the text from it on, and then merges them in time that grows with the square of both.
 */
function plainMark(constructs: readonly Construct[]): Construct {
  return {
    name: PLAIN_MARK,
    previous(code) {
      return constructs.some(({ previous }) => !previous || previous.call(this, code));
    },
    tokenize: (effects, ok, nok) => (code) => {
      if (code === null) return nok(code);
      effects.enter(PLAIN_MARK);
      effects.consume(code);
      effects.exit(PLAIN_MARK);
      return ok;
    },
  };
}

class ConstructWrappers {
  readonly #meter: WorkMeter;
  readonly #wrapped = new WeakMap<Construct, Construct>();
  readonly #effects = new WeakMap<Effects, MeteredEffects>();
  readonly #depth = new ContainerDepth();

  readonly #footnoteImages: FootnoteImages;

  constructor(meter: WorkMeter) {
    this.#meter = meter;
    this.#footnoteImages = new FootnoteImages(meter);
  }

  wrap(construct: Construct, isContainer = false): Construct {
    const known = this.#wrapped.get(construct);
    if (known) return known;
    const { name, tokenize, resolveTo, continuation } = construct;
    const footnoteImages = name === FOOTNOTE_IMAGE_END ? this.#footnoteImages : undefined;
    const inner = name === "labelEnd" ? withShortLabels(tokenize) : tokenize;
    const wrapped: Construct = {
      ...construct,
      tokenize: this.#wrapTokenize(inner, isContainer, footnoteImages),
    };
    if (resolveTo) {
      wrapped.resolveTo = (events, context) => {
        this.#meter.spend(events.length / EVENTS_PER_UNIT);
        return resolveTo(events, context);
      };
    }
    if (continuation) wrapped.continuation = this.wrap(continuation, isContainer);
    this.#wrapped.set(construct, wrapped);
    this.#wrapped.set(wrapped, wrapped);
    return wrapped;
  }

  #wrapTokenize(
    tokenize: Construct["tokenize"],
    isContainer: boolean,
    footnoteImages: FootnoteImages | undefined,
  ): Construct["tokenize"] {
    const wrappers = this;
    return function (this: TokenizeContext, effects: Effects, ok: State, nok: State): State {
      const meter = wrappers.#meter;
      meter.spend(ATTEMPT_UNITS);
      if (footnoteImages && !footnoteImages.mayEnd(this)) return nok;
      const metered = wrappers.#meteredEffects(effects, this);
      // A container may try itself again to see whether it goes on, which is not another level.
      const isLevel = isContainer && !metered.isInContainer;
      const fail: State = (code) => {
        if (isLevel) metered.isInContainer = false;
        metered.hasBadTitle = false;
        return nok(code);
      };
      if (isLevel && wrappers.#depth.at(this.now().line) >= MAX_DEPTH) return fail;
      metered.isInContainer ||= isLevel;
      const succeed: State = (code) => {
        if (metered.hasBadTitle) return fail(code);
        if (isLevel) {
          metered.isInContainer = false;
          wrappers.#depth.add(this.now().line);
        }
        return ok(code);
      };
      return tokenize.call(this, metered.effects, succeed, fail);
    };
  }

  /** The tools of a tokenizer as its constructs see them: nested attempts are wrapped as well. */
  #meteredEffects(effects: Effects, context: TokenizeContext): MeteredEffects {
    const known = this.#effects.get(effects);
    if (known) return known;
    const meter = this.#meter;
    const wrapAll = (given: Parameters<Effects["attempt"]>[0]): Parameters<Effects["attempt"]>[0] => {
      if (Array.isArray(given)) return given.map((construct) => this.wrap(construct));
      return "tokenize" in given ? this.wrap(given as Construct) : given;
    };
    const metered: MeteredEffects = {
      hasBadTitle: false,
      isInContainer: false,
      effects: {
        consume: (code) => {
          meter.spend(1);
          return effects.consume(code);
        },
        enter: (type, fields) => {
          meter.countToken();
          return effects.enter(type, fields);
        },
        exit: (type) => {
          const token = effects.exit(type);
          if (type === "resourceTitle" || type === "definitionTitle")
            metered.hasBadTitle = isNestedTitle(context.sliceSerialize(token));
          return token;
        },
        attempt: (given, ok, nok) => effects.attempt(wrapAll(given), ok, nok),
        check: (given, ok, nok) => effects.check(wrapAll(given), ok, nok),
        interrupt: (given, ok, nok) => effects.interrupt(wrapAll(given), ok, nok),
      },
    };
    this.#effects.set(effects, metered);
    return metered;
  }
}

/**
 * The end of a link compares all text in its brackets with the labels of the document, which takes time by the square of
 * nested brackets. Text that cannot be a label is not looked at.
 */
function withShortLabels(tokenize: Construct["tokenize"]): Construct["tokenize"] {
  return function (this: TokenizeContext, effects, ok, nok) {
    const { defined } = this.parser;
    const sliceSerialize: TokenizeContext["sliceSerialize"] = (token, expandTabs) => {
      const isLabel =
        !(defined instanceof LabelList) || defined.mayInclude(token.end.offset - token.start.offset);
      return isLabel ? this.sliceSerialize(token, expandTabs) : "";
    };
    return tokenize.call(
      Object.create(this, { sliceSerialize: { value: sliceSerialize } }),
      effects,
      ok,
      nok,
    );
  };
}

/** Whether a title in parentheses holds another opening one that no backslash escapes. */
function isNestedTitle(title: string): boolean {
  return (
    title.startsWith("(") &&
    title
      .slice(1)
      .replaceAll(/\\[\s\S]/g, "")
      .includes("(")
  );
}

type MeteredEffects = { effects: Effects; hasBadTitle: boolean; isInContainer: boolean };

/** How many containers have been opened or continued on the present line. */
class ContainerDepth {
  #line = 0;
  #count = 0;

  at(line: number): number {
    return line === this.#line ? this.#count : 0;
  }

  add(line: number): void {
    this.#count = this.at(line) + 1;
    this.#line = line;
  }
}
