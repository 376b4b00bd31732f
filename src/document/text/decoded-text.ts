import type { ParsedBlock, ParsedDocument, ReaderInput } from "../reader.ts";
import { type Decoded, decode } from "./decode.ts";
import type { MappedText } from "./mapped-text.ts";

/** A block of a text format: its text is tied to the decoded source by runs. */
export type TextBlock = Omit<ParsedBlock, "text" | "runs" | "src"> & { content: MappedText };

export type TextBlocks = {
  blocks: TextBlock[];
  warnings: ParsedDocument["warnings"];
  lang?: ParsedDocument["lang"];
  /** Of delimited text: what stands between two fields. */
  delimiter?: string;
};

/** What text formats share: decodes the bytes, has `parse` read the text, and anchors its blocks in the bytes. */
export function readDecodedText(
  { bytes, charset }: ReaderInput,
  parse: (source: string) => TextBlocks,
): ParsedDocument {
  const decoded = decode(bytes, charset);
  const { blocks, warnings, lang, delimiter } = parse(decoded.text);
  const spans = byteSpans(blocks, decoded);
  return {
    source: {
      charset: decoded.charset,
      charsetBy: decoded.charsetBy,
      bom: decoded.bom,
      newline: decoded.newline,
      ...(delimiter === undefined ? {} : { delimiter }),
    },
    blocks: blocks.map(({ content, ...block }, index) => ({
      ...block,
      text: content.text,
      runs: content.runs,
      src: [{ k: "bytes", span: spans[index] ?? [0, 0] }],
    })),
    warnings,
    ...(lang === undefined ? {} : { lang }),
  };
}

/** The bytes that hold all runs of each block. Offsets are sorted first, so one pass over the bytes finds them all. */
function byteSpans(blocks: readonly TextBlock[], decoded: Decoded): [number, number][] {
  const spans = blocks.map(({ content: { runs } }): [number, number] => {
    let [start, end] = [runs[0]?.[2] ?? 0, 0];
    for (const [, , at, length] of runs) {
      start = Math.min(start, at);
      end = Math.max(end, at + length);
    }
    return [start, end];
  });
  const offsets = [...new Set(spans.flat())].sort((a, b) => a - b);
  const bytes = decoded.toByteOffsets(offsets);
  const byteOf = new Map(offsets.map((offset, index) => [offset, bytes[index] ?? 0]));
  return spans.map(([start, end]) => [byteOf.get(start) ?? 0, byteOf.get(end) ?? 0]);
}
