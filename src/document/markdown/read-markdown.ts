import { parse, postprocess, preprocess } from "micromark";
import { gfm } from "micromark-extension-gfm";
import { libs } from "../libs.ts";
import { appendBlock, type Reader } from "../reader.ts";
import { readDecodedText, type TextBlock, type TextBlocks } from "../text/decoded-text.ts";
import { MappedText } from "../text/mapped-text.ts";
import { readParagraphs } from "../text/read-text.ts";
import { planSegments } from "./plan.ts";
import { MarkdownWalker } from "./walker.ts";

/**
 * CommonMark with the GitHub extensions, read from micromark's flat list of tokens rather than from a tree: each token
 * carries its offsets, and ten thousand nested quotes need no stack.
 */
export const markdownReader: Reader = {
  recipe: {
    name: "jejakekal.markdown",
    version: "1",
    params: { extensions: "gfm", frontMatter: true, lowMarker: "[low]" },
    libs: libs("decode-named-character-reference", "iconv-lite", "micromark", "micromark-extension-gfm"),
  },
  read: (input) => readDecodedText(input, readMarkdown),
};

type Extension = ReturnType<typeof gfm>;

function readMarkdown(source: string): TextBlocks {
  const result: TextBlocks = { blocks: [], warnings: [] };
  const frontMatterEnd = findFrontMatterEnd(source);
  if (frontMatterEnd > 0) result.blocks.push(frontMatter(source, frontMatterEnd));
  const segments = planSegments(source, frontMatterEnd);
  const labels = segments.length > 1 ? findLabels(source) : { definitions: [], footnotes: [] };
  const walker = new MarkdownWalker(source, result);
  for (const { start, end, mode } of segments) {
    if (mode === "text") {
      result.warnings.push({ code: "markdown_read_as_text", block: result.blocks.length });
      for (const block of readParagraphs(source, start, end)) appendBlock(result.blocks, block);
    } else {
      if (mode === "flow")
        result.warnings.push({ code: "inline_markup_not_parsed", block: result.blocks.length });
      // micromark would swallow a second byte order mark without counting it.
      const base = source.charCodeAt(start) === 0xfeff ? start + 1 : start;
      walker.walk(parseTokens(source.slice(base, end), mode, labels), base);
    }
  }
  return result;
}

/** Labels that are defined somewhere in the document, as the parser spells them. */
type Labels = { definitions: string[]; footnotes: string[] };

function parseTokens(body: string, mode: "full" | "flow", labels: Labels) {
  const parser: ReturnType<typeof parse> & { gfmFootnotes?: string[] } = parse({
    extensions: EXTENSIONS[mode],
  });
  parser.defined.push(...labels.definitions);
  parser.gfmFootnotes = [...labels.footnotes];
  return postprocess(parser.document().write(preprocess()(body, undefined, true)));
}

/** A segment may refer to what another defines, so the parser of each is told all labels. */
function findLabels(source: string): Labels {
  const definitions = new Set<string>();
  const footnotes = new Set<string>();
  for (const [, label = ""] of source.matchAll(/^ {0,3}\[((?:[^[\]\\\r\n]|\\.){1,999})\]:/gm)) {
    const [kind, name] = label.startsWith("^") ? [footnotes, label.slice(1)] : [definitions, label];
    kind.add(
      name
        .replaceAll(/[\t ]+/g, " ")
        .trim()
        .toLowerCase()
        .toUpperCase(),
    );
  }
  return {
    definitions: [...definitions].slice(0, MAX_LABELS),
    footnotes: [...footnotes].slice(0, MAX_LABELS),
  };
}

const MAX_LABELS = 10_000;

/** An e-mail address reads the same whether it is a link or not, and trying for one at each letter costs most of the time. */
function withoutEmails(extension: Extension): Extension {
  const text: NonNullable<Extension["text"]> = {};
  for (const [code, constructs] of Object.entries(extension.text ?? {})) {
    text[Number(code)] = [constructs ?? []].flat().filter((construct) => construct.name !== "emailAutolink");
  }
  return { ...extension, text };
}

const FLOW_ONLY: Extension = {
  disable: {
    null: [
      "attention",
      "autolink",
      "characterEscape",
      "characterReference",
      "codeText",
      "definition",
      "gfmFootnoteDefinition",
      "hardBreakEscape",
      "htmlText",
      "labelEnd",
      "labelStartImage",
      "labelStartLink",
    ],
  },
};

const EXTENSIONS: Record<"full" | "flow", Extension[]> = {
  full: [withoutEmails(gfm())],
  flow: [{ ...gfm(), text: {} }, FLOW_ONLY],
};

/** Where YAML front matter ends, 0 without one: `---`, at least one `key:` line at once, `---`. */
function findFrontMatterEnd(source: string): number {
  const found =
    /^---[ \t]*(?:\r\n?|\n)(?=[A-Za-z_][\w.-]*[ \t]*:)[\s\S]{0,16384}?(?:\r\n?|\n)(?:---|\.\.\.)[ \t]*(?=[\r\n]|$)/.exec(
      source,
    );
  return found?.[0].length ?? 0;
}

function frontMatter(source: string, end: number): TextBlock {
  const content = new MappedText(source);
  let start = 0;
  for (const newline of source.slice(0, end).matchAll(/\r\n?|\n/g)) {
    content.append(start, newline.index);
    start = newline.index + newline[0].length;
    content.appendAs("\n", newline.index, start);
  }
  content.append(start, end);
  return { type: "metadata", content, reasons: [] };
}
