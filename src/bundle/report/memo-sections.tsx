import { isRecord } from "../../domain/serialized.ts";
import { textOf } from "./facts.tsx";
import { firstNumberOf, type MemoItem, type ReportMemo } from "./report-memo.ts";
import { reasonInWords } from "./words.ts";

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

type MemoProps = Readonly<{ memo: ReportMemo }>;

export function Memo({ memo }: MemoProps): JSX.Element {
  const { title } = memo;
  return (
    <section>
      <h2>Memo</h2>
      <p>
        Every sentence and figure below is quoted from the document; no language model wrote any of it. The
        number in brackets is that of its citation in <code>citations.json</code>, counted from 0. After it
        stands where the quote is: its page, bytes or cell in the document, and its block in{" "}
        <code>data/artifacts/docir.json</code>.
      </p>
      {title === null ? (
        <p>The document has no text.</p>
      ) : (
        <ul class="title">
          <Cited item={title} number={0} />
        </ul>
      )}
      {LISTS.map(([key, heading]) => (
        <Listed heading={heading} memo={memo} list={key} />
      ))}
    </section>
  );
}

/** The places of the document that a person should look at. */
export function Review({ memo }: MemoProps): JSX.Element {
  return (
    <section>
      <h2>To review</h2>
      {(memo.lists.get("review")?.count ?? 0) === 0 ? (
        <p>Nothing: the program did not mark any passage as doubtful.</p>
      ) : (
        <>
          <p>
            The program does not rely on these passages. Compare them with the document. The reason and the
            confidence, from 0 to 1, stand after each. If people have decided about a passage,{" "}
            <code>reviews.json</code> has the decision.
          </p>
          <Items memo={memo} list="review" />
        </>
      )}
    </section>
  );
}

type ListProps = MemoProps & Readonly<{ list: string }>;

function Listed({ heading, ...list }: ListProps & Readonly<{ heading: string }>): JSX.Element {
  if ((list.memo.lists.get(list.list)?.count ?? 0) === 0) return "";
  return (
    <>
      <h3 safe>{heading}</h3>
      <Items {...list} />
    </>
  );
}

function Items({ memo, list }: ListProps): JSX.Element {
  const { items = [], count = 0 } = memo.lists.get(list) ?? {};
  const firstNumber = firstNumberOf(memo, list);
  return (
    <>
      <ul>
        {items.map((item, index) => (
          <Cited item={item} number={firstNumber + index} />
        ))}
      </ul>
      {count <= items.length ? null : (
        <p safe>{`${count - items.length} more are in data/artifacts/memo.json.`}</p>
      )}
    </>
  );
}

/** An item of the memo: its text, its reason for a review, its citation. */
function Cited({ item, number }: Readonly<{ item: MemoItem; number: number }>): JSX.Element {
  const cite = isRecord(item.cite) ? item.cite : {};
  return (
    <li>
      <span dir="auto" safe>
        {textOf(item.text ?? cite.text)}
      </span>
      {item.reason === undefined ? null : (
        <>
          {" "}
          <em safe>{`${reasonInWords(textOf(item.reason))}, confidence ${textOf(item.confidence)}`}</em>
        </>
      )}{" "}
      <small>
        <span safe>{`[${number}]`}</span> <span safe>{placeOf(cite)}</span>
      </small>
    </li>
  );
}

/** Where a quote is in the document: its page, its bytes, its cell or part; else its place in the text of `docir.json`. */
function placeOf({ page, srcBytes, src, span, blockId }: MemoItem): string {
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

function anchorInWords({ sheet, ref, part }: MemoItem): string | null {
  if (typeof sheet === "string" && typeof ref === "string") return `${sheet}!${ref}`;
  return typeof part === "string" ? part : null;
}
