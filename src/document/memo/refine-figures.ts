import { type Figure, findFigures } from "./figures.ts";

const CAPITALS =
  /(?<!\p{L})(?:JANUARY|FEBRUARY|MARCH|APRIL|JUNE|JULY|AUGUST|SEPTEMBER|OCTOBER|NOVEMBER|DECEMBER|JANUAR|FEBRUAR|JUNI|JULI|OKTOBER|DEZEMBER|JANUARI|FEBRUARI|MARET|AGUSTUS|DESEMBER)(?!\p{L})/gu;

/** A month that is written out needs no full stop: it ends the sentence. */
const STOP_OF_SENTENCE = /\p{L}{5,}\.$/u;

/** What a quantity is of: litres in an hour, dollars for a day. */
const PER = /^\/(?:h|s|min|d|a|day|week|month|year|m[²³]?|km|kg|l|t)(?![\p{L}\p{N}])/u;

/** As `findFigures`, with dates in capitals, without the full stop of a sentence, and with what a quantity is for each of. */
export function* refineFigures(text: string, options: Readonly<{ isHeading: boolean }>): Generator<Figure> {
  // The same length, so that places stay.
  const readable = text.replace(CAPITALS, (month) => month.charAt(0) + month.slice(1).toLowerCase());
  for (const figure of findFigures(readable, options)) {
    const { kind, start, end } = figure;
    if (kind === "date") {
      yield STOP_OF_SENTENCE.test(readable.slice(start, end)) ? { ...figure, end: end - 1 } : figure;
    } else {
      const [per = ""] = PER.exec(readable.slice(end, end + 8)) ?? [];
      yield { ...figure, end: end + per.length };
    }
  }
}
