import { type PageParams, readWholeNumber } from "./page-params.ts";

/** How many polls a page has made, and when it was first served. */
export type WatchProgress = Readonly<{ polls: number; sinceEpochMs: number }>;

/** When to poll next; null when the page stops polling. */
export type NextPoll = Readonly<{ everyMs: number; progress: WatchProgress }> | null;

/**
 * The progress that a poll address carries. A value that is not a whole number counts as missing, and a start in the future
 * counts as now: addresses can be edited by hand.
 */
export function readWatchProgress(query: Pick<URLSearchParams, "get">, nowEpochMs: number): WatchProgress {
  return {
    polls: readWholeNumber(query.get("polls")) ?? 0,
    sinceEpochMs: Math.min(readWholeNumber(query.get("since")) ?? nowEpochMs, nowEpochMs),
  };
}

const DEFAULT_INTERVAL_MS = 1_000;
const MIN_INTERVAL_MS = 50;
const BACKOFF = 1.5;

/**
 * The interval is constant unless the address sets `pollMaxIntervalMs`: then it grows by half with each poll, up to that.
 */
export function nextPoll(params: PageParams, progress: WatchProgress, nowEpochMs: number): NextPoll {
  const { pollIntervalMs, pollMaxIntervalMs, pollTimeoutMs } = params;
  if (pollTimeoutMs !== null && nowEpochMs - progress.sinceEpochMs >= pollTimeoutMs) return null;
  const first = Math.max(pollIntervalMs ?? DEFAULT_INTERVAL_MS, MIN_INTERVAL_MS);
  const most = Math.max(pollMaxIntervalMs ?? first, first);
  const everyMs = Math.round(Math.min(first * BACKOFF ** Math.min(progress.polls, 64), most));
  return { everyMs, progress: { ...progress, polls: progress.polls + 1 } };
}

/** The value of `hx-trigger`: `every 1s`, `every 250ms`. */
export function pollTrigger(everyMs: number): string {
  return everyMs % 1_000 === 0 ? `every ${everyMs / 1_000}s` : `every ${everyMs}ms`;
}
