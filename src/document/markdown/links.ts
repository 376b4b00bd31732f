import { decodeString } from "micromark-util-decode-string";
import type { Link } from "../schema.ts";
import type { TextBlock } from "../text/decoded-text.ts";
import type { SourceRange } from "./inline.ts";
import { normalizeLabel } from "./labels.ts";
import { RangeQueue } from "./range-queue.ts";

/** A link or image by the place of its words in the source. `label` is what a reference refers to. */
export type SourceLink = SourceRange & { kind: Link["kind"]; target?: string; label?: string };

/** Collects links and definitions while a document is read, and places them in its blocks. */
export class LinkCollector {
  readonly #source: string;
  readonly #targets = new Map<string, string>();
  readonly #open: SourceLink[] = [];
  readonly #links = new RangeQueue<SourceLink>();
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
      this.#links.add(link);
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
      this.#links.add({ kind: "link", ...range, target: this.#slice(range) });
    } else if (type === "literalAutolinkWww") {
      this.#links.add({ kind: "link", ...range, target: `http://${this.#slice(range)}` });
    }
  }

  exit(type: string): void {
    if (type === "link" || type === "image") this.#open.pop();
  }

  /** Places the links that lie in this block. */
  take({ content }: TextBlock, index: number): void {
    for (const { span, range } of this.#links.take(content))
      this.#placed.push({ block: index, span, link: range });
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
