import type { ParsedBlock, ParsedDocument, ReaderInput } from "../reader.ts";
import { CHARSET_UNKNOWN } from "../warnings.ts";
import type { CharsetRules } from "./charset-label.ts";
import { type Decoded, decode } from "./decode.ts";
import type { MappedText } from "./mapped-text.ts";

/** A block of a text format: its text is tied to the decoded source by runs. */
export type TextBlock = Omit<ParsedBlock, "text" | "runs" | "runBytes" | "src"> & { content: MappedText };

export type TextBlocks = {
  blocks: TextBlock[];
  warnings: ParsedDocument["warnings"];
  lang?: ParsedDocument["lang"];
  /** Of delimited text: what stands between two fields. */
  delimiter?: string;
  attachments?: ParsedDocument["attachments"];
};

/**
 * What text formats share: decodes the bytes, has `parse` read the text, and anchors its blocks in the bytes. `locateRuns`: also
 * each run of a block that has several, for formats in which markup of any length stands between runs. `rules`: of charsets; earlier
 * versions of recipes followed earlier ones.
 */
export function readDecodedText(
  { bytes, charset, earlierVersion }: ReaderInput,
  parse: (source: string, decoded: Decoded) => TextBlocks,
  {
    locateRuns = false,
    rules = earlierVersion === undefined ? 2 : 1,
  }: Readonly<{ locateRuns?: boolean; rules?: CharsetRules }> = {},
): ParsedDocument {
  const decoded = decode(bytes, charset, rules);
  const { blocks, warnings, lang, delimiter, attachments } = parse(decoded.text, decoded);
  const isLocated = ({ runs }: MappedText) => locateRuns && runs.length > 1;
  const toByte = byteFinder(decoded, blocks, isLocated);
  return {
    source: {
      charset: decoded.charset,
      charsetBy: decoded.charsetBy,
      bom: decoded.bom,
      newline: decoded.newline,
      ...(delimiter === undefined ? {} : { delimiter }),
    },
    blocks: blocks.map(({ content, ...block }) => {
      const [start, end] = sourceSpan(content);
      return {
        ...block,
        text: content.text,
        runs: content.runs,
        ...(isLocated(content) ? { runBytes: content.runs.map(([, , at]) => toByte(at)) } : {}),
        src: [{ k: "bytes", span: [toByte(start), toByte(end)] }],
      };
    }),
    warnings: decoded.isDeclaredUnknown && rules === 2 ? [{ code: CHARSET_UNKNOWN }, ...warnings] : warnings,
    ...(lang === undefined ? {} : { lang }),
    ...(attachments === undefined ? {} : { attachments }),
  };
}

/** Finds the byte of every offset that is asked for. They are sorted first, so one pass over the bytes finds them all. */
function byteFinder(
  decoded: Decoded,
  blocks: readonly TextBlock[],
  isLocated: (content: MappedText) => boolean,
): (offset: number) => number {
  const wanted = new Set<number>();
  for (const { content } of blocks) {
    for (const offset of sourceSpan(content)) wanted.add(offset);
    if (isLocated(content)) for (const [, , at] of content.runs) wanted.add(at);
  }
  const offsets = [...wanted].sort((a, b) => a - b);
  const bytes = decoded.toByteOffsets(offsets);
  const byteOf = new Map(offsets.map((offset, index) => [offset, bytes[index] ?? 0]));
  return (offset) => byteOf.get(offset) ?? 0;
}

/** The part of the source that holds all runs of a text. */
function sourceSpan({ runs }: MappedText): [number, number] {
  let [start, end] = [runs[0]?.[2] ?? 0, 0];
  for (const [, , at, length] of runs) {
    start = Math.min(start, at);
    end = Math.max(end, at + length);
  }
  return [start, end];
}
