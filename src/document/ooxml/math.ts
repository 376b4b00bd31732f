import { collectText, passThrough, type XmlElement, type XmlFrame } from "./xml.ts";

/**
 * Reads an equation (OMML, ECMA-376 part 1, 22.1) into linear text such as "x=(−b±√(b^2−4ac))/2a". `onEnd` gets the text.
 */
export function readMath(onEnd: (text: string) => void): XmlFrame {
  return new MathNode("m:oMath", onEnd);
}

/** An element of an equation: its children as text, by name and in order, and the characters that its properties set. */
class MathNode implements XmlFrame {
  readonly #name: string;
  readonly #onEnd: (text: string) => void;
  readonly #children: [name: string, text: string][] = [];
  /** Characters by the name of the property, such as "m:begChr". */
  readonly #characters = new Map<string, string>();

  constructor(name: string, onEnd: (text: string) => void) {
    this.#name = name;
    this.#onEnd = onEnd;
  }

  open({ name }: XmlElement): XmlFrame | null {
    if (name === "m:t") return collectText((text) => this.#children.push([name, text]));
    if (name === "w:ins" || name === "w:moveTo" || name === "m:r") return passThrough(this);
    if (!name.startsWith("m:") || name === "m:rPr" || name === "m:ctrlPr") return null;
    if (name.endsWith("Pr")) return this.#readProperties();
    return new MathNode(name, (text) => this.#children.push([name, text]));
  }

  close(): void {
    const compose = COMPOSERS[this.#name];
    this.#onEnd(compose ? compose(this.#parts()) : this.#children.map(([, text]) => text).join(""));
  }

  #readProperties(): XmlFrame {
    return {
      open: ({ name, attributes }) => {
        this.#characters.set(name, attributes["m:val"] ?? "");
        return null;
      },
    };
  }

  #parts(): Parts {
    const all = (name: string) =>
      this.#children.filter(([child]) => child === `m:${name}`).map(([, text]) => text);
    return {
      all,
      one: (name) => all(name).join(""),
      character: (name, otherwise) => this.#characters.get(`m:${name}`) ?? otherwise,
    };
  }
}

/** Children and properties by name, without prefix. */
type Parts = Readonly<{
  all: (name: string) => readonly string[];
  one: (name: string) => string;
  character: (property: string, otherwise: string) => string;
}>;

const COMPOSERS: Readonly<Record<string, (parts: Parts) => string>> = {
  "m:f": ({ one }) => `${group(one("num"))}/${group(one("den"))}`,
  "m:rad": ({ one }) => `${one("deg")}√${group(one("e"))}`,
  "m:sSup": ({ one }) => one("e") + script("^", one("sup")),
  "m:sSub": ({ one }) => one("e") + script("_", one("sub")),
  "m:sSubSup": ({ one }) => one("e") + script("_", one("sub")) + script("^", one("sup")),
  "m:sPre": ({ one }) => script("_", one("sub")) + script("^", one("sup")) + one("e"),
  "m:nary": ({ one, character }) =>
    `${character("chr", "∫")}${script("_", one("sub"))}${script("^", one("sup"))} ${one("e")}`,
  "m:d": ({ all, character }) =>
    character("begChr", "(") + all("e").join(character("sepChr", "|")) + character("endChr", ")"),
  "m:mr": ({ all }) => all("e").join(", "),
  "m:m": ({ all }) => `[${all("mr").join("; ")}]`,
  "m:eqArr": ({ all }) => all("e").join("; "),
  "m:func": ({ one }) => `${one("fName")} ${one("e")}`,
  "m:limLow": ({ one }) => one("e") + script("_", one("lim")),
  "m:limUpp": ({ one }) => one("e") + script("^", one("lim")),
  "m:acc": ({ one, character }) => one("e") + character("chr", "\u0302"),
};

function script(mark: "_" | "^", text: string): string {
  return text === "" ? "" : mark + group(text);
}

/** In brackets where it is more than one name or number. */
function group(text: string): string {
  return /^[\p{L}\p{M}\p{N}.,′]*$/u.test(text) || /^\([^()]*\)$/.test(text) ? text : `(${text})`;
}
