import { REVIEW_BELOW } from "../../document/confidence.ts";
import type { Block, DocIR } from "../../document/schema.ts";
import { reasonInWords, warningsInWords } from "../../projection/confidence-reasons.ts";
import { formatCount } from "../../projection/format.ts";
import {
  type ShownBlock,
  type ShownCell,
  type ShownTable,
  shownBlocksOf,
} from "../../projection/shown-blocks.ts";
import { windowOf } from "../../projection/step-window.ts";
import { overlaps } from "../../projection/text-parts.ts";
import type { Place } from "../model.ts";
import { Pages } from "./pages.tsx";
import { Parts } from "./parts.tsx";

const BLOCKS_PER_PAGE = 300;

type DocIRViewProps = Readonly<{ docir: DocIR; artifactId: string; place: Place }>;

/** The parsed document: its blocks in order. A block with low confidence shows the reasons. */
export function DocIRView({ docir, artifactId, place }: DocIRViewProps): JSX.Element {
  const { blocks, source } = docir;
  const cited = blocks.findIndex(({ span }) => overlaps(span, place.span));
  const wanted = place.at ?? (cited === -1 ? 0 : cited);
  const window = windowOf(blocks.length, wanted, BLOCKS_PER_PAGE);
  const doubtful = blocks.filter(isDoubtful).length;
  const firstMarked = blocks[cited]?.id;
  return (
    <>
      <p class="summary" safe>
        {[
          formatCount(blocks.length, "block"),
          doubtful === 0 ? "no doubts" : `${formatCount(doubtful, "block")} with low confidence`,
          `${source.charset} ${CHARSET_SOURCES[source.charsetBy]}`.trim(),
          ...warningsInWords(docir.warnings),
        ].join(" · ")}
      </p>
      <Pages
        artifactId={artifactId}
        total={blocks.length}
        from={window.from}
        size={BLOCKS_PER_PAGE}
        noun="block"
      />
      <div class="document">
        {shownBlocksOf(docir, blocks.slice(window.from, window.to), place.span).map((shown) => (
          <BlockView shown={shown} markId={shown.block.id === firstMarked ? "cited" : undefined} />
        ))}
      </div>
    </>
  );
}

/** How the charset was found. */
const CHARSET_SOURCES: Readonly<Record<DocIR["source"]["charsetBy"], string>> = {
  bom: "(byte order mark)",
  utf8: "(detected)",
  declared: "(declared)",
  fallback: "(guessed)",
  none: "",
};

/** What a block is that is not part of what the document says. */
const ROLES: Readonly<Record<NonNullable<Block["role"]>, string>> = {
  boilerplate: "not part of the content",
  hidden: "not shown by the document",
};

function isDoubtful({ type, confidence }: Block): boolean {
  return confidence < REVIEW_BELOW && type !== "separator";
}

/** `markId`: element id of the highlight when it starts in this block. */
type BlockProps = Readonly<{ shown: ShownBlock; markId: string | undefined }>;

function BlockView({ shown, markId }: BlockProps): JSX.Element {
  const { block } = shown;
  return (
    <div
      class="block"
      id={block.id}
      data-type={block.type}
      data-marker={block.marker}
      data-role={block.role}
      data-level={block.level === undefined ? undefined : String(Math.min(block.level, 6))}
      data-doubt={isDoubtful(block) ? "true" : undefined}
    >
      <BlockBody shown={shown} markId={markId} />
      {block.role === undefined ? "" : <p class="quiet">{ROLES[block.role] as "safe"}</p>}
      {shown.source === null ? (
        ""
      ) : (
        <p class="quiet" safe>
          {shown.source}
        </p>
      )}
      {isDoubtful(block) ? (
        <p class="doubt">
          <span class="mark" data-tone="warn" safe>
            {`${Math.round(block.confidence * 100)} %`}
          </span>{" "}
          <span safe>{block.reasons.map(reasonInWords).join(", ")}</span>
        </p>
      ) : (
        ""
      )}
    </div>
  );
}

/** The headings of the document start at h4, below the headings of the page. */
function BlockBody({ shown, markId }: BlockProps): JSX.Element {
  const { block, parts, table } = shown;
  if (table !== null) return <TableView table={table} markId={markId} />;
  const text = <Parts parts={parts} markId={markId} />;
  switch (block.type) {
    case "title":
    case "heading":
      return <Heading level={block.level ?? 1} text={text} />;
    case "code":
      return (
        <pre class="block-text" dir="auto">
          <code>{text as "safe"}</code>
        </pre>
      );
    case "separator":
      return <hr />;
    default:
      return (
        <p class="block-text" dir="auto">
          {text as "safe"}
        </p>
      );
  }
}

function Heading({ level, text }: Readonly<{ level: number; text: JSX.Element }>): JSX.Element {
  if (level === 1) {
    return (
      <h4 class="block-text" dir="auto">
        {text as "safe"}
      </h4>
    );
  }
  return level === 2 ? (
    <h5 class="block-text" dir="auto">
      {text as "safe"}
    </h5>
  ) : (
    <h6 class="block-text" dir="auto">
      {text as "safe"}
    </h6>
  );
}

type TableViewProps = Readonly<{ table: ShownTable; markId: string | undefined }>;

function TableView({ table, markId }: TableViewProps): JSX.Element {
  const cited = table.rows.flat().find(({ parts }) => parts.some(({ kind }) => kind === "mark"));
  return (
    <section class="block-table" aria-label="Table">
      <OmittedRows count={table.before} which="earlier" />
      <table>
        <tbody>
          {table.rows.map((cells) => (
            <tr>
              {cells.map((shown) => (
                <CellView shown={shown} markId={shown === cited ? markId : undefined} />
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      <OmittedRows count={table.after} which="more" />
    </section>
  );
}

type CellViewProps = Readonly<{ shown: ShownCell; markId: string | undefined }>;

function CellView({ shown: { cell, parts }, markId }: CellViewProps): JSX.Element {
  const spans = {
    ...(cell.rs > 1 ? { rowspan: String(cell.rs) } : {}),
    ...(cell.cs > 1 ? { colspan: String(cell.cs) } : {}),
  };
  const text = <Parts parts={parts} markId={markId} />;
  return cell.header ? (
    <th dir="auto" scope="col" {...spans}>
      {text as "safe"}
    </th>
  ) : (
    <td dir="auto" {...spans}>
      {text as "safe"}
    </td>
  );
}

function OmittedRows({ count, which }: Readonly<{ count: number; which: "earlier" | "more" }>): JSX.Element {
  if (count === 0) return "";
  return <p class="quiet" safe>{`${formatCount(count, `${which} row`)} in the JSON`}</p>;
}
