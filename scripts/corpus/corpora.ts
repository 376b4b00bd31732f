import { createCsvCorpus } from "./csv.ts";
import { type CorpusDocument, createHtmlCorpus } from "./html.ts";
import { createMailCorpus } from "./mail.ts";
import type { Score } from "./score.ts";

type Corpus = Readonly<{
  format: string;
  documents: readonly CorpusDocument[];
  least: Partial<Record<keyof Score, number>>;
}>;

/** The documents of each format, and the mean score that they must have. */
export function createCorpora(): readonly Corpus[] {
  return [
    {
      format: "HTML",
      documents: createHtmlCorpus(),
      least: {
        words: 0.99,
        nid: 0.985,
        headings: 0.96,
        lists: 0.92,
        cells: 0.99,
        mainRecall: 0.98,
        mainPrecision: 0.93,
      },
    },
    { format: "CSV", documents: createCsvCorpus(), least: { words: 0.99, nid: 0.985, cells: 0.99 } },
    {
      format: "mail",
      documents: createMailCorpus(),
      least: { words: 0.99, nid: 0.985, headings: 0.96, lists: 0.92, cells: 0.99 },
    },
  ];
}

/** The mean of each measure over the documents that have it. */
export function meanOf(scores: readonly Score[]): Score {
  const mean = (name: keyof Score) => {
    const values = scores.map((score) => score[name]).filter((value) => value !== null);
    return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;
  };
  return {
    words: mean("words"),
    nid: mean("nid"),
    headings: mean("headings"),
    lists: mean("lists"),
    cells: mean("cells"),
    mainRecall: mean("mainRecall"),
    mainPrecision: mean("mainPrecision"),
  };
}
