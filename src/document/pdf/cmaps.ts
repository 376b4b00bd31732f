import { unzipSync } from "fflate";

/**
 * Gives pdf.js the character maps of fonts for Chinese, Japanese and Korean that a PDF does not embed. They are part of this
 * program; nothing is fetched. Its interface is the `BinaryDataFactory` of the library, which creates it by `new`.
 */
export class CMapFactory {
  async fetch({ kind, filename }: Readonly<{ kind: string; filename: string }>): Promise<Uint8Array> {
    const found = kind === "cMapUrl" ? await readCMap(filename) : undefined;
    // The library goes on without it: it knows the widths of the standard fonts.
    if (found === undefined) throw new Error(`${kind} has no ${filename}`);
    return found;
  }
}

async function readCMap(filename: string): Promise<Uint8Array | undefined> {
  const { default: packed } = await import("./cmaps.packed.txt", { with: { type: "text" } });
  const files = unzipSync(Buffer.from(packed, "base64"), { filter: ({ name }) => name === filename });
  return files[filename];
}
