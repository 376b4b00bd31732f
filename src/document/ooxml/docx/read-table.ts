import { passThrough, type XmlElement, type XmlFrame } from "../xml.ts";
import { clampLevel, isOn } from "../xml-values.ts";
import type { ContentCell, ContentRow, ContentTable, PartContext } from "./content.ts";

/** Word allows 63 columns. */
const MAX_COLUMNS = 1_000;

const TRANSPARENT = new Set(["w:sdt", "w:sdtContent", "w:customXml", "w:ins", "w:moveTo"]);

/** Reads `w:tbl`. */
export function readTable(
  context: PartContext,
  start: number,
  onEnd: (table: ContentTable) => void,
): XmlFrame {
  const table: ContentTable = { kind: "table", span: [start, start], rows: [], hasFirstRow: false };
  const frame: XmlFrame = {
    open: ({ name }) => {
      if (TRANSPARENT.has(name)) return passThrough(frame);
      if (name === "w:tblPr") return readTableProperties(table);
      return name === "w:tr" ? readRow(context, table.rows) : null;
    },
    close: (end) => {
      table.span[1] = end;
      onEnd(table);
    },
  };
  return frame;
}

function readTableProperties(table: ContentTable): XmlFrame {
  return {
    open: ({ name, attributes }) => {
      if (name === "w:tblLook") {
        const bits = Number.parseInt(attributes["w:val"] ?? "0", 16);
        table.hasFirstRow = isOn(attributes["w:firstRow"] ?? String(bits & 0x20));
      }
      return null;
    },
  };
}

function readRow(context: PartContext, rows: ContentRow[]): XmlFrame {
  const row: ContentRow = { before: 0, isHeader: false, isDeleted: false, cells: [] };
  rows.push(row);
  const frame: XmlFrame = {
    open: (element) => {
      if (TRANSPARENT.has(element.name)) return passThrough(frame);
      if (element.name === "w:trPr") return readRowProperties(row);
      return element.name === "w:tc" ? readCell(context, element, row.cells) : null;
    },
  };
  return frame;
}

function readRowProperties(row: ContentRow): XmlFrame {
  return {
    open: ({ name, attributes: { "w:val": value } }) => {
      if (name === "w:gridBefore") row.before = clampLevel(value, MAX_COLUMNS);
      if (name === "w:tblHeader") row.isHeader = isOn(value);
      if (name === "w:del") row.isDeleted = true;
      return null;
    },
  };
}

function readCell(context: PartContext, { start }: XmlElement, cells: ContentCell[]): XmlFrame {
  const cell: ContentCell = { span: [start, start], columns: 1, isContinued: false, content: [] };
  cells.push(cell);
  const story = context.readStory(cell.content, (end) => {
    cell.span[1] = end;
  });
  return {
    open: (element) => (element.name === "w:tcPr" ? readCellProperties(cell) : story.open(element)),
    close: (end) => story.close(end),
  };
}

function readCellProperties(cell: ContentCell): XmlFrame {
  return {
    open: ({ name, attributes: { "w:val": value } }) => {
      if (name === "w:gridSpan") cell.columns = Math.max(1, clampLevel(value, MAX_COLUMNS));
      if (name === "w:vMerge") cell.isContinued = value !== "restart";
      return null;
    },
  };
}
