import { RunFailure } from "../../../failure.ts";
import type { SourceAnchor } from "../../schema.ts";
import type { OoxmlPackage, Relationships } from "../package.ts";
import type { XmlFrame } from "../xml.ts";
import { isOn } from "../xml-values.ts";

export type SheetEntry = Readonly<{
  name: string;
  isHidden: boolean;
  part: string;
  /** Where the workbook lists it. */
  anchor: SourceAnchor;
}>;

export type Workbook = Readonly<{
  /** In the order of their tabs; sheets of charts and dialogs have no cells and are left out. */
  sheets: readonly SheetEntry[];
  is1904: boolean;
}>;

export function readWorkbook(ooxml: OoxmlPackage, part: string, relationships: Relationships): Workbook {
  const sheets: SheetEntry[] = [];
  let is1904 = false;
  let index = 0;
  const readSheets: XmlFrame = {
    open: ({ name, attributes, start }) => {
      if (name !== "x:sheet") return null;
      const related = relationships.get(attributes["r:id"] ?? "");
      const place = index;
      index += 1;
      if (related?.type !== "worksheet" || !ooxml.has(related.target)) return null;
      return {
        close: (end) => {
          sheets.push({
            name: attributes.name ?? "",
            isHidden: (attributes.state ?? "visible") !== "visible",
            part: related.target,
            anchor: { k: "ooxml", part, index: place, span: [start, end] },
          });
        },
      };
    },
  };
  ooxml.readPart(part, ({ name: root }) => {
    if (root !== "x:workbook") throw new RunFailure("FAILED_CORRUPT");
    return {
      open: ({ name, attributes }) => {
        if (name === "x:workbookPr") is1904 = isOn(attributes.date1904 ?? "0");
        return name === "x:sheets" ? readSheets : null;
      },
    };
  });
  return { sheets, is1904 };
}
