import { SLEEP } from "../domain/run.ts";
import type { TimelineEntry } from "./run-view.ts";

/**
 * The geometry of the timeline, in percent of its width. Work is to scale. Long idle time (a sleep, the wait for a recovery) is
 * compressed, so that a run that works for 90 ms and sleeps for a day stays readable.
 */
export type Waterfall = Readonly<{
  bars: readonly Bar[];
  breaks: readonly Break[];
  /** From the first begin to the last end. */
  totalMs: number;
  workMs: number;
}>;

/** x and width in percent of the track. */
export type Bar = Readonly<{ functionId: number; x: number; width: number; kind: BarKind }>;

export type BarKind = "work" | "sleep" | "failed";

/** A stretch of idle time that is shown shorter than it was. */
export type Break = Readonly<{ x: number; width: number; ms: number }>;

type Stretch = Readonly<{ from: number; to: number; idle: boolean }>;

/** Idle time longer than this share of the work is compressed to this share. */
const IDLE_SHARE = 0.2;

/** Idle time below this is never compressed. */
const IDLE_MIN_MS = 20;

/** The least width of a bar, in percent. */
const MIN_WIDTH = 0.6;

/**
 * @param bounds epoch ms of the run's begin and of its end; while it runs, of the present time
 */
export function waterfallOf(
  steps: readonly TimelineEntry[],
  bounds: Readonly<{ from: number; to: number }>,
): Waterfall {
  const timed = steps.flatMap((step) => intervalOf(step, bounds.to));
  const from = Math.min(bounds.from, ...extremes(timed, "from"));
  const to = Math.max(bounds.to, from + 1, ...extremes(timed, "to"));
  const stretches = stretchesOf(
    timed.filter(({ kind }) => kind !== "sleep"),
    from,
    to,
  );
  const workMs = sum(stretches.filter(({ idle }) => !idle));
  const scale = scaleOf(stretches, workMs);
  const bars = timed.map(({ functionId, kind, from: begin, to: end }) => {
    const x = Math.min(scale.at(begin), 100 - MIN_WIDTH);
    return { functionId, kind, x: round(x), width: round(Math.max(scale.at(end) - x, MIN_WIDTH)) };
  });
  return { bars, breaks: scale.breaks, totalMs: to - from, workMs };
}

type Interval = Readonly<{ functionId: number; kind: BarKind; from: number; to: number }>;

/** DBOS records a sleep when it begins, with its future end; until then the bar ends at the present time. */
function intervalOf(step: TimelineEntry, now: number): readonly Interval[] {
  const from = step.started_at_epoch_ms;
  if (from === null) return [];
  const to = Math.max(from, Math.min(step.completed_at_epoch_ms ?? now, Math.max(now, from)));
  const kind = step.error !== null ? "failed" : step.function_name === SLEEP ? "sleep" : "work";
  return [{ functionId: step.function_id, kind, from, to }];
}

/** The least or greatest bound as a list of at most one; `Math.min(...list)` fails for very long lists. */
function extremes(intervals: readonly Interval[], side: "from" | "to"): readonly number[] {
  const first = intervals[0];
  if (first === undefined) return [];
  const pick = side === "from" ? Math.min : Math.max;
  return [intervals.reduce((found, interval) => pick(found, interval[side]), first[side])];
}

/** Splits the whole into work (a step ran) and idle time (no step ran), in order. */
function stretchesOf(work: readonly Interval[], from: number, to: number): readonly Stretch[] {
  const stretches: Stretch[] = [];
  let at = from;
  for (const { from: begin, to: end } of [...work].sort((a, b) => a.from - b.from)) {
    if (begin > at) stretches.push({ from: at, to: begin, idle: true });
    if (end > Math.max(at, begin)) stretches.push({ from: Math.max(at, begin), to: end, idle: false });
    at = Math.max(at, end);
  }
  if (to > at) stretches.push({ from: at, to, idle: true });
  return stretches;
}

function scaleOf(stretches: readonly Stretch[], workMs: number) {
  const limit = Math.max(IDLE_MIN_MS, workMs * IDLE_SHARE);
  const weights = stretches.map(({ from, to, idle }) => (idle ? Math.min(to - from, limit) : to - from));
  const total = weights.reduce((all, weight) => all + weight, 0) || 1;
  const starts: number[] = [];
  const breaks: Break[] = [];
  let x = 0;
  stretches.forEach(({ from, to }, index) => {
    const width = ((weights[index] ?? 0) / total) * 100;
    starts.push(x);
    if (to - from > (weights[index] ?? 0)) breaks.push({ x: round(x), width: round(width), ms: to - from });
    x += width;
  });
  return {
    breaks,
    at(epochMs: number): number {
      const index = indexAt(stretches, epochMs);
      const stretch = stretches[index];
      if (stretch === undefined) return 0;
      const share = Math.min(Math.max((epochMs - stretch.from) / (stretch.to - stretch.from), 0), 1);
      return (starts[index] ?? 0) + (share * (weights[index] ?? 0) * 100) / total;
    },
  };
}

/** The last stretch that begins at or before `epochMs`, by binary search. */
function indexAt(stretches: readonly Stretch[], epochMs: number): number {
  let low = 0;
  let high = stretches.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((stretches[middle]?.from ?? 0) <= epochMs) low = middle;
    else high = middle - 1;
  }
  return low;
}

function sum(stretches: readonly Stretch[]): number {
  return stretches.reduce((all, { from, to }) => all + to - from, 0);
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
