import { formatCount } from "../../projection/format.ts";
import type { Part, PartMark } from "../../projection/text-parts.ts";
import { attribute } from "../attribute.ts";
import { sourceLink } from "./viewer-link.ts";

/** The window of blocks that a page shows, so that a footnote in it is found without a request. */
export type ShownWindow = Readonly<{ artifactId: string; from: number; to: number }>;

type PartsProps = Readonly<{
  parts: readonly Part[];
  /** Element id of the highlight, for `#cited` in an address; undefined when the highlight starts elsewhere. */
  markId: string | undefined;
  /** null where no part has marks. */
  shown: ShownWindow | null;
}>;

type TextPart = Exclude<Part, { kind: "cut" }>;

/** Text with its cited span highlighted, its marks as elements, and its omitted parts counted. */
export function Parts({ parts, markId, shown }: PartsProps): JSX.Element {
  return (
    <>
      {groupBy(parts, ({ kind }) => kind, isEqual).map(({ key, items }) => {
        const texts = items.filter((part) => part.kind !== "cut");
        if (key === "cut")
          return <>{items.map((part) => (part.kind === "cut" ? <Cut part={part} /> : ""))}</>;
        const [only] = texts;
        if (key === "text") return <Layers parts={texts} depth={0} shown={shown} />;
        if (texts.length === 1 && only?.marks === undefined)
          return (
            <mark id={markId} safe>
              {only?.text ?? ""}
            </mark>
          );
        return <mark id={markId}>{(<Layers parts={texts} depth={0} shown={shown} />) as "safe"}</mark>;
      })}
    </>
  );
}

function Cut({ part: { count } }: Readonly<{ part: Extract<Part, { kind: "cut" }> }>): JSX.Element {
  return (
    <span class="cut" data-count={String(count)} safe>
      {`… ${formatCount(count, "more character")} …`}
    </span>
  );
}

/** The elements of marks, outermost first. */
const LAYERS = ["link", "footnote_reference", "strong", "emphasis", "strikethrough", "code"] as const;

type LayersProps = Readonly<{ parts: readonly TextPart[]; depth: number; shown: ShownWindow | null }>;

/** Neighbours that have the same mark of this layer are in one element. Each text is a `span`, which the script counts. */
function Layers({ parts, depth, shown }: LayersProps): JSX.Element {
  const kind = LAYERS[depth];
  if (kind === undefined || parts.every(({ marks }) => marks === undefined))
    return (
      <>
        {parts.map(({ text }) => (
          <span safe>{text}</span>
        ))}
      </>
    );
  return (
    <>
      {groupBy(parts, ({ marks }) => marks?.find((mark) => mark.kind === kind), isSameMark).map(
        ({ key, items }) => {
          // A link holds no other: a footnote reference in it leads nowhere of its own.
          const within = key?.kind === "link" ? null : shown;
          const inner = <Layers parts={items} depth={depth + 1} shown={within} />;
          return key === undefined ? inner : <Marked mark={key} inner={inner} shown={shown} />;
        },
      )}
    </>
  );
}

type MarkedProps = Readonly<{ mark: PartMark; inner: JSX.Element; shown: ShownWindow | null }>;

function Marked({ mark, inner, shown }: MarkedProps): JSX.Element {
  switch (mark.kind) {
    case "emphasis":
      return <em>{inner as "safe"}</em>;
    case "strong":
      return <strong>{inner as "safe"}</strong>;
    case "strikethrough":
      return <del>{inner as "safe"}</del>;
    case "code":
      return <code>{inner as "safe"}</code>;
    case "link":
      return (
        <a
          href={attribute(mark.href)}
          title={attribute(mark.href)}
          target="_blank"
          rel="noopener noreferrer nofollow"
        >
          {inner as "safe"}
        </a>
      );
    case "footnote_reference":
      return <FootnoteReference place={mark.place} inner={inner} shown={shown} />;
  }
}

type FootnoteProps = Readonly<{
  place: Extract<PartMark, { kind: "footnote_reference" }>["place"];
  inner: JSX.Element;
  shown: ShownWindow | null;
}>;

function FootnoteReference({ place, inner, shown }: FootnoteProps): JSX.Element {
  if (place === null || shown === null) return <sup>{inner as "safe"}</sup>;
  const isShown = place.at >= shown.from && place.at < shown.to;
  const link = isShown
    ? { href: `#${place.block_id}` }
    : sourceLink(`/artifacts/${shown.artifactId}?at=${place.at}#${place.block_id}`);
  return (
    <sup>
      <a {...link}>{inner as "safe"}</a>
    </sup>
  );
}

function isEqual(a: string, b: string): boolean {
  return a === b;
}

function isSameMark(a: PartMark | undefined, b: PartMark | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  if (a.kind === "link" && b.kind === "link") return a.href === b.href;
  // Two references that touch are two.
  return a.kind === b.kind && a.kind !== "footnote_reference";
}

/** Neighbours with the same key, together. */
function groupBy<Item, Key>(
  items: readonly Item[],
  keyOf: (item: Item) => Key,
  isSame: (a: Key, b: Key) => boolean,
): readonly Readonly<{ key: Key; items: Item[] }>[] {
  const groups: { key: Key; items: Item[] }[] = [];
  for (const item of items) {
    const key = keyOf(item);
    const last = groups.at(-1);
    if (last !== undefined && isSame(last.key, key)) last.items.push(item);
    else groups.push({ key, items: [item] });
  }
  return groups;
}
