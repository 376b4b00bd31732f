import { isRecord } from "../../domain/serialized.ts";
import { citationsOf } from "../citations.ts";
import { textOf } from "./facts.tsx";

/** A section shows this many items at most; `memo.json` has all of them. */
const MAX_LISTED = 300;

/** The lists of a memo in the order in which they are shown. */
const LISTS = [
  ["keySentences", "Key sentences"],
  ["figures", "Figures"],
  ["outline", "Outline"],
  ["message", "Message"],
  ["columns", "Columns"],
  ["totals", "Totals"],
  ["fields", "Fields"],
] as const;

type Item = Readonly<Record<string, unknown>>;

/** The memo of the run, and the number of each of its citations in `citations.json`. */
type MemoProps = Readonly<{ memo: Item }>;

export function Memo({ memo }: MemoProps): JSX.Element {
  const numberOf = createNumbering(memo);
  const title = isRecord(memo.title) ? memo.title : null;
  return (
    <section>
      <h2>Memo</h2>
      <p>
        Every sentence and figure below is quoted from the document; nothing is written by a model. The number
        in brackets is the place of its citation in <code>citations.json</code>, counted from 0. Behind it is
        the place of the quote in the document.
      </p>
      {title === null ? (
        <p>The document has no text.</p>
      ) : (
        <ul class="title">
          <Cited item={title} numberOf={numberOf} />
        </ul>
      )}
      {LISTS.map(([key, heading]) => (
        <Listed heading={heading} items={itemsOf(memo[key])} numberOf={numberOf} />
      ))}
    </section>
  );
}

/** The places of the document that a person should look at. */
export function Review({ memo }: MemoProps): JSX.Element {
  const items = itemsOf(memo.review);
  return (
    <section>
      <h2>To review</h2>
      {items.length === 0 ? (
        <p>Nothing: the program is sure of every place that it read.</p>
      ) : (
        <>
          <p>The program is not sure of these places. Compare them with the document.</p>
          <Items items={items} numberOf={createNumbering(memo)} />
        </>
      )}
    </section>
  );
}

type NumberOf = (citation: unknown) => number;

function createNumbering(memo: Item): NumberOf {
  const numbers = new Map(citationsOf(memo).map((citation, index) => [citation, index]));
  return (citation) => numbers.get(citation) ?? -1;
}

type ListProps = Readonly<{ items: readonly Item[]; numberOf: NumberOf }>;

function Listed({ heading, ...list }: ListProps & Readonly<{ heading: string }>): JSX.Element {
  if (list.items.length === 0) return "";
  return (
    <>
      <h3 safe>{heading}</h3>
      <Items {...list} />
    </>
  );
}

function Items({ items, numberOf }: ListProps): JSX.Element {
  return (
    <>
      <ul>
        {items.slice(0, MAX_LISTED).map((item) => (
          <Cited item={item} numberOf={numberOf} />
        ))}
      </ul>
      {items.length <= MAX_LISTED ? null : (
        <p safe>{`${items.length - MAX_LISTED} more are in data/artifacts/memo.json.`}</p>
      )}
    </>
  );
}

/** An item of the memo: its text, its reason for a review, its citation. */
function Cited({ item, numberOf }: Readonly<{ item: Item; numberOf: NumberOf }>): JSX.Element {
  const cite = isRecord(item.cite) ? item.cite : {};
  return (
    <li>
      <span dir="auto" safe>
        {textOf(item.text ?? cite.text)}
      </span>
      {item.reason === undefined ? null : (
        <>
          {" "}
          <em safe>{`${reasonInWords(item.reason)}, confidence ${textOf(item.confidence)}`}</em>
        </>
      )}{" "}
      <small>
        <span safe>{`[${numberOf(item.cite)}]`}</span> <span safe>{placeOf(cite)}</span>
      </small>
    </li>
  );
}

/** The words of `src/projection/confidence-reasons.ts` when the report was frozen. */
const REASONS: Readonly<Record<string, string>> = {
  low_marker: "marked [low] by the author",
  replacement_character: "characters were lost in decoding",
  private_use_glyph: "private-use characters",
  charset_fallback: "the charset is a guess",
  control_character: "control characters",
  image_without_text: "a picture without a description",
  raw_markup: "markup is shown as text",
};

function reasonInWords(reason: unknown): string {
  const code = textOf(reason);
  return REASONS[code] ?? code.replaceAll("_", " ");
}

/** Where a quote is in the document: its page, its bytes, its cell or part; else its place in the text of `docir.json`. */
function placeOf({ page, srcBytes, src, span, blockId }: Item): string {
  const places = [
    page === undefined ? null : `page ${textOf(page)}`,
    Array.isArray(srcBytes) ? `bytes ${srcBytes.join("–")}` : null,
    ...(Array.isArray(src) ? src.filter(isRecord).map(anchorInWords) : []),
  ].filter((place) => place !== null);
  const inText = Array.isArray(span) ? `text ${span.join("–")}` : "";
  return [...new Set(places.length === 0 ? [inText] : places), `block ${textOf(blockId)}`]
    .filter((place) => place !== "")
    .join(", ");
}

function anchorInWords({ sheet, ref, part }: Item): string | null {
  if (typeof sheet === "string" && typeof ref === "string") return `${sheet}!${ref}`;
  return typeof part === "string" ? part : null;
}

function itemsOf(value: unknown): readonly Item[] {
  return Array.isArray(value) ? value.filter(isRecord) : [];
}
