import type { PageParams } from "./page-params.ts";

/** How far a page's watching has come: polls so far, and when the first page was given out, in epoch ms. */
export type WatchProgress = Readonly<{ polls: number; sinceEpochMs: number }>;

/** The next poll; null when the page has watched as long as it was asked to. */
export type NextPoll = Readonly<{ everyMs: number; progress: WatchProgress }> | null;

const DEFAULT_INTERVAL_MS = 1_000;
const MIN_INTERVAL_MS = 50;
const BACKOFF = 1.5;

/**
 * Polls come at an even pace unless the address allows a longer one: then each waits half as long again as the one before,
 * up to `pollMaxIntervalMs`.
 */
export function nextPoll(params: PageParams, progress: WatchProgress, nowEpochMs: number): NextPoll {
  const { pollIntervalMs, pollMaxIntervalMs, pollTimeoutMs } = params;
  if (pollTimeoutMs !== null && nowEpochMs - progress.sinceEpochMs >= pollTimeoutMs) return null;
  const first = Math.max(pollIntervalMs ?? DEFAULT_INTERVAL_MS, MIN_INTERVAL_MS);
  const most = Math.max(pollMaxIntervalMs ?? first, first);
  const everyMs = Math.round(Math.min(first * BACKOFF ** Math.min(progress.polls, 64), most));
  return { everyMs, progress: { ...progress, polls: progress.polls + 1 } };
}

/** As `hx-trigger` takes it: `every 1s`, `every 250ms`. */
export function pollTrigger(everyMs: number): string {
  return everyMs % 1_000 === 0 ? `every ${everyMs / 1_000}s` : `every ${everyMs}ms`;
}
