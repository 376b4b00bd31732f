import type { SourceAnchor } from "../document/schema.ts";

/**
 * Where a block lies in its source, in words: "page 3", "Costs!B2", "word/document.xml". null for bytes, which the view
 * of the source shows by themselves.
 */
export function sourcePlaceOf(anchors: readonly SourceAnchor[]): string | null {
  const places = new Set(anchors.map(placeInWords).filter((place) => place !== null));
  return places.size === 0 ? null : [...places].join(", ");
}

function placeInWords(anchor: SourceAnchor): string | null {
  switch (anchor.k) {
    case "bytes":
      return null;
    case "pdf":
      return `page ${anchor.page}`;
    case "ooxml":
      return anchor.part;
    case "cell":
      return `${anchor.sheet}!${anchor.ref}${anchor.hidden ? " (hidden)" : ""}`;
  }
}
