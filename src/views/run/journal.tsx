import { eventLineOf } from "../../projection/event-lines.ts";
import {
  formatCount,
  formatDuration,
  formatInstant,
  shortHash,
  shortRunId,
} from "../../projection/format.ts";
import type { JournalView } from "../../projection/journal-view.ts";

/** More than this is what the JSON is for. */
const MAX_LINES = 60;

/** What every run goes through says nothing by itself; the rest is shown without being asked for. */
const EVERYDAY: ReadonlySet<string> = new Set(["accepted", "started", "finished", "exported"]);

/** What befell the run, and whether the chain of these entries holds. */
export function Journal({ journal, runId }: { journal: JournalView; runId: string }): JSX.Element {
  const { events, chain } = journal;
  if (events.length === 0) return "";
  const [first] = events;
  const isNoteworthy = events.some(({ kind }) => !EVERYDAY.has(kind));
  const shown = events.slice(-MAX_LINES);
  return (
    <details id="journal" class="journal" open={isNoteworthy} data-open={isNoteworthy ? "true" : undefined}>
      <summary id="journal-title" class="fold-title">
        Journal <span class="quiet" safe>{`${formatCount(events.length, "event")}`}</span>{" "}
        {chain.sound ? (
          <span
            class="mark"
            data-tone="good"
            title={`Each entry covers the one before it, up to ${chain.head_sha256}`}
          >
            chain holds
          </span>
        ) : (
          <span class="mark" data-tone="bad" safe>
            {`chain broken at ${chain.broken_at}`}
          </span>
        )}
      </summary>
      {shown.length < events.length ? (
        <p
          class="quiet"
          safe
        >{`${formatCount(events.length - shown.length, "earlier event")} in the JSON`}</p>
      ) : (
        ""
      )}
      <ol class="events">
        {shown.map((event) => {
          const { word, tone, about, atEpochMs, runId: other } = eventLineOf(event);
          return (
            <li data-kind={event.kind}>
              <time
                datetime={new Date(atEpochMs).toISOString()}
                title={`${formatInstant(atEpochMs)} UTC`}
                safe
              >
                {`+${formatDuration(atEpochMs - (first?.at_epoch_ms ?? atEpochMs))}`}
              </time>
              <span>
                <span class="mark" data-tone={tone} safe>
                  {word}
                </span>{" "}
                <span safe>{about}</span>{" "}
                {other === null ? (
                  ""
                ) : (
                  <a id={`event-${event.seq}`} href={`/runs/${other}`} safe>
                    {shortRunId(other)}
                  </a>
                )}
              </span>
              <code class="hash" title={`sha256 ${event.sha256}`} safe>
                {shortHash(event.sha256).slice(0, 8)}
              </code>
            </li>
          );
        })}
      </ol>
      <p>
        <a id="journal-json" href={`/runs/${runId}/events`}>
          Journal as JSON
        </a>
      </p>
    </details>
  );
}
