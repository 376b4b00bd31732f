import { type LinkedText, trimText } from "../drafts.ts";
import { InlineText, type MarkBudget, type MarkKind } from "../inline-text.ts";
import { readMath } from "../math.ts";
import { passThrough, type XmlElement, type XmlFrame } from "../xml.ts";
import { clampLevel, isOn } from "../xml-values.ts";
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

/** What the text of a part needs from outside of it. */
export type TextContext = Readonly<{
  /** The address that a relationship leads to, or the name of a part. */
  targetOf: (relationshipId: string | undefined) => string;
  /** null where the recipe has no marks. */
  marks: MarkBudget | null;
}>;

/** Reads `p:txBody` or `a:txBody`: its paragraphs that are not blank, and the bullets that its list style sets. */
export function readTextBody(
  paragraphs: SlideParagraph[],
  bullets: Map<number, Bullet>,
  context: TextContext,
): XmlFrame {
  return {
    open: (element) => {
      if (element.name === "a:lstStyle") return readLevelBullets(bullets);
      return element.name === "a:p" ? readParagraph(element, context, paragraphs) : null;
    },
  };
}

function readParagraph({ start }: XmlElement, context: TextContext, paragraphs: SlideParagraph[]): XmlFrame {
  const text = new InlineText(context.marks);
  let level = 0;
  let bullet: Bullet | undefined;
  let hasMath = false;
  let hasWords = false;
  const addWords = (words: string, kinds: readonly MarkKind[]) => {
    hasWords ||= words.trim() !== "";
    text.append(words, kinds);
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
          return readRun(text, addWords, context);
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

type AddWords = (words: string, kinds: readonly MarkKind[]) => void;

function readRun(text: InlineText, addWords: AddWords, { targetOf }: TextContext): XmlFrame {
  let isLink = false;
  let kinds: readonly MarkKind[] = [];
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
    open: ({ name, attributes }) => {
      if (name === "a:rPr") {
        kinds = kindsOf(attributes);
        return readProperties;
      }
      return name === "a:t" ? { text: (words) => addWords(words, kinds) } : null;
    },
    close: () => {
      if (isLink) text.closeLink();
    },
  };
}

/** What a run says of its own words; what is inherited holds for the whole shape. */
function kindsOf({ b, i, strike = "noStrike" }: XmlElement["attributes"]): readonly MarkKind[] {
  const kinds: MarkKind[] = [];
  if (isOn(b ?? "0")) kinds.push("strong");
  if (isOn(i ?? "0")) kinds.push("emphasis");
  if (strike !== "noStrike") kinds.push("strikethrough");
  return kinds;
}
