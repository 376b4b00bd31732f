import { REVIEW_BELOW } from "../document/confidence.ts";
import type { Block, DocIR, Table } from "../document/schema.ts";
import { formatCount } from "../projection/format.ts";
import type { Span } from "../projection/raw-lines.ts";
import { overlaps, partsOf } from "../projection/segments.ts";
import { windowOf } from "../projection/step-window.ts";
import type { Place } from "./model.ts";
import { Pages, Parts } from "./view-raw.tsx";

const BLOCKS_PER_PAGE = 300;

/** A longer block is data: the JSON has it whole. */
const MAX_BLOCK_UNITS = 12_000;

type Shown = Readonly<{ text: string; mark: Span | null; firstMarked: string | undefined }>;

/** The document as it was understood: its blocks in order, with every doubt beside the block it is about. */
export function DocIRView({
  docir,
  artifactId,
  place,
}: {
  docir: DocIR;
  artifactId: string;
  place: Place;
}): JSX.Element {
  const { blocks, text, source } = docir;
  const cited = blocks.findIndex(({ span }) => overlaps(span, place.span));
  const wanted = place.at ?? (cited === -1 ? 0 : cited);
  const window = windowOf(blocks.length, wanted, BLOCKS_PER_PAGE);
  const doubtful = blocks.filter(isDoubtful).length;
  const shown: Shown = { text, mark: place.span, firstMarked: blocks[cited]?.id };
  return (
    <>
      <p class="summary" safe>
        {[
          formatCount(blocks.length, "block"),
          doubtful === 0 ? "none in doubt" : `${formatCount(doubtful, "block")} in doubt`,
          `${source.charset} (${source.charsetBy})`,
          ...docir.warnings.map(({ code }) => code),
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
        {blocks.slice(window.from, window.to).map((block) => (
          <BlockView block={block} shown={shown} />
        ))}
      </div>
    </>
  );
}

export function isDoubtful({ type, confidence }: Block): boolean {
  return confidence < REVIEW_BELOW && type !== "separator";
}

function BlockView({ block, shown }: { block: Block; shown: Shown }): JSX.Element {
  return (
    <div
      class="block"
      id={block.id}
      data-type={block.type}
      data-level={block.level === undefined ? undefined : String(Math.min(block.level, 6))}
      data-doubt={isDoubtful(block) ? "true" : undefined}
    >
      <BlockBody block={block} shown={shown} />
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

/** Headings of a document are none of this page's: they stand below the viewer's own. */
function BlockBody({ block, shown }: { block: Block; shown: Shown }): JSX.Element {
  const text = <Marked span={block.span} block={block} shown={shown} />;
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
    case "table":
      return block.table === undefined ? (
        <PlainBlock block={block} shown={shown} />
      ) : (
        <TableView table={block.table} block={block} shown={shown} />
      );
    case "separator":
      return <hr />;
    default:
      return <PlainBlock block={block} shown={shown} />;
  }
}

function Heading({ level, text }: { level: number; text: JSX.Element }): JSX.Element {
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

function PlainBlock({ block, shown }: { block: Block; shown: Shown }): JSX.Element {
  return (
    <p class="block-text" dir="auto">
      <Marked span={block.span} block={block} shown={shown} />
    </p>
  );
}

function TableView({ table, block, shown }: { table: Table; block: Block; shown: Shown }): JSX.Element {
  const rows = Array.from({ length: table.rows }, (_, row) => table.cells.filter(({ r }) => r === row));
  return (
    <section class="block-table" aria-label="Table">
      <table>
        <tbody>
          {rows.map((cells) => (
            <tr>
              {cells.map((cell) => {
                const spanning = {
                  ...(cell.rs > 1 ? { rowspan: String(cell.rs) } : {}),
                  ...(cell.cs > 1 ? { colspan: String(cell.cs) } : {}),
                };
                const text = <Marked span={cell.span} block={block} shown={shown} />;
                return cell.header ? (
                  <th dir="auto" scope="col" {...spanning}>
                    {text as "safe"}
                  </th>
                ) : (
                  <td dir="auto" {...spanning}>
                    {text as "safe"}
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function Marked({ span, block, shown }: { span: Span; block: Block; shown: Shown }): JSX.Element {
  const parts = partsOf(shown.text, span, shown.mark, MAX_BLOCK_UNITS);
  return <Parts parts={parts} markId={block.id === shown.firstMarked ? "cited" : undefined} />;
}

const REASONS: Readonly<Record<string, string>> = {
  low_marker: "marked [low] by its writer",
  replacement_character: "characters were lost in decoding",
  private_use_glyph: "private-use characters",
  charset_fallback: "the charset was guessed",
  control_character: "control characters",
  raw_markup: "markup shown as it stands",
};

export function reasonInWords(reason: string): string {
  return REASONS[reason] ?? reason.replaceAll("_", " ");
}
