import type { XmlFrame } from "../xml.ts";
import { isOn } from "../xml-values.ts";
import type { Section } from "./content.ts";

/** Reads `w:sectPr` as far as headers and footers go. */
export function readSection(onEnd: (section: Section) => void): XmlFrame {
  const section: Section = { references: [], hasFirstPage: false };
  return {
    open: ({ name, attributes }) => {
      if (name === "w:headerReference" || name === "w:footerReference") {
        section.references.push({
          kind: name === "w:headerReference" ? "header" : "footer",
          type: attributes["w:type"] ?? "default",
          id: attributes["r:id"] ?? "",
        });
      }
      if (name === "w:titlePg") section.hasFirstPage = isOn(attributes["w:val"]);
      return null;
    },
    close: () => onEnd(section),
  };
}
