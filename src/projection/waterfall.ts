import type { TimelineEntry } from "./run-view.ts";

/**
 * The geometry of the timeline: where each step lies between 0 and 100. Work keeps its proportions. Idle time (a sleep, a
 * wait for a node to come back) is compressed as soon as it would push the work together: a run that works for 90 ms and
 * sleeps for a day is still readable, and says where the day went.
 */
export type Waterfall = Readonly<{
  bars: readonly Bar[];
  breaks: readonly Break[];
  /** Of the whole, in real time. */
  totalMs: number;
  workMs: number;
}>;

/** x and width in percent of the track. */
export type Bar = Readonly<{ functionId: number; x: number; width: number; kind: BarKind }>;

export type BarKind = "work" | "sleep" | "failed";

/** A stretch of idle time that is shown shorter than it was. */
export type Break = Readonly<{ x: number; width: number; ms: number }>;

type Stretch = Readonly<{ from: number; to: number; idle: boolean }>;

/** Idle time longer than this share of the work is compressed, to this share. */
const IDLE_SHARE = 0.2;

/** However short, idle time below this is left as it is: nobody minds it. */
const IDLE_MIN_MS = 20;

/** A bar never gets thinner than can be seen. */
const MIN_WIDTH = 0.6;

const SLEEP = "DBOS.sleep";

/**
 * @param bounds epoch ms of the run's begin and of its end, or of now while it runs
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

/** DBOS records a sleep when it begins, with the end it will have; until then it lasts as long as it has. */
function intervalOf(step: TimelineEntry, now: number): readonly Interval[] {
  const from = step.started_at_epoch_ms;
  if (from === null) return [];
  const to = Math.max(from, Math.min(step.completed_at_epoch_ms ?? now, Math.max(now, from)));
  const kind = step.error !== null ? "failed" : step.function_name === SLEEP ? "sleep" : "work";
  return [{ functionId: step.function_id, kind, from, to }];
}

/** `Math.min(...)` over thousands of arguments is avoided: two numbers at the most. */
function extremes(intervals: readonly Interval[], side: "from" | "to"): readonly number[] {
  const first = intervals[0];
  if (first === undefined) return [];
  const pick = side === "from" ? Math.min : Math.max;
  return [intervals.reduce((found, interval) => pick(found, interval[side]), first[side])];
}

/** Cuts the whole into work (some step ran) and idle time (none did), in order. */
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

/** The last stretch that begins at or before the moment, by halving. */
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
