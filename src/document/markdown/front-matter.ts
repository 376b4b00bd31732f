import { parse, preprocess } from "micromark";
import { frontmatter } from "micromark-extension-frontmatter";
import type { TextBlock } from "../text/decoded-text.ts";
import { MappedText } from "../text/mapped-text.ts";
import { type Escape, escapesInTitle } from "./front-matter-title.ts";

/** Longer front matter is not looked for. */
const MAX_UNITS = 64 * 1024;

/** A key of YAML: plain, with blanks, or in quotes. */
const YAML_KEY =
  /^(?:"(?:[^"\\]|\\.)*"|'[^']*'|[^\s#\-"'[\]{}|>&*!%@`,?:](?:[^:#]|:(?!\s|$)|(?<!\s)#)*?)\s*:(?:\s|$)/u;
const YAML_LINE = /^(?:#|\s|-(?:\s|$)|[\]}]|\.\.\.$|$)/u;
const TOML_LINE = /^(?:#|\s|\[|[\]}]|[\w"'.-]+\s*(?:\.\s*[\w"'-]+\s*)*=|$)/u;

/**
 * YAML (`---`) or TOML (`+++`) front matter at the start of a document, fences included; null without any. What stands
 * between two rules is front matter only if it is empty or made of keys: otherwise the rules are rules. `decodesTitle`: escapes in its
 * title stand for their characters.
 */
export function readFrontMatter(
  source: string,
  decodesTitle: boolean,
): { block: TextBlock; end: number } | null {
  if (!/^(?:---|\+\+\+)[ \t]*[\r\n]/.test(source)) return null;
  const head = source.slice(0, MAX_UNITS);
  const parser = parse({ extensions: [frontmatter(["yaml", "toml"])] });
  const [first] = parser.document().write(preprocess()(head, undefined, true));
  const flow = first?.[1]._tokenizer?.events[0]?.[1];
  // The token types of the extension are not in micromark's own list.
  const kind: string | undefined = flow?.type;
  if (!flow || (kind !== "yaml" && kind !== "toml")) return null;
  const end = flow.end.offset;
  const lines = source
    .slice(0, end)
    .split(/\r\n?|\n/)
    .slice(1, -1);
  if (!(kind === "yaml" ? isYaml(lines) : isToml(lines))) return null;
  const escapes = decodesTitle ? escapesInTitle(source.slice(0, end)) : [];
  return { block: toBlock(source, end, escapes), end };
}

function isYaml(lines: readonly string[]): boolean {
  if (lines.every((line) => line.trim() === "")) return lines.length === 0;
  const isKey = (line: string) => YAML_KEY.test(line);
  return lines.some(isKey) && lines.every((line) => isKey(line) || YAML_LINE.test(line));
}

function isToml(lines: readonly string[]): boolean {
  return lines.every((line) => TOML_LINE.test(line));
}

function toBlock(source: string, end: number, escapes: readonly Escape[]): TextBlock {
  const content = new MappedText(source);
  const newlines = [...source.slice(0, end).matchAll(/\r\n?|\n/g)].map(
    ({ 0: newline, index }): Escape => ({ start: index, end: index + newline.length, text: "\n" }),
  );
  let at = 0;
  for (const piece of [...newlines, ...escapes].sort((a, b) => a.start - b.start)) {
    content.append(at, piece.start);
    content.appendAs(piece.text, piece.start, piece.end);
    at = piece.end;
  }
  content.append(at, end);
  return { type: "metadata", content, reasons: [] };
}
