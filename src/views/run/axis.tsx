import { formatClock, formatCount, formatDuration } from "../../projection/format.ts";
import type { RunView, TimelineEntry } from "../../projection/run-view.ts";
import type { Bar, Break, Waterfall } from "../../projection/waterfall.ts";

/** Where time was shortened shows as a band down all steps; with more than a few bands it would show nothing. */
export const MAX_BREAKS = 6;

/** The whole in one strip: where time went, and where it was compressed. */
export function Axis({
  run,
  fall,
  shown,
}: {
  run: RunView;
  fall: Waterfall;
  /** The steps on the page, when they are not all. */
  shown: readonly TimelineEntry[];
}): JSX.Element {
  const first = fall.bars.find(({ functionId }) => functionId === shown[0]?.function_id);
  const last = fall.bars.find(({ functionId }) => functionId === shown.at(-1)?.function_id);
  const idleMs = fall.breaks.reduce((sum, { ms }) => sum + ms, 0);
  return (
    <div class="axis">
      <span class="axis-label" safe>
        {`${formatCount(run.timeline.length, "step")} · ${formatDuration(fall.workMs)} of work`}
        {idleMs === 0 ? "" : ` · ${formatDuration(idleMs)} idle, shortened`}
      </span>
      <svg class="track overview" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">
        {first === undefined || last === undefined ? (
          ""
        ) : (
          <rect
            class="bar-window"
            x={String(first.x)}
            y="0"
            width={String(Math.max(1, last.x + last.width - first.x))}
            height="10"
          />
        )}
        {fall.breaks.slice(0, 40).map(({ x, width }) => (
          <rect class="bar-break" x={String(x)} y="0" width={String(width)} height="10" />
        ))}
        <path class="bar-work" d={pathOf(fall.bars, "work")} />
        <path class="bar-failed" d={pathOf(fall.bars, "failed")} />
      </svg>
      <BreakLabels breaks={fall.breaks} />
      <p class="axis-ends">
        <span safe>{formatClock(run.header.created_at).slice(0, 8)}</span>
        <span safe>
          {run.header.completed_at === null ? "now" : formatClock(run.header.completed_at).slice(0, 8)}
        </span>
      </p>
    </div>
  );
}

/** How long each shortened stretch was, under it; more than a few labels would lie over each other. */
function BreakLabels({ breaks }: { breaks: readonly Break[] }): JSX.Element {
  const labelled = breaks.length > MAX_BREAKS ? [] : breaks;
  return (
    <svg class="break-labels" width="100%" height="14" aria-hidden="true">
      {labelled.map(({ x, width, ms }) => {
        const middle = x + width / 2;
        return (
          <text
            x={`${middle}%`}
            y="11"
            text-anchor={middle < 10 ? "start" : middle > 90 ? "end" : "middle"}
            safe
          >
            {formatDuration(ms)}
          </text>
        );
      })}
    </svg>
  );
}

/** Thousands of bars as one shape; those that fall into the same half percent are drawn once. */
function pathOf(bars: readonly Bar[], kind: Bar["kind"]): string {
  const drawn = new Map<number, number>();
  for (const bar of bars) {
    if (bar.kind !== kind) continue;
    const at = Math.round(bar.x * 2) / 2;
    drawn.set(at, Math.max(drawn.get(at) ?? 0, bar.width));
  }
  return [...drawn].map(([x, width]) => `M${x} 2h${width}v6h-${width}z`).join("");
}
