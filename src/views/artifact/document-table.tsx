import {
  ROWS_PER_WINDOW,
  type ShownBlock,
  type ShownCell,
  type ShownTable,
} from "../../projection/document-window.ts";
import { cellAt, columnLetters, hasSheets } from "../../projection/sheet-reference.ts";
import { attribute } from "../attribute.ts";
import { Parts, type ShownWindow } from "./parts.tsx";
import { sourceLink } from "./viewer-link.ts";

type DocumentTableProps = Readonly<{
  shown: ShownBlock;
  table: ShownTable;
  /** The position of the block in the document. */
  at: number;
  shownWindow: ShownWindow;
  mediaType: string;
  markId: string | undefined;
}>;

/** A window of a table. A spreadsheet has the letters of its columns and the numbers of its rows. */
export function DocumentTable(props: DocumentTableProps): JSX.Element {
  const { shown, table, at, shownWindow, mediaType, markId } = props;
  const { rows, cols } = table;
  const origin = hasSheets(mediaType) ? cellAt(shown.block.src) : null;
  const marked = [table.head ?? [], ...table.body].flat().find(isMarked);
  const row = (cells: readonly ShownCell[], number: number) => (
    <tr>
      {origin === null ? (
        ""
      ) : (
        <th class="row-number" scope="row" safe>
          {String(origin.row + number + 1)}
        </th>
      )}
      {cells.map((cell) => (
        <CellView
          shown={cell}
          markId={cell === marked ? markId : undefined}
          align={table.align?.[cell.cell.c - cols.from]}
          shownWindow={shownWindow}
        />
      ))}
    </tr>
  );
  return (
    <section class="block-table" aria-label={attribute(shown.source ?? "Table")} tabindex="0">
      {origin === null || shown.source === null ? (
        ""
      ) : (
        <p class="quiet" safe>
          {shown.source}
        </p>
      )}
      <RowPages artifactId={shownWindow.artifactId} at={at} rows={rows} />
      <table class={origin === null ? undefined : "grid"}>
        {origin === null ? "" : <ColumnLetters from={origin.col + cols.from} count={cols.to - cols.from} />}
        <tbody>
          {table.head === null ? "" : row(table.head, 0)}
          {table.body.map((cells, index) => row(cells, rows.from + index))}
        </tbody>
      </table>
      {cols.total > cols.to - cols.from ? (
        <p class="quiet" safe>{`Columns ${cols.from + 1}–${cols.to} of ${cols.total}`}</p>
      ) : (
        ""
      )}
    </section>
  );
}

function isMarked({ parts }: ShownCell): boolean {
  return parts.some(({ kind }) => kind === "mark");
}

function ColumnLetters({ from, count }: Readonly<{ from: number; count: number }>): JSX.Element {
  return (
    <thead>
      <tr>
        <th class="row-number" aria-label="Row"></th>
        {Array.from({ length: count }, (_, index) => (
          <th scope="col" class="column-letters" safe>
            {columnLetters(from + index)}
          </th>
        ))}
      </tr>
    </thead>
  );
}

type CellViewProps = Readonly<{
  shown: ShownCell;
  markId: string | undefined;
  align: string | undefined;
  shownWindow: ShownWindow;
}>;

function CellView({ shown: { cell, parts }, markId, align, shownWindow }: CellViewProps): JSX.Element {
  const anchor = cell.src?.find(({ k }) => k === "cell");
  const formula = anchor?.k === "cell" ? anchor.formula : undefined;
  const attributes = {
    dir: "auto",
    "data-from": String(cell.span[0]),
    ...(align === undefined || align === "none" ? {} : { "data-align": align }),
    ...(cell.rs > 1 ? { rowspan: String(cell.rs) } : {}),
    ...(cell.cs > 1 ? { colspan: String(cell.cs) } : {}),
    ...(formula === undefined ? {} : { title: attribute(`=${formula}`) }),
  } as const;
  const text = <Parts parts={parts} markId={markId} shown={shownWindow} />;
  return cell.header ? (
    <th scope="col" {...attributes}>
      {text as "safe"}
    </th>
  ) : (
    <td {...attributes}>{text as "safe"}</td>
  );
}

type RowPagesProps = Readonly<{ artifactId: string; at: number; rows: ShownTable["rows"] }>;

function RowPages({ artifactId, at, rows }: RowPagesProps): JSX.Element {
  if (rows.total <= ROWS_PER_WINDOW) return "";
  const link = (row: number, label: string) =>
    row >= 0 && row < rows.total ? (
      <a {...sourceLink(`/artifacts/${artifactId}?at=${at}&row=${row}`)} safe>
        {label}
      </a>
    ) : (
      ""
    );
  return (
    <nav class="pages" aria-label="Rows">
      {link(rows.from - ROWS_PER_WINDOW, "Earlier rows") as "safe"}
      <span safe>{`Rows ${rows.from + 1}–${rows.to} of ${rows.total.toLocaleString("en")}`}</span>
      {link(rows.to, "Later rows") as "safe"}
    </nav>
  );
}
