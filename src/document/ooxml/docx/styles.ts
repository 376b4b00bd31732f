import type { OoxmlPackage } from "../package.ts";
import type { XmlElement, XmlFrame } from "../xml.ts";
import { clampLevel, isOn } from "../xml-values.ts";

/** What a style or a paragraph says about outline and numbering; absent is inherited. */
export type ParagraphProperties = {
  styleId?: string;
  /** 0 to 8 are levels of headings, 9 is body text. */
  outlineLevel?: number;
  numId?: string;
  listLevel?: number;
};

/** What a run or style says of its type: undefined is inherited. `size` is in half points, `styleId` that of a character style. */
export type RunFormat = {
  isBold: boolean | undefined;
  isItalic: boolean | undefined;
  isStruck: boolean | undefined;
  size: number | undefined;
  styleId: string | undefined;
};

type Style = {
  name: string;
  basedOn: string | undefined;
  properties: ParagraphProperties;
  format: RunFormat;
};

/** What a style makes of a paragraph. */
export type StyleFacts = Readonly<{
  /** 0 is the title of the document; null is body text. */
  headingLevel: number | null;
  role: "caption" | "quote" | "code" | "bullet" | "number" | null;
  numId: string | undefined;
  listLevel: number | undefined;
  isBold: boolean;
  isItalic: boolean;
  /** In half points. */
  size: number | undefined;
}>;

/** What a character style makes of a run. */
export type CharacterFacts = Readonly<Record<"isBold" | "isItalic" | "isStruck" | "isCode", boolean>>;

/** Names of character styles for code, of Word, LibreOffice, pandoc and others. */
const CODE_NAME = /\b(?:code|verbatim|typewriter|teletype|keyboard|html sample|source text)\b/i;

const PLAIN_CHARACTERS: CharacterFacts = { isBold: false, isItalic: false, isStruck: false, isCode: false };

/** Built-in styles have English names in every language version of Word. */
const ROLE_BY_NAME: readonly (readonly [RegExp, NonNullable<StyleFacts["role"]>])[] = [
  [/^caption$/i, "caption"],
  [/^(intense )?quote$|^quotations?$|^block text$/i, "quote"],
  [/^(source code|code|html preformatted|preformatted text|macro text)$/i, "code"],
  [/^list bullet( \d)?$/i, "bullet"],
  [/^list number( \d)?$/i, "number"],
];

const PLAIN: StyleFacts = {
  headingLevel: null,
  role: null,
  numId: undefined,
  listLevel: undefined,
  isBold: false,
  isItalic: false,
  size: undefined,
};

/** The paragraph styles of a document, each with what it inherits from the styles that it is based on. */
export class Styles {
  readonly #styles = new Map<string, Style>();
  readonly #facts = new Map<string, StyleFacts>();
  readonly #characterFacts = new Map<string, CharacterFacts>();
  #defaultId = "";

  /** `part` is undefined in a document without styles. */
  constructor(ooxml: OoxmlPackage, part: string | undefined) {
    if (part === undefined) return;
    ooxml.readPart(part, () => ({
      open: ({ name, attributes }) => (name === "w:style" ? this.#readStyle(attributes) : null),
    }));
  }

  /** Of the style with this id, or of the default style. An id that is not defined is taken for a name. */
  factsOf(styleId: string | undefined): StyleFacts {
    const id = styleId ?? this.#defaultId;
    const known = this.#facts.get(id);
    if (known) return known;
    const facts = this.#resolve(id);
    this.#facts.set(id, facts);
    return facts;
  }

  /** Of the character style with this id. */
  characterFactsOf(styleId: string | undefined): CharacterFacts {
    if (styleId === undefined) return PLAIN_CHARACTERS;
    const known = this.#characterFacts.get(styleId);
    if (known) return known;
    const chain = this.#chainOf(styleId);
    const says = (key: "isBold" | "isItalic" | "isStruck") =>
      chain.find(({ format }) => format[key] !== undefined)?.format[key] ?? false;
    const facts = {
      isBold: says("isBold"),
      isItalic: says("isItalic"),
      isStruck: says("isStruck"),
      isCode: chain.some(({ name }) => CODE_NAME.test(spaced(name))),
    };
    this.#characterFacts.set(styleId, facts);
    return facts;
  }

  /** The list that a numbering style refers to. */
  numIdOf(styleId: string): string | undefined {
    return this.#styles.get(styleId)?.properties.numId;
  }

  #readStyle(attributes: XmlElement["attributes"]): XmlFrame {
    const id = attributes["w:styleId"] ?? "";
    const style: Style = { name: id, basedOn: undefined, properties: {}, format: createRunFormat() };
    this.#styles.set(id, style);
    const isDefault = isOn(attributes["w:default"] ?? "0") && attributes["w:type"] === "paragraph";
    if (isDefault) this.#defaultId = id;
    return {
      open: ({ name, attributes: { "w:val": value = "" } }) => {
        if (name === "w:name") style.name = value;
        if (name === "w:basedOn") style.basedOn = value;
        if (name === "w:rPr") return readFormat(style.format);
        return name === "w:pPr" ? readProperties(style.properties) : null;
      },
    };
  }

