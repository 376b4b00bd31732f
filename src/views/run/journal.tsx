import { eventLineOf } from "../../projection/event-lines.ts";
import {
  formatCount,
  formatDuration,
  formatInstant,
  shortHash,
  shortRunId,
} from "../../projection/format.ts";
import type { EventView, JournalView } from "../../projection/journal-view.ts";

/** A page shows this many events at most; the JSON has more, and the paths of the rest. */
const MAX_EVENTS = 60;

/** Every run has these events. Any other event opens the journal without a click. */
const ROUTINE: ReadonlySet<string> = new Set(["accepted", "started", "finished", "exported"]);

type JournalProps = Readonly<{ journal: JournalView; runId: string }>;

/** The events of a run, and whether their hash chain is valid. */
export function Journal({ journal, runId }: JournalProps): JSX.Element {
  const { events, chain, page } = journal;
  const [first] = events;
  if (first === undefined) return "";
  const isOpen = events.some(({ kind }) => !ROUTINE.has(kind));
  const shown = events.slice(-MAX_EVENTS);
  const total = page?.total ?? events.length;
  const startEpochMs = page?.first_at_epoch_ms ?? first.at_epoch_ms;
  return (
    <details id="journal" class="journal" open={isOpen} data-open={isOpen ? "true" : undefined}>
      <summary id="journal-title" class="fold-title">
        Journal <span class="quiet" safe>{`${formatCount(total, "event")}`}</span> <ChainMark chain={chain} />
      </summary>
      {shown.length < total ? (
        <p class="quiet" safe>
          {`${formatCount(total - shown.length, "earlier event")} in the JSON`}
        </p>
      ) : (
        ""
      )}
      <ol class="events">
        {shown.map((event) => (
          <JournalEvent event={event} startEpochMs={startEpochMs} />
        ))}
      </ol>
      <p>
        <a id="journal-json" href={`/runs/${runId}/events`}>
          Journal as JSON
        </a>
      </p>
    </details>
  );
}

function ChainMark({ chain }: Pick<JournalView, "chain">): JSX.Element {
  return chain.sound ? (
    <span
      class="mark"
      data-tone="good"
      title={`Each event contains the hash of the event before it. Last hash: ${chain.head_sha256}`}
    >
      chain valid
    </span>
  ) : (
    <span class="mark" data-tone="bad" safe>
      {`chain broken at event ${chain.broken_at}`}
    </span>
  );
}

type JournalEventProps = Readonly<{ event: EventView; startEpochMs: number }>;

function JournalEvent({ event, startEpochMs }: JournalEventProps): JSX.Element {
  const { word, tone, about, atEpochMs, runId: other } = eventLineOf(event);
  return (
    <li data-kind={event.kind}>
      <time datetime={new Date(atEpochMs).toISOString()} title={`${formatInstant(atEpochMs)} UTC`} safe>
        {`+${formatDuration(atEpochMs - startEpochMs)}`}
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
}
