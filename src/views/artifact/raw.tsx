import { formatBytes } from "../../projection/format.ts";
import { LINES_PER_PAGE, rawLinesOf } from "../../projection/raw-lines.ts";
import { rawTextOf } from "../../projection/raw-text.ts";
import type { ArtifactDetail, Place } from "../model.ts";
import { Pages } from "./pages.tsx";
import { Parts } from "./parts.tsx";

type RawProps = Readonly<{ detail: ArtifactDetail; place: Place }>;

/** The received document, line by line, with the cited bytes highlighted. */
export function Raw({ detail: { meta, content }, place }: RawProps): JSX.Element {
  const source = rawTextOf(content, meta.media_type, place.bytes);
  if (source === null) {
    return (
      <p class="empty quiet">
        This file has <span safe>{formatBytes(meta.bytes)}</span> of <code safe>{meta.media_type}</code>,
        which is not text. Download it to read it.
      </p>
    );
  }
  const { lines, total, from } = rawLinesOf(source.text, source.span, place.at);
  const firstMarked = lines.find(({ parts }) => parts.some(({ kind }) => kind === "mark"))?.number;
  return (
    <>
      <Pages artifactId={meta.id} total={total} from={from} size={LINES_PER_PAGE} noun="line" />
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
