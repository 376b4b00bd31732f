import { formatListNumber } from "../list-number.ts";
import type { OoxmlPackage } from "../package.ts";
import { decodeSymbols } from "../symbol-fonts.ts";
import type { XmlElement, XmlFrame } from "../xml.ts";
import { clampLevel, isOn } from "../xml-values.ts";
import type { Styles } from "./styles.ts";

type Level = {
  start: number;
  format: string;
  /** With "%1" for the number of the first level and so on. */
  text: string;
  font: string;
  /** The level, counted from 1, after which this one starts anew; 0 for never, undefined for any level above. */
  restart: number | undefined;
  /** Numbers of other levels are decimal in this one. */
  isLegal: boolean;
  styleId: string | undefined;
};

type AbstractList = { levels: Map<number, Level>; styleLink: string | undefined };

type List = { abstractId: string; starts: Map<number, number>; levels: Map<number, Level> };

/** The lists of a document. It counts: each call of `next` is one more item. */
export class Numbering {
  readonly #styles: Styles;
  readonly #abstractLists = new Map<string, AbstractList>();
  readonly #lists = new Map<string, List>();
  /** Numbers reached, by level, for each abstract list: lists that share one continue its numbers. */
  readonly #counts = new Map<string, (number | undefined)[]>();
  readonly #started = new Set<string>();

  /** `part` is undefined in a document without lists. */
  constructor(ooxml: OoxmlPackage, part: string | undefined, styles: Styles) {
    this.#styles = styles;
    if (part === undefined) return;
    ooxml.readPart(part, () => ({
      open: ({ name, attributes }) => {
        if (name === "w:abstractNum") return this.#readAbstractList(attributes["w:abstractNumId"] ?? "");
        return name === "w:num" ? this.#readList(attributes["w:numId"] ?? "") : null;
      },
    }));
  }

  /** The level of a list that this paragraph style stands for, or 0. */
  levelOfStyle(numId: string, styleId: string | undefined): number {
    const found = this.#abstractOf(numId);
    for (const [index, level] of found?.list.levels ?? []) {
      if (styleId !== undefined && level.styleId === styleId) return index;
    }
    return 0;
  }

  /** Counts an item and returns its marker, "" for an item without one; null where there is no such list. */
  next(numId: string, levelIndex: number): string | null {
    const list = this.#lists.get(numId);
    const abstract = this.#abstractOf(numId);
    if (!list || !abstract) return null;
    const levelAt = (index: number) => list.levels.get(index) ?? abstract.list.levels.get(index);
    const level = levelAt(levelIndex);
    if (!level) return null;
    const counts = this.#count(numId, abstract.id, levelIndex, levelAt);
    if (level.format === "bullet") return decodeSymbols(level.font || "Symbol", level.text).trim();
    const marker = level.text.replace(/%([1-9])/g, (_, digit: string) => {
      const index = Number(digit) - 1;
      const format =
        level.isLegal && index !== levelIndex ? "decimal" : (levelAt(index)?.format ?? "decimal");
      return formatListNumber(counts[index] ?? levelAt(index)?.start ?? 1, format);
    });
    return marker.trim();
  }

  #count(
    numId: string,
    abstractId: string,
    levelIndex: number,
    levelAt: (index: number) => Level | undefined,
  ): (number | undefined)[] {
    const counts = this.#counts.get(abstractId) ?? [];
    this.#counts.set(abstractId, counts);
    const override = this.#lists.get(numId)?.starts.get(levelIndex);
    const key = `${numId} ${levelIndex}`;
    if (override !== undefined && !this.#started.has(key)) counts[levelIndex] = override;
    else counts[levelIndex] = (counts[levelIndex] ?? (levelAt(levelIndex)?.start ?? 1) - 1) + 1;
    this.#started.add(key);
    for (let deeper = levelIndex + 1; deeper < counts.length; deeper += 1) {
      const restart = levelAt(deeper)?.restart;
      if (restart === undefined || levelIndex < restart) counts[deeper] = undefined;
    }
    return counts;
  }

  /** The abstract list behind a list; one that only names a numbering style stands for the list of that style. */
  #abstractOf(numId: string): { id: string; list: AbstractList } | null {
    const id = this.#lists.get(numId)?.abstractId ?? "";
    const list = this.#abstractLists.get(id);
    if (list?.styleLink === undefined) return list ? { id, list } : null;
    const linked = this.#lists.get(this.#styles.numIdOf(list.styleLink) ?? "")?.abstractId ?? "";
    const target = this.#abstractLists.get(linked);
    return target ? { id: linked, list: target } : { id, list };
  }

  #readAbstractList(id: string): XmlFrame {
    const list: AbstractList = { levels: new Map(), styleLink: undefined };
    this.#abstractLists.set(id, list);
    return {
      open: ({ name, attributes }) => {
        if (name === "w:numStyleLink") list.styleLink = attributes["w:val"];
        return name === "w:lvl" ? readLevel(attributes, list.levels) : null;
      },
    };
  }

  #readList(id: string): XmlFrame {
    const list: List = { abstractId: "", starts: new Map(), levels: new Map() };
    this.#lists.set(id, list);
    return {
      open: ({ name, attributes }) => {
        if (name === "w:abstractNumId") list.abstractId = attributes["w:val"] ?? "";
        return name === "w:lvlOverride" ? readOverride(attributes, list) : null;
      },
    };
  }
}

function readOverride(attributes: XmlElement["attributes"], list: List): XmlFrame {
  const index = clampLevel(attributes["w:ilvl"], 8);
  return {
    open: ({ name, attributes: inner }) => {
      if (name === "w:startOverride") list.starts.set(index, numberOf(inner["w:val"], 1));
      return name === "w:lvl" ? readLevel(inner, list.levels) : null;
    },
  };
}

function readLevel(attributes: XmlElement["attributes"], levels: Map<number, Level>): XmlFrame {
  const level: Level = {
    start: 0,
    format: "decimal",
    text: "",
    font: "",
    restart: undefined,
    isLegal: false,
    styleId: undefined,
  };
  levels.set(clampLevel(attributes["w:ilvl"], 8), level);
  const frame: XmlFrame = {
    open: ({ name, attributes: inner }) => {
      const value = inner["w:val"];
      if (name === "w:start") level.start = numberOf(value, 0);
      if (name === "w:numFmt") level.format = value ?? "decimal";
      if (name === "w:lvlText") level.text = value ?? "";
      if (name === "w:lvlRestart") level.restart = numberOf(value, 0);
      if (name === "w:isLgl") level.isLegal = isOn(value);
      if (name === "w:pStyle") level.styleId = value;
      if (name === "w:rFonts") level.font = inner["w:ascii"] ?? inner["w:hAnsi"] ?? "";
      return name === "w:rPr" ? frame : null;
    },
  };
  return frame;
}

function numberOf(value: string | undefined, otherwise: number): number {
  const number = Math.trunc(Number(value ?? otherwise));
  return Number.isSafeInteger(number) ? number : otherwise;
}
