import { RunFailure } from "../../failure.ts";
import { LIMITS } from "./limits.ts";
import { PREFIX_BY_NAMESPACE } from "./namespaces.ts";
import { type RawAttributes, scanXml, type XmlHandler } from "./xml-scanner.ts";

/** By name, with the prefixes of `namespaces.ts`; attributes without a prefix have none. */
export type Attributes = Readonly<Record<string, string>>;

export type XmlElement = Readonly<{
  /** With the prefix of `namespaces.ts`; an element of another namespace has a name that no reader knows. */
  name: string;
  attributes: Attributes;
  /** Of its opening tag, in UTF-16 units of the decoded part without its byte order mark. */
  start: number;
}>;

/**
 * Reads the inside of an element. `open` returns what reads a child, or null to skip the child with all it holds. The
 * frames of open elements are on a list, not on the call stack, so depth costs no recursion.
 */
export type XmlFrame = {
  open?(element: XmlElement): XmlFrame | null;
  text?(text: string): void;
  /** `end` is the offset behind the closing tag. */
  close?(end: number): void;
};

/** A frame for children that another frame reads, where the element between them says nothing. */
export function passThrough(frame: XmlFrame): XmlFrame {
  return {
    open: (element) => frame.open?.(element) ?? null,
    text: (text) => frame.text?.(text),
  };
}

/** A frame that hands over the text of an element when it ends, without that of its children. */
export function collectText(onEnd: (text: string) => void): XmlFrame {
  let collected = "";
  return {
    text: (text) => {
      collected += text;
    },
    close: () => onEnd(collected),
  };
}

/** Of alternatives for older programs (ECMA-376, part 3) the first is read: the newest form of the same content. */
function firstChoice(frame: XmlFrame): XmlFrame {
  let isChosen = false;
  return {
    open: ({ name }) => {
      if (isChosen || (name !== "mc:Choice" && name !== "mc:Fallback")) return null;
      isChosen = true;
      return passThrough(frame);
    },
  };
}

/**
 * Reads a part, given as its decoded text in slices. `open` gets the root element.
 * Throws RunFailure FAILED_CORRUPT for what is not well-formed, and for a document type: OOXML has none, and with it go
 * declared entities, so that none can expand. Throws RunFailure FAILED_TOO_LARGE for elements nested too deep.
 */
export function readXml(slices: Iterable<string>, open: (root: XmlElement) => XmlFrame | null): void {
  try {
    scanXml(slices, new FrameReader({ open }));
  } catch (cause) {
    throw cause instanceof RunFailure ? cause : new RunFailure("FAILED_CORRUPT", { cause });
  }
}

/** Gives each element to the frame around it. */
class FrameReader implements XmlHandler {
  readonly #names = new NamespaceScopes();
  readonly #frames: XmlFrame[];
  /** How many skipped elements are open. */
  #skipped = 0;

  constructor(root: XmlFrame) {
    this.#frames = [root];
  }

  open(name: string, attributes: RawAttributes, start: number, hasNamespaces: boolean): void {
    if (this.#skipped > 0) {
      this.#skipped += 1;
      if (this.#skipped > LIMITS.depth) throw new RunFailure("FAILED_TOO_LARGE");
      return;
    }
    const frames = this.#frames;
    if (frames.length > LIMITS.depth) throw new RunFailure("FAILED_TOO_LARGE");
    if (hasNamespaces) this.#names.open(attributes, frames.length);
    const element = {
      name: this.#names.elementName(name),
      attributes: this.#names.attributes(attributes),
      start,
    };
    const parent = frames[frames.length - 1];
    const frame =
      element.name === "mc:AlternateContent" && parent ? firstChoice(parent) : parent?.open?.(element);
    if (frame) {
      frames.push(frame);
    } else {
      this.#names.close(frames.length);
      this.#skipped = 1;
    }
  }

  text(text: string): void {
    if (this.#skipped === 0) this.#frames[this.#frames.length - 1]?.text?.(text);
  }

  close(end: number): void {
    if (this.#skipped > 0) {
      this.#skipped -= 1;
      return;
    }
    const frame = this.#frames.pop();
    this.#names.close(this.#frames.length);
    frame?.close?.(end);
  }
}

/** What the prefixes of a file mean, element by element. Most files use the prefixes of `namespaces.ts`, so names are cached. */
class NamespaceScopes {
  /** The prefix of `namespaces.ts` for each prefix of the file; "" is the default namespace. */
  #known = new Map<string, string>();
  #elementNames = new Map<string, string>();
  #isPlain = true;
  /** The meanings around each open element that declares others, with its depth. */
  readonly #outer: { depth: number; known: Map<string, string> }[] = [];

  open(attributes: RawAttributes, depth: number): void {
    let declared: Map<string, string> | null = null;
    for (const name in attributes) {
      if (!name.startsWith("xmlns")) continue;
      const prefix = name === "xmlns" ? "" : name.slice("xmlns:".length);
      const meaning = PREFIX_BY_NAMESPACE.get(attributes[name] ?? "") ?? `?${prefix}`;
      if (this.#known.get(prefix) === meaning) continue;
      declared ??= new Map(this.#known);
      declared.set(prefix, meaning);
    }
    if (declared === null) return;
    this.#outer.push({ depth, known: this.#known });
    this.#use(declared);
  }

  /** Ends the element of this depth. */
  close(depth: number): void {
    const outer = this.#outer.at(-1);
    if (outer?.depth !== depth) return;
    this.#outer.pop();
    this.#use(outer.known);
  }

  elementName(name: string): string {
    const cached = this.#elementNames.get(name);
    if (cached !== undefined) return cached;
    const colon = name.indexOf(":");
    const prefix = this.#known.get(colon < 0 ? "" : name.slice(0, colon)) ?? "?";
    const found = `${prefix}:${name.slice(colon + 1)}`;
    this.#elementNames.set(name, found);
    return found;
  }

  attributes(attributes: RawAttributes): Attributes {
    if (this.#isPlain) return attributes;
    const renamed: Record<string, string> = Object.create(null);
    for (const name in attributes) {
      const colon = name.indexOf(":");
      renamed[colon < 0 ? name : this.elementName(name)] = attributes[name] ?? "";
    }
    return renamed;
  }

  #use(known: Map<string, string>): void {
    this.#known = known;
    this.#elementNames = new Map();
    // The xml prefix needs no declaration, and the default namespace does not hold for attributes.
    this.#isPlain = [...known].every(
      ([prefix, meaning]) => prefix === "" || prefix === meaning || meaning.startsWith("?"),
    );
  }
}
