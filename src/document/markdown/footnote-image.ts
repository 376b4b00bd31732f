import type { Token, TokenizeContext } from "micromark-util-types";
import type { WorkMeter } from "./work-meter.ts";

/** The construct of GFM that reads the `]` of `![^a]`: an exclamation mark and a footnote. */
export const FOOTNOTE_IMAGE_END = "gfmPotentialFootnoteCall";

/** Types at which it stops looking back for the start of an image. */
const STOPS: ReadonlySet<string> = new Set(["gfmFootnoteCall", "labelLink", "label", "image", "link"]);

/** What the look back from the end of so many events has found. */
type LookBack = { events: number; image: Token | undefined };

/**
 * Tells whether `FOOTNOTE_IMAGE_END` can succeed. It looks back through all events for the start of an image at each `]`,
 * which takes time by the square of a row of them; here each event is looked at once.
 */
export class FootnoteImages {
  readonly #meter: WorkMeter;
  readonly #lookBacks = new WeakMap<TokenizeContext, LookBack>();

  constructor(meter: WorkMeter) {
    this.#meter = meter;
  }

  mayEnd(context: TokenizeContext): boolean {
    const image = this.#findImage(context);
    if (!(image && "_balanced" in image && image._balanced)) return false;
    // The construct reads all from there on.
    this.#meter.spend(context.now().offset - image.end.offset);
    return true;
  }

  #findImage(context: TokenizeContext): Token | undefined {
    const { events } = context;
    const known = this.#lookBacks.get(context);
    const isKept = known !== undefined && known.events <= events.length;
    const lookBack: LookBack = { events: events.length, image: isKept ? known.image : undefined };
    for (let index = events.length - 1; index >= (isKept ? known.events : 0); index -= 1) {
      const token = events[index]?.[1];
      if (token === undefined || (token.type !== "labelImage" && !STOPS.has(token.type))) continue;
      lookBack.image = token.type === "labelImage" ? token : undefined;
      break;
    }
    this.#lookBacks.set(context, lookBack);
    return lookBack.image;
  }
}
