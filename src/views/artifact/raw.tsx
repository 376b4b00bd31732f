import { decode } from "../../document/decode.ts";
import { formatBytes, formatCount } from "../../projection/format.ts";
import { LINES_PER_PAGE, rawLinesOf, type Span } from "../../projection/raw-lines.ts";
import type { Part } from "../../projection/segments.ts";
import type { ArtifactDetail, Place } from "../model.ts";

/** The source as it came, line by line; the bytes that a citation names are marked. */
export function Raw({ detail, place }: { detail: ArtifactDetail; place: Place }): JSX.Element {
  const source = textOf(detail, place.bytes);
  if (source === null) {
    return (
      <p class="empty quiet">
        These are <span safe>{formatBytes(detail.meta.bytes)}</span> of{" "}
        <code safe>{detail.meta.media_type}</code>, not text. Download them to see them as they are.
      </p>
    );
  }
  const { lines, total, from } = rawLinesOf(source.text, source.span, place.at);
  const firstMarked = lines.find(({ parts }) => parts.some(({ kind }) => kind === "mark"))?.number;
  return (
    <>
      <Pages artifactId={detail.meta.id} total={total} from={from} size={LINES_PER_PAGE} noun="line" />
      <section class="raw" aria-label="Source">
        {lines.map(({ number, parts }) => (
          <div class="raw-line">
            <span class="raw-number" aria-hidden="true" safe>
              {String(number)}
            </span>
            <span class="raw-text" dir="auto">
              <Parts parts={parts} markId={number === firstMarked ? "cited" : undefined} />
            </span>
          </div>
        ))}
      </section>
    </>
  );
}

/** Text in pieces; where the mark begins is what an address can jump to. */
export function Parts({
  parts,
  markId,
}: {
  parts: readonly Part[];
  markId: string | undefined;
}): JSX.Element {
  return (
    <>
      {parts.map((part) =>
        part.kind === "cut" ? (
          <span class="cut" safe>
            {`… ${formatCount(part.count, "more character")} …`}
          </span>
        ) : part.kind === "mark" ? (
          <mark id={markId} safe>
            {part.text}
          </mark>
        ) : (
          <span safe>{part.text}</span>
        ),
      )}
    </>
  );
}

/** Pages of a long artifact, as links: they work without a script, and one can be sent to somebody. */
export function Pages(props: {
  artifactId: string;
  total: number;
  from: number;
  size: number;
  noun: string;
}): JSX.Element {
  const { artifactId, total, from, size, noun } = props;
  if (total <= size) return "";
  const link = (at: number, label: string) =>
    at < 0 || at >= total || at === from ? (
      <span class="quiet" safe>
        {label}
      </span>
    ) : (
      <a
        href={`/artifacts/${artifactId}?at=${at}`}
        hx-get={`/artifacts/${artifactId}?at=${at}`}
        hx-target="#artifact-view"
        hx-swap="outerHTML"
        hx-push-url="true"
        safe
      >
        {label}
      </a>
    );
  const last = Math.floor((total - 1) / size) * size;
  return (
    <nav class="pages" aria-label="Pages">
      {link(0, "First") as "safe"}
      {link(from - size, "Previous") as "safe"}
      <span safe>{`${from + 1}–${Math.min(from + size, total)} of ${formatCount(total, noun)}`}</span>
      {link(from + size, "Next") as "safe"}
      {link(last, "Last") as "safe"}
    </nav>
  );
}

type Base64 = Readonly<{ encoding: "base64"; data: string }>;

/** The text and the marked span in UTF-16 units; null for bytes that are no text. */
function textOf(
  { meta, content }: ArtifactDetail,
  bytes: Span | null,
): { text: string; span: Span | null } | null {
  if (typeof content === "string") {
    const utf8 = bytes === null ? null : Buffer.from(content);
    const units = (byte: number) => utf8?.toString("utf8", 0, byte).length ?? 0;
    return { text: content, span: bytes === null ? null : [units(bytes[0]), units(bytes[1])] };
  }
  if (!isBase64(content)) return { text: JSON.stringify(content, null, 2), span: null };
  if (!meta.media_type.startsWith("text/")) return null;
  const raw = Buffer.from(content.data, "base64");
  const declared = /charset="?([^";]+)/i.exec(meta.media_type)?.[1];
  const { text, charset } = decode(raw, declared);
  const bom = raw.length > 0 && charset.startsWith("utf-") ? bomLength(raw) : 0;
  const units = (byte: number) => decode(raw.subarray(0, Math.max(byte, bom)), charset).text.length;
  return { text, span: bytes === null ? null : [units(bytes[0]), units(bytes[1])] };
}

function bomLength(raw: Uint8Array): number {
  if (raw[0] === 0xef && raw[1] === 0xbb && raw[2] === 0xbf) return 3;
  return (raw[0] === 0xff && raw[1] === 0xfe) || (raw[0] === 0xfe && raw[1] === 0xff) ? 2 : 0;
}

function isBase64(content: unknown): content is Base64 {
  return (
    typeof content === "object" && content !== null && "encoding" in content && content.encoding === "base64"
  );
}
