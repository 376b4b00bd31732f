import type { Checkpoint } from "../checkpoint.ts";
import { libs } from "../libs.ts";
import { appendBlock, type Reader } from "../reader.ts";
import { readDecodedText, type TextBlocks } from "../text/decoded-text.ts";
import { readParagraphs } from "../text/read-text.ts";
import { readFrontMatter } from "./front-matter.ts";
import { MarkdownParser } from "./parser.ts";
import { MarkdownWalker } from "./walker.ts";
import { type Window, windowsOf } from "./windows.ts";

/**
 * CommonMark with the GitHub extensions, read from micromark's flat list of tokens rather than from a tree: each token
 * carries its offsets, and ten thousand nested quotes need no stack. Version 4 of its recipe kept no marks and no alignment of columns,
 * and the title of front matter as it stands; version 3 also knew fewer charsets.
 */
export const markdownReader: Reader = {
  recipe: {
    name: "jejakekal.markdown",
    version: "5",
    params: { extensions: "gfm", frontMatter: true, lowMarker: "[low]" },
    libs: libs(
      "decode-named-character-reference",
      "iconv-lite",
      "micromark",
      "micromark-extension-frontmatter",
      "micromark-extension-gfm",
      "micromark-util-decode-string",
      "micromark-util-subtokenize",
    ),
  },
  isInterruptible: true,
  read: (input) => {
    const isEarlier = input.earlierVersion !== undefined;
    return readDecodedText(input, (source) => readMarkdown(source, input.checkpoint, isEarlier), {
      rules: input.earlierVersion === "3" ? 1 : 2,
    });
  },
};

function readMarkdown(source: string, checkpoint: Checkpoint, isEarlier: boolean): TextBlocks {
  const result: TextBlocks = { blocks: [], warnings: [] };
  const frontMatter = readFrontMatter(source, !isEarlier);
  if (frontMatter) result.blocks.push(frontMatter.block);
  const parser = new MarkdownParser(source, checkpoint);
  const walker = new MarkdownWalker(source, parser, result, !isEarlier);
  for (const { start, end, events } of blocksOf(parser, source, frontMatter?.end ?? 0)) {
    if (events) {
      walker.walk(events, checkpoint);
      continue;
    }
    result.warnings.push({ code: "markdown_read_as_text", block: result.blocks.length });
    for (const block of readParagraphs(source, start, end, checkpoint))
      appendBlock(result.blocks, { ...block, reasons: [...block.reasons, "not_parsed"] });
  }
  walker.finish();
  return result;
}

/** A document up to this long is parsed once and its events are kept, in UTF-16 units. */
const KEPT_UNITS = 256 * 1024;

/**
 * The windows of the document, after the parser has seen all of their blocks and so knows every label. A long document
 * that may define labels is read twice, so that no more than one window is held in memory.
 */
function blocksOf(parser: MarkdownParser, source: string, start: number): Iterable<Window> {
  if (source.length - start <= KEPT_UNITS) return [...windowsOf(parser, source, start)];
  if (source.includes("]:")) for (const _window of windowsOf(parser, source, start));
  return windowsOf(parser, source, start);
}
