import { formatCount, formatDuration } from "../../projection/format.ts";
import type { RunView, TimelineEntry } from "../../projection/run-view.ts";
import type { Bar, Break, Waterfall } from "../../projection/waterfall.ts";
import { Moment } from "../moment.tsx";

/** Each shortened idle period is a band across all steps. Above this number the bands would cover the bars. */
export const MAX_BREAKS = 6;

/** The overview merges the bars of many steps; more bands than this are not readable on it. */
const MAX_OVERVIEW_BREAKS = 40;

type AxisProps = Readonly<{
  run: RunView;
  /** How many steps the run itself executed. */
  stepCount: number;
  nowEpochMs: number;
  waterfall: Waterfall;
  /** The steps on this page; empty when the page has all steps. */
  shown: readonly TimelineEntry[];
}>;

/** The time axis: the whole run in one strip, with the idle periods that are shortened. */
export function Axis({ run, stepCount, nowEpochMs, waterfall, shown }: AxisProps): JSX.Element {
  const { bars, breaks, workMs } = waterfall;
  const idleMs = breaks.reduce((sum, { ms }) => sum + ms, 0);
  const endedAt = run.header.completed_at;
  return (
    <div class="axis">
      <span class="axis-label" safe>
        {`${formatCount(stepCount, "step")} · ${formatDuration(workMs)} of work`}
        {idleMs === 0 ? "" : ` · ${formatDuration(idleMs)} idle, shortened`}
      </span>
      <svg class="track overview" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">
        <ShownRange bars={bars} shown={shown} />
        {breaks.slice(0, MAX_OVERVIEW_BREAKS).map(({ x, width }) => (
          <rect class="bar-break" x={String(x)} y="0" width={String(width)} height="10" />
        ))}
        <path class="bar-work" d={pathOf(bars, "work")} />
        <path class="bar-failed" d={pathOf(bars, "failed")} />
      </svg>
      <BreakLabels breaks={breaks} />
      <p class="axis-ends">
        <Moment epochMs={run.header.created_at} form="moment" nowEpochMs={nowEpochMs} />
        {endedAt === null ? "now" : <Moment epochMs={endedAt} form="moment" nowEpochMs={nowEpochMs} />}
      </p>
    </div>
  );
}

type ShownRangeProps = Readonly<{ bars: readonly Bar[]; shown: readonly TimelineEntry[] }>;

/** The part of the axis that the steps on this page cover. */
function ShownRange({ bars, shown }: ShownRangeProps): JSX.Element {
  const first = bars.find(({ functionId }) => functionId === shown[0]?.function_id);
  const last = bars.find(({ functionId }) => functionId === shown.at(-1)?.function_id);
  if (first === undefined || last === undefined) return "";
  const width = Math.max(1, last.x + last.width - first.x);
  return <rect class="bar-window" x={String(first.x)} y="0" width={String(width)} height="10" />;
}

/** The real length of each shortened period, below its band. Labels of many bands would overlap, so then there are none. */
function BreakLabels({ breaks }: Readonly<{ breaks: readonly Break[] }>): JSX.Element {
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

/** All bars of one kind as one SVG path. Bars within the same half percent are merged, to bound the size of the page. */
function pathOf(bars: readonly Bar[], kind: Bar["kind"]): string {
  const drawn = new Map<number, number>();
  for (const bar of bars) {
    if (bar.kind !== kind) continue;
    const at = Math.round(bar.x * 2) / 2;
    drawn.set(at, Math.max(drawn.get(at) ?? 0, bar.width));
  }
  return [...drawn].map(([x, width]) => `M${x} 2h${width}v6h-${width}z`).join("");
}
