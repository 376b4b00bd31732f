import { type LinkedText, trimText } from "../drafts.ts";
import { InlineText } from "../inline-text.ts";
import { readMath } from "../math.ts";
import { passThrough, type XmlElement, type XmlFrame } from "../xml.ts";
import { clampLevel } from "../xml-values.ts";
import { type Bullet, readBullet, readLevelBullets } from "./bullets.ts";

export type SlideParagraph = Readonly<{
  content: LinkedText;
  /** From 0. */
  level: number;
  /** undefined where it is inherited. */
  bullet: Bullet | undefined;
  /** In the decoded part. */
  span: [number, number];
  /** Nothing but an equation. */
  isFormula: boolean;
}>;

/** The address that a relationship leads to, or the name of a part. */
export type TargetOf = (relationshipId: string | undefined) => string;

/** Reads `p:txBody` or `a:txBody`: its paragraphs that are not blank, and the bullets that its list style sets. */
export function readTextBody(
  paragraphs: SlideParagraph[],
  bullets: Map<number, Bullet>,
  targetOf: TargetOf,
): XmlFrame {
  return {
    open: (element) => {
      if (element.name === "a:lstStyle") return readLevelBullets(bullets);
      return element.name === "a:p" ? readParagraph(element, targetOf, paragraphs) : null;
    },
  };
}

function readParagraph({ start }: XmlElement, targetOf: TargetOf, paragraphs: SlideParagraph[]): XmlFrame {
  const text = new InlineText();
  let level = 0;
  let bullet: Bullet | undefined;
  let hasMath = false;
  let hasWords = false;
  const addWords = (words: string) => {
    hasWords ||= words.trim() !== "";
    text.append(words);
  };
  const addMath = (math: string) => {
    hasMath = true;
    text.append(math);
  };
  const inside: XmlFrame = {
    open: ({ name, attributes }) => {
      switch (name) {
        case "a:pPr":
          level = clampLevel(attributes.lvl, 8);
          return readBullet((found) => {
            bullet = found;
          });
        case "a:r":
        case "a:fld":
          return readRun(text, addWords, targetOf);
        case "a:br":
          text.append("\n");
          return null;
        case "a14:m":
        case "m:oMathPara":
          return passThrough(inside);
        case "m:oMath":
          return readMath(addMath);
        default:
          return null;
      }
    },
  };
  return {
    ...inside,
    close: (end) => {
      const content = trimText(text.finish());
      if (content.text === "") return;
      paragraphs.push({ content, level, bullet, span: [start, end], isFormula: hasMath && !hasWords });
    },
  };
}

function readRun(text: InlineText, addWords: (words: string) => void, targetOf: TargetOf): XmlFrame {
  let isLink = false;
  const readProperties: XmlFrame = {
    open: ({ name, attributes }) => {
      const target = name === "a:hlinkClick" ? targetOf(attributes["r:id"]) : "";
      if (target !== "" && !isLink) {
        isLink = true;
        text.openLink(target);
      }
      return null;
    },
  };
  return {
    open: ({ name }) => {
      if (name === "a:rPr") return readProperties;
      return name === "a:t" ? { text: addWords } : null;
    },
    close: () => {
      if (isLink) text.closeLink();
    },
  };
}
