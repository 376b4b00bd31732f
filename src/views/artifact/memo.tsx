import type { Citation, Memo } from "../../document/schema.ts";
import { formatBytes, formatCount } from "../../projection/format.ts";
import { reasonInWords } from "./docir.tsx";

/** More than this of one kind is what the JSON is for. */
const MAX_LISTED = 200;

/** What the document says, in its own words; every line leads to its place in the document and in the source. */
export function MemoView({ memo, runId }: { memo: Memo; runId: string }): JSX.Element {
  const { stats, title } = memo;
  return (
    <div class="memo">
      {title === null ? (
        <p class="quiet">The document has no text to sum up.</p>
      ) : (
        <h4 class="memo-title" dir="auto">
          <Cited text={title.text} cite={title.cite} runId={runId} />
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
        ].join(" · ")}
      </p>
      <Section
        title="In short"
        items={memo.keySentences}
        list={(items) => (
          <ol class="sentences">
            {items.map(({ text, cite }) => (
              <li dir="auto">
                <Cited text={text} cite={cite} runId={runId} />
              </li>
            ))}
          </ol>
        )}
      />
      <Section
        title="To review"
        items={memo.review}
        list={(items) => (
          <ul class="review">
            {items.map(({ reason, confidence, cite }) => (
              <li dir="auto">
                <Cited text={cite.text} cite={cite} runId={runId} />{" "}
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
                <Cited text={text} cite={cite} runId={runId} />
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
                <Cited text={text} cite={cite} runId={runId} />
              </li>
            ))}
          </ol>
        )}
      />
      {memo.duplicates.length === 0 ? (
        ""
      ) : (
        <p class="quiet" safe>{`${formatCount(memo.duplicates.length, "chunk")} repeated.`}</p>
      )}
    </div>
  );
}

function Section<Item>({
  title,
  items,
  list,
}: {
  title: string;
  items: readonly Item[];
  list: (items: readonly Item[]) => JSX.Element;
}): JSX.Element {
  if (items.length === 0) return "";
  const left = items.length - MAX_LISTED;
  return (
    <section class="memo-section">
      <h4 safe>{title}</h4>
      {list(items.slice(0, MAX_LISTED)) as "safe"}
      {left > 0 ? <p class="quiet" safe>{`and ${formatCount(left, "more", "more")}, in the JSON`}</p> : ""}
    </section>
  );
}

/** A line and its evidence: the words lead to the document, `source` to the very bytes that came in. */
function Cited({ text, cite, runId }: { text: string; cite: Citation; runId: string }): JSX.Element {
  const inDocument = `/artifacts/${runId}:docir?span=${cite.span[0]}-${cite.span[1]}`;
  const inSource =
    cite.srcBytes === undefined
      ? null
      : `/artifacts/${runId}:raw?bytes=${cite.srcBytes[0]}-${cite.srcBytes[1]}`;
  return (
    <>
      <a
        class="cite"
        id={cite.id}
        href={`${inDocument}#cited`}
        hx-get={`${inDocument}#cited`}
        hx-target="#artifact-view"
        hx-swap="outerHTML"
        hx-push-url="true"
        data-quote-sha={cite.quoteSha}
        title="Show it in the document"
        safe
      >
        {text}
      </a>
      {inSource === null ? (
        ""
      ) : (
        <a
          class="cite-source"
          id={`${cite.id}-source`}
          href={`${inSource}#cited`}
          hx-get={`${inSource}#cited`}
          hx-target="#artifact-view"
          hx-swap="outerHTML"
          hx-push-url="true"
          title="Show it in the source, as it came"
        >
          source
        </a>
      )}
    </>
  );
}
