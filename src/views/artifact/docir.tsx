import { REVIEW_BELOW } from "../../document/confidence.ts";
import type { Block, DocIR } from "../../document/schema.ts";
import { reasonInWords, warningsInWords } from "../../projection/confidence-reasons.ts";
import { BLOCKS_PER_WINDOW, type DocumentWindow, type ShownBlock } from "../../projection/document-window.ts";
import { formatCount } from "../../projection/format.ts";
import { DocumentTable } from "./document-table.tsx";
import { Pages } from "./pages.tsx";
import { Parts } from "./parts.tsx";
import { PdfPage } from "./pdf-page.tsx";

type DocIRViewProps = Readonly<{ window: DocumentWindow; artifactId: string; pdfUrl: string | null }>;

/** The parsed document: a window of its blocks in order. A block with low confidence shows the reasons. */
export function DocIRView({ window, artifactId, pdfUrl }: DocIRViewProps): JSX.Element {
  const { source, total, doubtful, from, lang } = window;
  return (
    <>
      <p class="summary" safe>
        {[
          formatCount(total, "block"),
          doubtful === 0 ? "no doubts" : `${formatCount(doubtful, "block")} with low confidence`,
          ...(source.charset === "none"
            ? []
            : [`${source.charset} ${CHARSET_SOURCES[source.charsetBy]}`.trim()]),
          ...warningsInWords(window.warnings),
        ].join(" · ")}
      </p>
      <Pages artifactId={artifactId} total={total} from={from} size={BLOCKS_PER_WINDOW} noun="block" />
      {pdfUrl === null ? "" : <PdfPage window={window} url={pdfUrl} />}
      <div class="document" lang={lang?.code}>
        {groupLists(window.blocks).map((group) => (
          <BlockGroup group={group} artifactId={artifactId} window={window} />
        ))}
      </div>
      <Pages artifactId={artifactId} total={total} from={from} size={BLOCKS_PER_WINDOW} noun="block" />
    </>
  );
}

/** How the charset was found. */
const CHARSET_SOURCES: Readonly<Record<DocIR["source"]["charsetBy"], string>> = {
  bom: "(byte order mark)",
  utf8: "(detected)",
  declared: "(declared)",
  fallback: "(guessed)",
  none: "",
};

/** What a block is that is not part of what the document says. */
const ROLES: Readonly<Record<NonNullable<Block["role"]>, string>> = {
  boilerplate: "not part of the content",
  hidden: "not shown by the document",
};

type Group = { isList: boolean; blocks: ShownBlock[] };

/** List items that follow each other are one list. */
function groupLists(blocks: readonly ShownBlock[]): readonly Group[] {
  const groups: Group[] = [];
  for (const shown of blocks) {
    const isList = shown.block.type === "list_item";
    const last = groups.at(-1);
    if (last?.isList === isList) last.blocks.push(shown);
    else groups.push({ isList, blocks: [shown] });
  }
  return groups;
}

type BlockGroupProps = Readonly<{ group: Group; artifactId: string; window: DocumentWindow }>;

function BlockGroup({ group, artifactId, window }: BlockGroupProps): JSX.Element {
  const blocks = (
    <>
      {group.blocks.map((shown) => (
        <BlockView shown={shown} artifactId={artifactId} window={window} />
      ))}
    </>
  );
  return group.isList ? <ul class="document-list">{blocks as "safe"}</ul> : blocks;
}

function isDoubtful({ type, confidence }: ShownBlock["block"]): boolean {
  return confidence < REVIEW_BELOW && type !== "separator";
}

type BlockProps = Readonly<{ shown: ShownBlock; artifactId: string; window: DocumentWindow }>;

function BlockView(props: BlockProps): JSX.Element {
  const { block } = props.shown;
  const attributes = {
    class: "block",
    id: block.id,
    dir: "auto",
    "data-type": block.type,
    "data-role": block.role,
    "data-level": block.level === undefined ? undefined : String(Math.min(block.level, 6)),
    "data-doubt": isDoubtful(block) ? "true" : undefined,
  } as const;
  const content = <BlockContent {...props} />;
  return block.type === "list_item" ? (
    <li {...attributes}>{content as "safe"}</li>
  ) : (
    <div {...attributes}>{content as "safe"}</div>
  );
}

function BlockContent(props: BlockProps): JSX.Element {
  const { block, source, table } = props.shown;
  return (
    <>
      <BlockBody {...props} />
      {block.role === undefined ? "" : <p class="quiet">{ROLES[block.role] as "safe"}</p>}
      {source === null || table !== null || block.src.every(({ k }) => k === "pdf") ? (
        ""
      ) : (
        <p class="quiet block-source" safe>
          {source}
        </p>
      )}
      {isDoubtful(block) ? (
        <p class="doubt" dir="ltr">
          <span class="mark" data-tone="warn" safe>
            {`${Math.round(block.confidence * 100)} %`}
          </span>{" "}
          <span safe>{block.reasons.map(reasonInWords).join(", ")}</span>
        </p>
      ) : (
        ""
      )}
    </>
  );
}

/** A task of a list; its box stands in the text. */
const TASK = /^\[([ xX])\] /;

/** The headings of the document start at h4, below the headings of the page. */
function BlockBody({ shown, artifactId, window }: BlockProps): JSX.Element {
  const { block, parts, table } = shown;
  const markId = block.id === window.marked ? "cited" : undefined;
  const shownWindow = { artifactId, from: window.from, to: window.to };
  if (table !== null)
    return (
      <DocumentTable
        shown={shown}
        table={table}
        at={block.order}
        shownWindow={shownWindow}
        mediaType={window.source.mediaType}
        markId={markId}
      />
    );
  const text = <Parts parts={parts} markId={markId} shown={shownWindow} />;
  const attributes = { class: "block-text", "data-from": String(block.span[0]) } as const;
  switch (block.type) {
    case "title":
    case "heading":
      return <Heading level={block.level ?? 1} text={text} attributes={attributes} />;
    case "code":
      return (
        <pre {...attributes}>
          <code>{text as "safe"}</code>
        </pre>
      );
    case "separator":
      return <hr />;
    default:
      return (
        <>
          <Marker shown={shown} />
          <p {...attributes}>{text as "safe"}</p>
        </>
      );
  }
}

/** The number or bullet of a list item or footnote, as it stands in the source; a task has its box instead. */
function Marker({ shown: { block, parts } }: Readonly<{ shown: ShownBlock }>): JSX.Element {
  const { type, marker } = block;
  if (type !== "list_item" && marker === undefined) return "";
  const [first] = parts;
  const task = type === "list_item" && first?.kind !== "cut" ? TASK.exec(first?.text ?? "")?.[1] : undefined;
  if (task !== undefined)
    return (
      <span class="marker" aria-hidden="true">
        {task === " " ? "☐" : "☑"}
      </span>
    );
  const isBullet = marker === undefined || /^[-*+•]$/.test(marker);
  return (
    <span class="marker" aria-hidden={isBullet ? "true" : undefined} safe>
      {isBullet ? "•" : marker}
    </span>
  );
}

type HeadingProps = Readonly<{
  level: number;
  text: JSX.Element;
  attributes: Readonly<Record<string, string>>;
}>;

function Heading({ level, text, attributes }: HeadingProps): JSX.Element {
  if (level === 1) return <h4 {...attributes}>{text as "safe"}</h4>;
  return level === 2 ? <h5 {...attributes}>{text as "safe"}</h5> : <h6 {...attributes}>{text as "safe"}</h6>;
}
