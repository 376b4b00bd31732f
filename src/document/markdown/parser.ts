import { parse, preprocess } from "micromark";
import { gfm } from "micromark-extension-gfm";
import { subtokenize } from "micromark-util-subtokenize";
import type { Event, Extension, ParseContext, Token, TokenizeContext } from "micromark-util-types";
import type { Checkpoint } from "../checkpoint.ts";
import { delimiterRuns, type Emphasis } from "./delimiter-runs.ts";
import { LabelList } from "./labels.ts";
import { math } from "./math.ts";
import { meterConstructs } from "./metered-constructs.ts";
import { WorkLimitError, WorkMeter } from "./work-meter.ts";

/** Work units per UTF-16 unit. Ordinary text takes 3 to 10, for blocks and for inline marks each. */
const BLOCK_UNITS = 64;
const INLINE_UNITS = 48;

/** The inline tokens of a text, and what is emphasized in it, in no order. */
export type ParsedText = Readonly<{ events: Event[]; emphases: readonly Emphasis[] }>;

/**
 * CommonMark with the GitHub extensions by micromark, in two stages: the blocks of a part of the document first, and
 * the inline marks of each text in it when they are asked for. Offsets of all tokens count from the start of `source`.
 * Labels of definitions and footnotes are shared by all parts, so blocks of every part come before the first inline marks.
 */
export class MarkdownParser {
  readonly #source: string;
  readonly #parser: ParseContext & { gfmFootnotes?: string[] };
  readonly #meter: WorkMeter;
  #emphases: Emphasis[] = [];

  constructor(source: string, checkpoint: Checkpoint) {
    this.#source = source;
    this.#meter = new WorkMeter(checkpoint);
    const onEmphasis = (emphasis: Emphasis) => this.#emphases.push(emphasis);
    this.#parser = parse({
      extensions: [withoutEmails(gfm()), delimiterRuns(source, onEmphasis), math()],
    });
    this.#parser.defined = new LabelList();
    this.#parser.gfmFootnotes = new LabelList();
    meterConstructs(this.#parser, this.#meter);
  }

  /** The events of the blocks between two starts of lines; text in them is not parsed yet. null: too much work. */
  parseBlocks(start: number, end: number): Event[] | null {
    // micromark would skip a byte order mark at the start without counting it.
    const from = this.#source.charCodeAt(start) === 0xfeff ? start + 1 : start;
    this.#parser.lazy = this.#meteredLazyLines();
    return this.#withinLimit(end - start, BLOCK_UNITS, () => {
      const document = this.#parser.document({ line: 1, column: 1, offset: from });
      this.#document = document;
      const events = document.write(preprocess()(this.#source.slice(from, end), undefined, true));
      subtokenize(events);
      return events;
    });
  }

  /** Parses a text, given the first of its linked tokens. null: too much work. */
  parseText(first: Token, context: TokenizeContext): ParsedText | null {
    this.#emphases = [];
    let length = 0;
    for (let token: Token | undefined = first; token; token = token.next) length += lengthOf(token);
    return this.#withinLimit(length, INLINE_UNITS, () => {
      const tokenizer = this.#parser.text(first.start);
      tokenizer._contentTypeTextTrailing = first._contentTypeTextTrailing;
      for (let token: Token | undefined = first; token; token = token.next) {
        const chunks = context.sliceStream(token);
        if (!token.next) chunks.push(null);
        if (token !== first) tokenizer.defineSkip(token.start);
        tokenizer._gfmTasklistFirstContentOfListItem = token._isInFirstContentOfListItem;
        tokenizer.write(chunks);
      }
      return { events: tokenizer.events, emphases: this.#emphases };
    });
  }

  #document: TokenizeContext | undefined;

  #withinLimit<Result>(length: number, unitsPerCharacter: number, work: () => Result): Result | null {
    this.#meter.start(length, unitsPerCharacter);
    try {
      return work();
    } catch (error) {
      if (error instanceof WorkLimitError) return null;
      throw error;
    }
  }

  /** A lazy line makes the parser look through all events of the part; here it is seen to be one. */
  #meteredLazyLines(): Record<number, boolean> {
    return new Proxy<Record<number, boolean>>(
      {},
      {
        set: (lines, line, isLazy) => {
          if (isLazy) this.#meter.spend((this.#document?.events.length ?? 0) / 2);
          return Reflect.set(lines, line, isLazy);
        },
      },
    );
  }
}

export function lengthOf({ start, end }: Token): number {
  return end.offset - start.offset;
}

/** An e-mail address reads the same whether it is a link or not, and trying for one at each letter costs most of the time. */
function withoutEmails(extension: Extension): Extension {
  const text: NonNullable<Extension["text"]> = {};
  for (const [code, constructs] of Object.entries(extension.text ?? {})) {
    text[code] = [constructs ?? []].flat().filter(({ name }) => name !== "emailAutolink");
  }
  return { ...extension, text };
}
