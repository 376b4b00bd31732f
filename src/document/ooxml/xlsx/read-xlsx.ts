import { libs } from "../../libs.ts";
import { NO_CHARSET, type ParsedDocument, type Reader } from "../../reader.ts";
import { type Draft, placeDrafts } from "../drafts.ts";
import { findRelated, OoxmlPackage, type Relationships } from "../package.ts";
import type { XmlFrame } from "../xml.ts";
import { CellFormats } from "./cell-formats.ts";
import { createCellCounter, readSheet, type Sheet, type SheetContext } from "./read-sheet.ts";
import { createPlaceCounter, createSheetBlocks, type SheetBlocks } from "./sheet-blocks.ts";
import { readSharedStrings, readString } from "./strings.ts";
import { readWorkbook, type SheetEntry } from "./workbook.ts";

/** Excel workbooks (SpreadsheetML, ECMA-376 and ISO 29500 strict). */
export const xlsxReader: Reader = {
  recipe: { name: "jejakekal.xlsx", version: "1", params: {}, libs: libs("fflate", "iconv-lite", "saxes") },
  read: ({ bytes }) => readXlsx(new OoxmlPackage(bytes)),
};

function readXlsx(ooxml: OoxmlPackage): ParsedDocument {
  const main = ooxml.mainPart();
  const relationships = ooxml.relationshipsOf(main);
  const { sheets, is1904 } = readWorkbook(ooxml, main, relationships);
  const context: SheetContext = {
    strings: readSharedStrings(ooxml, findRelated(ooxml, relationships, "sharedStrings")),
    formats: new CellFormats(ooxml, findRelated(ooxml, relationships, "styles"), is1904),
    countCell: createCellCounter(),
  };
  const countPlaces = createPlaceCounter();
  const drafts = sheets.flatMap((entry) => {
    const sheet = readSheet(ooxml, entry.part, context);
    const related = ooxml.relationshipsOf(entry.part);
    const comments = findRelated(ooxml, related, "comments");
    const isSearched = comments !== undefined;
    const targetOf = createLinkFinder(sheet, related);
    const blocks = createSheetBlocks(entry, sheet, targetOf, { countPlaces, isSearched });
    return [...blocks.drafts, ...readComments(ooxml, entry, comments, blocks)];
  });
  return { source: NO_CHARSET, ...placeDrafts(drafts, []) };
}

/** Where each cell links to, "" for most. */
function createLinkFinder(
  { links }: Sheet,
  relationships: Relationships,
): (cell: { row: number; column: number }) => string {
  const targets = new Map<string, string>();
  for (const { range, id, location } of links) {
    const target =
      (relationships.get(id ?? "")?.target ?? "") + (location === undefined ? "" : `#${location}`);
    targets.set(`${range.row} ${range.column}`, target);
  }
  return ({ row, column }) => (targets.size === 0 ? "" : (targets.get(`${row} ${column}`) ?? ""));
}

/** The comments of a sheet, each with the block that holds its cell as parent. */
function readComments(
  ooxml: OoxmlPackage,
  { isHidden }: SheetEntry,
  part: string | undefined,
  { findDraft }: SheetBlocks,
): Draft[] {
  const drafts: Draft[] = [];
  if (part === undefined) return drafts;
  const readComment = (reference: string, start: number): XmlFrame => {
    let text = "";
    const string = readString((whole) => {
      text = whole.trim();
    });
    return {
      open: (element) => string.open?.(element) ?? null,
      close: (end) => {
        string.close?.(end);
        if (text === "") return;
        drafts.push({
          type: "comment",
          ...(isHidden ? { role: "hidden" } : {}),
          text,
          src: [{ k: "ooxml", part, index: drafts.length, span: [start, end] }],
          reasons: [],
          parent: findDraft(reference),
        });
      },
    };
  };
  const readList: XmlFrame = {
    open: ({ name, attributes, start }) =>
      name === "x:comment" ? readComment(attributes.ref ?? "", start) : null,
  };
  ooxml.readPart(part, () => ({ open: ({ name }) => (name === "x:commentList" ? readList : null) }));
  return drafts;
}
