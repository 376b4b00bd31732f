import type { Bullet } from "./bullets.ts";
import type { Placeholder, Shape, SlidePart } from "./read-shapes.ts";

const TITLES = new Set(["title", "ctrTitle"]);

export function isTitle(placeholder: Placeholder | null): boolean {
  return placeholder !== null && TITLES.has(placeholder.type);
}

/**
 * The bullet of a paragraph at a level that sets none itself: of the shape, else of the placeholder that it fills in the
 * layout, else of that in the master, else of the master's text styles. Text outside of placeholders inherits none.
 */
export function findInheritedBullet(
  shape: Shape,
  level: number,
  layout: SlidePart | undefined,
  master: SlidePart | undefined,
): Bullet {
  const { placeholder } = shape;
  if (!placeholder) return shape.bullets.get(level) ?? { kind: "none" };
  const inLayout =
    layout?.shapes.find(
      (other) => other.placeholder?.index === placeholder.index && isSameKind(other, placeholder),
    ) ?? layout?.shapes.find((other) => other.placeholder?.type === placeholder.type);
  const inMaster = master?.shapes.find((other) => isSameKind(other, inLayout?.placeholder ?? placeholder));
  const found = [shape, inLayout, inMaster]
    .map((from) => from?.bullets.get(level))
    .find((bullet) => bullet !== undefined);
  const type = inLayout?.placeholder?.type ?? placeholder.type;
  return found ?? master?.styles.get(styleOf(type))?.get(level) ?? { kind: "none" };
}

/** A slide names only the index of a placeholder whose layout knows its type. */
function isSameKind({ placeholder }: Shape, wanted: Placeholder): boolean {
  if (!placeholder) return false;
  return kindOf(placeholder.type) === kindOf(wanted.type) || wanted.type === "obj";
}

/** Masters have one place each for titles and for all kinds of content. */
function kindOf(type: string): string {
  if (TITLES.has(type)) return "title";
  return OWN_KINDS.has(type) ? type : "body";
}

const OWN_KINDS = new Set(["dt", "ftr", "sldNum", "hdr"]);

function styleOf(type: string): string {
  const kind = kindOf(type);
  return kind === "title" || kind === "body" ? kind : "other";
}
