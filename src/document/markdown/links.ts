import { decodeString } from "micromark-util-decode-string";
import type { Link } from "../schema.ts";
import type { TextBlock } from "../text/decoded-text.ts";
import type { MappedText } from "../text/mapped-text.ts";
import type { SourceRange } from "./inline.ts";

/** A link or image by the place of its words in the source. `label` is what a reference refers to. */
export type SourceLink = SourceRange & { kind: Link["kind"]; target?: string; label?: string };

/** Collects links and definitions while a document is read, and places them in its blocks. */
export class LinkCollector {
  readonly #source: string;
  readonly #targets = new Map<string, string>();
  readonly #open: SourceLink[] = [];
  /** Links of the present block, in source order of their starts. */
  #links: SourceLink[] = [];
  readonly #placed: { block: number; span: Link["span"]; link: SourceLink }[] = [];
  #definedLabel = "";

  constructor(source: string) {
    this.#source = source;
  }

  /** Takes the label or the destination of a definition. The first definition of a label holds. */
  define(type: "definitionLabelString" | "definitionDestinationString", range: SourceRange): void {
    if (type === "definitionLabelString") this.#definedLabel = normalizeLabel(this.#slice(range));
    else if (!this.#targets.has(this.#definedLabel))
      this.#targets.set(this.#definedLabel, decodeString(this.#slice(range)));
  }

  enter(type: string, range: SourceRange): void {
    const current = this.#open.at(-1);
    if (type === "link" || type === "image") {
      const link: SourceLink = { kind: type, ...range };
      this.#open.push(link);
      this.#links.push(link);
    } else if (type === "labelText" && current) {
      Object.assign(current, range, { label: this.#slice(range) });
    } else if (type === "resource" && current) {
      delete current.label;
      current.target = "";
    } else if (type === "resourceDestinationString" && current) {
      current.target = decodeString(this.#slice(range));
    } else if (type === "referenceString" && current) {
      current.label = this.#slice(range);
    } else if (type === "autolinkProtocol" || type === "literalAutolinkHttp") {
      this.#links.push({ kind: "link", ...range, target: this.#slice(range) });
    } else if (type === "literalAutolinkWww") {
      this.#links.push({ kind: "link", ...range, target: `http://${this.#slice(range)}` });
    }
  }

  exit(type: string): void {
    if (type === "link" || type === "image") this.#open.pop();
  }

  /** Places the links that lie in this block; they are dropped by the next block that lies behind them. */
  take({ content }: TextBlock, index: number): void {
    if (this.#links.length === 0) return;
    for (const { span, link } of placeLinks(content, this.#links))
      this.#placed.push({ block: index, span, link });
    const end = content.runs.at(-1);
    this.#links = this.#links.filter((link) => end !== undefined && link.end > end[2] + end[3]);
  }

  /** Gives blocks their links, now that every definition is known. */
  resolve(blocks: readonly TextBlock[]): void {
    for (const { block, span, link } of this.#placed) {
      const target = link.label === undefined ? link.target : this.#targets.get(normalizeLabel(link.label));
      const holder = blocks[block];
      if (!holder || target === undefined) continue;
      holder.links ??= [];
      holder.links.push({ kind: link.kind, span, target });
    }
  }

  #slice({ start, end }: SourceRange): string {
    return this.#source.slice(start, end);
  }
}

/** Labels match whatever their case and blanks (CommonMark 0.31.2, 6.3). */
function normalizeLabel(label: string): string {
  return label
    .replaceAll(/[\t\n\r ]+/g, " ")
    .trim()
    .toLowerCase()
    .toUpperCase();
}

/** Finds links in a text by its runs; both are in source order. Links without words in it are left out. */
function placeLinks(
  { runs }: MappedText,
  links: readonly SourceLink[],
): { span: Link["span"]; link: SourceLink }[] {
  const placed: { span: Link["span"]; link: SourceLink }[] = [];
  let first = 0;
  for (const link of links) {
    while (first < runs.length && endInSource(runs[first]) <= link.start) first += 1;
    let [from, to] = [-1, -1];
    for (let index = first; index < runs.length; index += 1) {
      const run = runs[index];
      if (!run || run[2] >= link.end) break;
      if (from < 0) from = run[4] ? run[0] + Math.max(0, link.start - run[2]) : run[0];
      to = run[4] ? run[0] + Math.min(run[1], link.end - run[2]) : run[0] + run[1];
    }
    if (from >= 0 && to > from) placed.push({ span: [from, to], link });
  }
  return placed;
}

function endInSource(run: MappedText["runs"][number] | undefined): number {
  return run ? run[2] + run[3] : 0;
}
