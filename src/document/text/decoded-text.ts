import type { ParsedBlock, ParsedDocument, ReaderInput } from "../reader.ts";
import { type Decoded, decode } from "./decode.ts";
import type { MappedText } from "./mapped-text.ts";

/** A block of a text format: its text is tied to the decoded source by runs. */
export type TextBlock = Omit<ParsedBlock, "text" | "runs" | "src"> & { content: MappedText };

/** Blocks come in source order. */
export type TextBlocks = { blocks: TextBlock[]; warnings: ParsedDocument["warnings"] };

/** What text formats share: decodes the bytes, has `parse` read the text, and anchors its blocks in the bytes. */
export function readDecodedText(
  { bytes, charset }: ReaderInput,
  parse: (source: string) => TextBlocks,
): ParsedDocument {
  const decoded = decode(bytes, charset);
  const { blocks, warnings } = parse(decoded.text);
  const spans = byteSpans(blocks, decoded);
  return {
    source: {
      charset: decoded.charset,
      charsetBy: decoded.charsetBy,
      bom: decoded.bom,
      newline: decoded.newline,
    },
    blocks: blocks.map(({ content, ...block }, index) => ({
      ...block,
      text: content.text,
      runs: content.runs,
      src: [{ k: "bytes", span: spans[index] ?? [0, 0] }],
    })),
    warnings,
  };
}

/** The bytes from each block's first run to its last. Blocks are in source order, so one pass finds them all. */
function byteSpans(blocks: readonly TextBlock[], decoded: Decoded): [number, number][] {
  const offsets = blocks.flatMap(({ content: { runs } }) => {
    const [first, last] = [runs.at(0), runs.at(-1)];
    return first && last ? [first[2], last[2] + last[3]] : [0, 0];
  });
  const bytes = decoded.toByteOffsets(offsets);
  return blocks.map((_block, index) => [bytes[2 * index] ?? 0, bytes[2 * index + 1] ?? 0]);
}
