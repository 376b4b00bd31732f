import type { Citation, Memo } from "../../document/schema.ts";
import { reasonInWords, warningsInWords } from "../../projection/confidence-reasons.ts";
import { formatBytes, formatCount } from "../../projection/format.ts";
import type { Place } from "../model.ts";
import { sourceLink, viewerLink } from "./viewer-link.ts";

/** A section shows this many items at most; the JSON has all of them. */
const MAX_LISTED = 200;

type MemoViewProps = Readonly<{
  memo: Memo;
  runId: string;
  /** What the page shows of the document: the citation of it is the current one. */
  cited: Place;
  /** Whether the document is shown beside the memo: then a citation replaces only the document. */
  isBeside: boolean;
}>;

/** What every citation of a memo has in common. */
type MemoLinks = Pick<MemoViewProps, "runId" | "cited" | "isBeside">;

/** The memo: sentences, figures and headings quoted from the document. Each quote links to its place there and in `raw`. */
export function MemoView({ memo, ...links }: MemoViewProps): JSX.Element {
  const { stats, title } = memo;
  return (
    <div class="memo">
      {title === null ? (
        <p class="quiet">The document has no text.</p>
      ) : (
        <h4 class="memo-title" dir="auto">
          <Cited text={title.text} cite={title.cite} links={links} />
        </h4>
      )}
      <p class="summary" safe>
        {[
          formatBytes(stats.bytes),
          formatCount(stats.words, "word"),
          formatCount(stats.blocks, "block"),
          formatCount(stats.chunks, "chunk"),
          formatCount(stats.tokens, "token"),
          ...(stats.pages === undefined ? [] : [formatCount(stats.pages, "page")]),
          ...warningsInWords(memo.warnings ?? []),
        ].join(" · ")}
      </p>
      <Section
        title="Key sentences"
        items={memo.keySentences}
        list={(items) => (
          <ol class="sentences">
            {items.map(({ text, cite }) => (
              <li dir="auto">
                <Cited text={text} cite={cite} links={links} />
              </li>
            ))}
          </ol>
        )}
      />
      <Section
        title="Message"
        items={memo.message ?? []}
        list={(items) => <NamedItems items={items} links={links} />}
      />
      <Section
        title="Fields"
        items={memo.fields ?? []}
        list={(items) => <NamedItems items={items} links={links} />}
      />
      <Section
        title="Columns"
        items={memo.columns ?? []}
        list={(items) => (
          <ul class="figures">
            {items.map(({ text, holds, filled, cite }) => (
              <li>
                <span class="figure-kind" safe>{`${formatCount(filled, COLUMN_CONTENT[holds])}`}</span>{" "}
                <Cited text={text} cite={cite} links={links} />
              </li>
            ))}
          </ul>
        )}
      />
      <Section
        title="Totals"
        items={memo.totals ?? []}
        list={(items) => (
          <ul class="review">
            {items.map(({ text, cite }) => (
              <li dir="auto">
                <Cited text={text} cite={cite} links={links} />
              </li>
            ))}
          </ul>
        )}
      />
      <Section
        title="To review"
        items={memo.review}
        list={(items) => (
          <ul class="review">
            {items.map(({ reason, confidence, cite }) => (
              <li dir="auto">
                <Cited text={cite.text} cite={cite} links={links} />{" "}
                <span class="mark" data-tone="warn" safe>
                  {`${Math.round(confidence * 100)} % · ${reasonInWords(reason)}`}
                </span>
              </li>
            ))}
          </ul>
        )}
      />
      <Section
        title="Figures"
        items={memo.figures}
        list={(items) => (
          <ul class="figures">
            {items.map(({ kind, text, cite }) => (
              <li>
                <span class="figure-kind">{kind as "safe"}</span>{" "}
                <Cited text={text} cite={cite} links={links} />
              </li>
            ))}
          </ul>
        )}
      />
      <Section
        title="Outline"
        items={memo.outline}
        list={(items) => (
          <ol class="outline">
            {items.map(({ level, text, cite }) => (
              <li data-level={String(Math.min(level, 6))} dir="auto">
                <Cited text={text} cite={cite} links={links} />
              </li>
            ))}
          </ol>
        )}
      />
      {memo.duplicates.length === 0 ? (
        ""
      ) : (
        <p
          class="quiet"
          safe
        >{`${formatCount(memo.duplicates.length, "chunk")} repeated in the document.`}</p>
      )}
      <p class="print-only" safe>{`Document ${memo.docirSha} · chunks ${memo.chunkIndexSha}`}</p>
    </div>
  );
}

type SectionProps<Item> = Readonly<{
  title: string;
  items: readonly Item[];
  list: (items: readonly Item[]) => JSX.Element;
}>;

function Section<Item>({ title, items, list }: SectionProps<Item>): JSX.Element {
  if (items.length === 0) return "";
  const hidden = items.length - MAX_LISTED;
  return (
    <section class="memo-section">
      <h4 safe>{title}</h4>
      {list(items.slice(0, MAX_LISTED)) as "safe"}
      {hidden > 0 ? <p class="quiet" safe>{`${formatCount(hidden, "more", "more")} in the JSON`}</p> : ""}
    </section>
  );
}

/** What the cells of a column are called when they are counted. */
const COLUMN_CONTENT = { date: "date", money: "amount", number: "number", text: "text" } as const;

type NamedItem = Readonly<{ name: string; text: string; cite: Citation }>;

type NamedItemsProps = Readonly<{ items: readonly NamedItem[]; links: MemoLinks }>;

function NamedItems({ items, links }: NamedItemsProps): JSX.Element {
  return (
    <ul class="figures">
      {items.map(({ name, text, cite }) => (
        <li dir="auto">
          <span class="figure-kind" safe>
            {name}
          </span>{" "}
          <Cited text={text} cite={cite} links={links} />
        </li>
      ))}
    </ul>
  );
}

type CitedProps = Readonly<{ text: string; cite: Citation; links: MemoLinks }>;

/** A quote as a link to its place in the document, with a second link to the bytes of the received file. */
function Cited({ text, cite, links: { runId, cited, isBeside } }: CitedProps): JSX.Element {
  const span = cite.span.join("-");
  const bytes = (cite.srcBytes ?? cite.src?.find((anchor) => anchor.k === "bytes")?.span)?.join("-");
  const openLink = isBeside ? sourceLink : viewerLink;
  return (
    <>
      <a
        class="cite"
        id={cite.id}
        {...openLink(`/artifacts/${runId}:docir?span=${span}#cited`)}
        data-span={span}
        data-quote-sha={cite.quoteSha}
        aria-current={cited.span?.join("-") === span ? "true" : undefined}
        title="Show in the document"
      >
        <bdi safe>{text}</bdi>
      </a>
      {bytes === undefined ? (
        ""
      ) : (
        <a
          class="cite-source"
          id={`${cite.id}-source`}
          {...openLink(`/artifacts/${runId}:raw?bytes=${bytes}#cited`)}
          title="Show in the received file"
        >
          source
        </a>
      )}
      <a
        class="cite-lineage"
        id={`${cite.id}-lineage`}
        {...viewerLink(`/runs/${runId}/citations/${cite.id}`)}
        title="Show chunk, block, bytes, steps and hashes"
      >
        lineage
      </a>
    </>
  );
}
