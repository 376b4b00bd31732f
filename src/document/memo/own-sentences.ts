import type { Checkpoint } from "../checkpoint.ts";
import type { DocIR } from "../schema.ts";
import type { Scored } from "./candidates.ts";
import { FEW_KEY_SENTENCES, findKeySentences, LENGTHS } from "./key-sentences.ts";
import { hasEndMark, splitWithNotes } from "./note-signs.ts";
import type { Sentence } from "./passages.ts";

/** "Yes, please." answers a mail. A line as short without an end mark is a greeting or a name. */
const MIN_WORDS_OF_REPLY = 2;

/**
 * The key sentences of the method `extractive/7`. In a mail that quotes another, the writer's own come first, also short ones; where
 * these are few, sentences of the quotes follow.
 */
export function findOwnSentences(
  docir: DocIR,
  isCitable: (sentence: Sentence) => boolean,
  checkpoint: Checkpoint,
): Scored[] {
  const options = { split: splitWithNotes };
  const all = () => findKeySentences(docir, isCitable, checkpoint, options);
  if (docir.source.mediaType !== "message/rfc822" || !docir.blocks.some(isQuote)) return all();
  const own = findKeySentences(
    docir,
    (sentence) => !isQuote(sentence.block) && isWholeReply(docir.text, sentence) && isCitable(sentence),
    checkpoint,
    { ...options, minWords: MIN_WORDS_OF_REPLY },
  );
  if (own.length === 0) return all();
  const left = FEW_KEY_SENTENCES - own.length;
  if (left <= 0) return own;
  const quoted = findKeySentences(
    docir,
    (sentence) => isQuote(sentence.block) && isCitable(sentence),
    checkpoint,
    { ...options, maxSentences: left },
  );
  return [...own, ...quoted];
}

function isQuote({ type }: Sentence["block"]): boolean {
  return type === "quote";
}

function isWholeReply(text: string, sentence: Sentence): boolean {
  return sentence.words >= LENGTHS.minWords || hasEndMark(text, sentence);
}
