import { formatBytes } from "../../projection/format.ts";
import { LINES_PER_PAGE } from "../../projection/raw-lines.ts";
import type { RawWindow } from "../../projection/raw-window.ts";
import type { ArtifactView } from "../../projection/run-view.ts";
import { Pages } from "./pages.tsx";
import { Parts } from "./parts.tsx";

type RawProps = Readonly<{ meta: ArtifactView; window: RawWindow }>;

/** The received document, line by line, with the cited bytes highlighted. */
export function Raw({ meta, window: { lines, total, from } }: RawProps): JSX.Element {
  if (total === null) {
    return (
      <p class="empty quiet">
        This file has <span safe>{formatBytes(meta.bytes)}</span> of <code safe>{meta.media_type}</code>,
        which is not text. <a href={`/artifacts/${meta.run_id}:docir`}>Read what was found in it</a>, or
        download it.
      </p>
    );
  }
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
              <Parts parts={parts} markId={number === firstMarked ? "cited" : undefined} shown={null} />
            </span>
          </div>
        ))}
      </section>
    </>
  );
}
