import { type Figure, findFigures } from "./figures.ts";

const CAPITALS =
  /(?<!\p{L})(?:JANUARY|FEBRUARY|MARCH|APRIL|JUNE|JULY|AUGUST|SEPTEMBER|OCTOBER|NOVEMBER|DECEMBER|JANUAR|FEBRUAR|JUNI|JULI|OKTOBER|DEZEMBER|JANUARI|FEBRUARI|MARET|AGUSTUS|DESEMBER)(?!\p{L})/gu;

/** A month that is written out needs no full stop: it ends the sentence. */
const STOP_OF_SENTENCE = /\p{L}{5,}\.$/u;

/** Besides those, the short names of months; "Sept." is an abbreviation. */
const STOP_OF_ANY_SENTENCE =
  /(?:\p{L}{5,}|(?<!\p{L})(?!Sept\.)\p{L}{4}|(?<!\p{L})M[ae][iy]|(?<!\p{L})mai)\.$/u;

/** What a quantity is of: litres in an hour, dollars for a day. */
const PER = /^\/(?:h|s|min|d|a|day|week|month|year|m[²³]?|km|kg|l|t)(?![\p{L}\p{N}])/u;

type FigureOptions = Readonly<{ isHeading: boolean }>;

/** As `findFigures`, with dates in capitals, without the full stop of a sentence, and with what a quantity is for each of. */
export function refineFigures(text: string, options: FigureOptions): Generator<Figure> {
  return refine(text, options, STOP_OF_SENTENCE);
}

/** As `refineFigures`, with the full stop of a sentence left out behind "June" and "May" too. */
export function refineAllFigures(text: string, options: FigureOptions): Generator<Figure> {
  return refine(text, options, STOP_OF_ANY_SENTENCE);
}

function* refine(text: string, options: FigureOptions, stop: RegExp): Generator<Figure> {
  // The same length, so that places stay.
  const readable = text.replace(CAPITALS, (month) => month.charAt(0) + month.slice(1).toLowerCase());
  for (const figure of findFigures(readable, options)) {
    const { kind, start, end } = figure;
    if (kind === "date") {
      yield stop.test(readable.slice(start, end)) ? { ...figure, end: end - 1 } : figure;
    } else {
      const [per = ""] = PER.exec(readable.slice(end, end + 8)) ?? [];
      yield { ...figure, end: end + per.length };
    }
  }
}
