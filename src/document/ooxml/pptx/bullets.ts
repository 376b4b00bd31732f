import type { XmlElement, XmlFrame } from "../xml.ts";
import { clampLevel } from "../xml-values.ts";

/** What stands before a paragraph of a slide. */
export type Bullet =
  | { kind: "none" }
  | { kind: "character"; text: string; font: string }
  | { kind: "number"; scheme: string; start: number };

/** By level, from 0; a level without an entry is left to what the text inherits from. */
export type LevelBullets = ReadonlyMap<number, Bullet>;

/** Reads the bullet in a list of paragraph properties such as `a:pPr`. */
export function readBullet(onBullet: (bullet: Bullet) => void): XmlFrame {
  let font = "";
  return {
    open: ({ name, attributes }) => {
      if (name === "a:buFont") font = attributes.typeface ?? "";
      if (name === "a:buNone") onBullet({ kind: "none" });
      if (name === "a:buBlip") onBullet({ kind: "character", text: "•", font: "" });
      if (name === "a:buChar") onBullet({ kind: "character", text: attributes.char ?? "•", font });
      if (name === "a:buAutoNum") {
        const start = Math.max(1, clampLevel(attributes.startAt, 32_767));
        onBullet({ kind: "number", scheme: attributes.type ?? "arabicPeriod", start });
      }
      return null;
    },
  };
}

/** Reads `a:lstStyle` and the text styles of a master: properties by level. */
export function readLevelBullets(bullets: Map<number, Bullet>): XmlFrame {
  return {
    open: ({ name }: XmlElement) => {
      const level = /^a:lvl([1-9])pPr$/.exec(name)?.[1];
      return level === undefined ? null : readBullet((bullet) => bullets.set(Number(level) - 1, bullet));
    },
  };
}
