import iconv from "iconv-lite";
import { RunFailure } from "../../failure.ts";
import { readXml, type XmlElement, type XmlFrame } from "./xml.ts";
import { ZipArchive } from "./zip.ts";

/** Text is decoded and parsed in slices of this many bytes, so that a large part is never a string as a whole. */
const SLICE_BYTES = 256 * 1024;

export type Relationship = Readonly<{
  /** The last word of its type, which strict and transitional files share: "styles", "hyperlink". */
  type: string;
  /** The name of a part, or for an external target its address. */
  target: string;
  isExternal: boolean;
}>;

export type Relationships = ReadonlyMap<string, Relationship>;

const NO_RELATIONSHIPS: Relationships = new Map();

/**
 * An Open Packaging Conventions package: named parts and the relationships between them. Part names have no leading slash.
 * Throws as `ZipArchive` and `readXml` do.
 */
export class OoxmlPackage {
  readonly #archive: ZipArchive;
  /** Part names are compared without case (ECMA-376, part 2). */
  readonly #entryByName = new Map<string, string>();

  constructor(bytes: Uint8Array) {
    this.#archive = new ZipArchive(bytes);
    for (const name of this.#archive.names) {
      const key = keyOf(name);
      if (!this.#entryByName.has(key)) this.#entryByName.set(key, name);
    }
  }

  /** The part that the package is about, wherever it lies. */
  mainPart(): string {
    const main = [...this.relationshipsOf("").values()].find(({ type }) => type === "officeDocument");
    if (!main || !this.has(main.target)) throw new RunFailure("FAILED_CORRUPT");
    return main.target;
  }

  has(part: string): boolean {
    return this.#entryByName.has(keyOf(part));
  }

  /** The relationships of a part, or of the package for "", by id. */
  relationshipsOf(part: string): Relationships {
    const slash = part.lastIndexOf("/") + 1;
    const name = `${part.slice(0, slash)}_rels/${part.slice(slash)}.rels`;
    if (!this.has(name)) return NO_RELATIONSHIPS;
    const found = new Map<string, Relationship>();
    this.readPart(name, () => ({
      open: ({ name: element, attributes }) => {
        if (element !== "rel:Relationship") return null;
        const isExternal = attributes.TargetMode === "External";
        const target = attributes.Target ?? "";
        found.set(attributes.Id ?? "", {
          type: (attributes.Type ?? "").split("/").at(-1) ?? "",
          target: isExternal ? target : resolveTarget(part, target),
          isExternal,
        });
        return null;
      },
    }));
    return found;
  }

  /** Reads the XML of a part; a part that is not there is corrupt. */
  readPart(part: string, open: (root: XmlElement) => XmlFrame | null): void {
    const bytes = this.#archive.read(this.#entryByName.get(keyOf(part)) ?? part);
    if (bytes === null) throw new RunFailure("FAILED_CORRUPT");
    readXml(decodeSlices(bytes), open);
  }
}

/** The first target of a type that the package holds. */
export function findRelated(
  ooxml: OoxmlPackage,
  relationships: Relationships,
  type: string,
): string | undefined {
  for (const found of relationships.values()) {
    if (found.type === type && !found.isExternal && ooxml.has(found.target)) return found.target;
  }
  return undefined;
}

function keyOf(name: string): string {
  return name.replaceAll("\\", "/").replace(/^\/+/, "").toLowerCase();
}

/** A target is relative to the folder of its source part, or absolute with a leading slash. */
function resolveTarget(source: string, target: string): string {
  const path = target.replaceAll("\\", "/").split("#", 1)[0] ?? "";
  const segments = path.startsWith("/") ? [] : source.split("/").slice(0, -1);
  for (const segment of path.split("/")) {
    if (segment === "..") segments.pop();
    else if (segment !== "" && segment !== ".") segments.push(segment);
  }
  return segments.join("/");
}

/** The text of a part in slices, without its byte order mark. XML of a package is UTF-8 or UTF-16. */
function* decodeSlices(bytes: Uint8Array): Generator<string> {
  const [first = 0, second = 0] = bytes;
  if (
    (first === 0xff && second === 0xfe) ||
    (first === 0xfe && second === 0xff) ||
    first === 0 ||
    second === 0
  ) {
    const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    yield iconv.decode(buffer, first === 0xff || second === 0 ? "utf-16le" : "utf-16be");
    return;
  }
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  const hasBom = first === 0xef && second === 0xbb && bytes[2] === 0xbf;
  for (let start = hasBom ? 3 : 0; start < bytes.length; ) {
    const end = startOfCharacter(bytes, start + SLICE_BYTES);
    yield decoder.decode(bytes.subarray(start, end));
    start = end;
  }
}

/** `at`, or the start of the UTF-8 character that it lies in. */
function startOfCharacter(bytes: Uint8Array, at: number): number {
  let start = Math.min(at, bytes.length);
  while (start < bytes.length && start > at - 3 && ((bytes[start] ?? 0) & 0xc0) === 0x80) start -= 1;
  return start;
}
