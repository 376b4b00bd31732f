import type { OoxmlPackage } from "../package.ts";
import { collectText, type XmlFrame } from "../xml.ts";

/** Reads a string item: plain, or in runs of several formats. How it is pronounced (`x:rPh`) is left out. */
export function readString(onEnd: (text: string) => void): XmlFrame {
  let whole = "";
  const inside: XmlFrame = {
    open: ({ name }) => {
      if (name === "x:t") {
        return collectText((text) => {
          whole += text;
        });
      }
      return name === "x:r" || name === "x:text" ? { open: (child) => inside.open?.(child) ?? null } : null;
    },
  };
  return { ...inside, close: () => onEnd(decodeEscapes(whole)) };
}

/** The shared strings of a workbook by index. */
export function readSharedStrings(ooxml: OoxmlPackage, part: string | undefined): readonly string[] {
  const strings: string[] = [];
  if (part === undefined) return strings;
  ooxml.readPart(part, () => ({
    open: ({ name }) => (name === "x:si" ? readString((text) => strings.push(text)) : null),
  }));
  return strings;
}

/** Characters that XML cannot hold are written as "_x000D_" (ST_Xstring), and such a text itself with "_x005F_". */
export function decodeEscapes(text: string): string {
  if (!text.includes("_x")) return text;
  return text
    .replace(/_x([0-9A-Fa-f]{4})_/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)))
    .toWellFormed();
}