  /** Nearest style first; a chain that leads back to itself ends there. */
  #chainOf(id: string): Style[] {
    const chain = new Set<Style>();
    let style: Style | undefined = this.#styles.get(id) ?? {
      name: id,
      basedOn: undefined,
      properties: {},
      format: createRunFormat(),
    };
    while (style && !chain.has(style)) {
      chain.add(style);
      style = style.basedOn === undefined ? undefined : this.#styles.get(style.basedOn);
    }
    return [...chain];
  }

  #resolve(id: string): StyleFacts {
    if (id === "") return PLAIN;
    const chain = this.#chainOf(id);
    const heading = chain.map(headingLevelOf).find((level) => level !== undefined);
    const role = ROLE_BY_NAME.find(([pattern]) => chain.some(({ name }) => pattern.test(spaced(name))));
    const inherited = <Key extends keyof ParagraphProperties>(key: Key) =>
      chain.find(({ properties }) => properties[key] !== undefined)?.properties[key];
    return {
      headingLevel: heading === undefined || heading === BODY_TEXT ? null : heading,
      role: role?.[1] ?? null,
      numId: inherited("numId"),
      listLevel: inherited("listLevel"),
      isBold: chain.find(({ format }) => format.isBold !== undefined)?.format.isBold ?? false,
      isItalic: chain.find(({ format }) => format.isItalic !== undefined)?.format.isItalic ?? false,
      size: chain.find(({ format }) => format.size !== undefined)?.format.size,
    };
  }
}

const BODY_TEXT = 10;

/** 0 for a title, 1 to 9 for a heading, 10 for body text; undefined where the style leaves it to what it is based on. */
function headingLevelOf({ name, properties }: Style): number | undefined {
  if (/^title$/i.test(name)) return 0;
  if (properties.outlineLevel !== undefined) return properties.outlineLevel + 1;
  const level = /^heading ?([1-9])$/i.exec(name)?.[1];
  return level === undefined ? undefined : Number(level);
}

/** Ids are names without blanks: "ListBullet2". */
function spaced(name: string): string {
  return name.replace(/(?<=[a-z])(?=[A-Z0-9])/g, " ");
}

/** Reads `w:pPr` as far as outline and numbering go. */
export function readProperties(properties: ParagraphProperties): XmlFrame {
  return {
    open: ({ name, attributes: { "w:val": value = "" } }) => {
      if (name === "w:pStyle") properties.styleId = value;
      if (name === "w:outlineLvl") properties.outlineLevel = clampLevel(value, 9);
      return name === "w:numPr" ? readNumbering(properties) : null;
    },
  };
}

function readNumbering(properties: ParagraphProperties): XmlFrame {
  return {
    open: ({ name, attributes: { "w:val": value = "" } }) => {
      if (name === "w:numId") properties.numId = value;
      if (name === "w:ilvl") properties.listLevel = clampLevel(value, 8);
      return null;
    },
  };
}

export function createRunFormat(): RunFormat {
  return {
    isBold: undefined,
    isItalic: undefined,
    isStruck: undefined,
    size: undefined,
    styleId: undefined,
  };
}

function readFormat(format: RunFormat): XmlFrame {
  return {
    open: ({ name, attributes }) => {
      readRunFormat(format, name, attributes["w:val"]);
      return null;
    },
  };
}

/** Takes an element of `w:rPr` into the format. */
export function readRunFormat(format: RunFormat, name: string, value: string | undefined): void {
  if (name === "w:b") format.isBold = isOn(value);
  if (name === "w:i") format.isItalic = isOn(value);
  if (name === "w:strike" || name === "w:dstrike")
    format.isStruck = isOn(value) || (format.isStruck ?? false);
  if (name === "w:rStyle") format.styleId = value;
  if (name === "w:sz" && /^\d{1,4}$/.test(value ?? "")) format.size = Number(value);
}
