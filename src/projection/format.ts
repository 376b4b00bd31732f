/** Formats of numbers and times for pages. The present time is a parameter. */

/** `850 ms`, `3.2 s`, `4 min 10 s`, `2 h 5 min`, `3 d 4 h`: at most two units. */
export function formatDuration(ms: number): string {
  if (ms < 1_000) return `${Math.max(0, Math.round(ms))} ms`;
  if (ms < 59_950) return `${(ms / 1_000).toFixed(ms < 9_950 ? 1 : 0)} s`;
  const seconds = Math.round(ms / 1_000);
  if (seconds < 3_600) return pair(seconds, 60, "min", "s");
  if (seconds < 86_400) return pair(Math.round(seconds / 60), 60, "h", "min");
  return pair(Math.round(seconds / 3_600), 24, "d", "h");
}

function pair(value: number, per: number, big: string, small: string): string {
  const rest = value % per;
  return `${Math.floor(value / per)} ${big}${rest === 0 ? "" : ` ${rest} ${small}`}`;
}

/** `now`, `12 s ago`, `3 min ago`, `5 h ago`, `2 d ago`. Clocks may differ, so a time in the future is `now`. */
export function formatAgo(atEpochMs: number, nowEpochMs: number): string {
  const seconds = Math.floor((nowEpochMs - atEpochMs) / 1_000);
  if (seconds < 5) return "now";
  if (seconds < 60) return `${seconds} s ago`;
  if (seconds < 3_600) return `${Math.floor(seconds / 60)} min ago`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3_600)} h ago`;
  return `${Math.floor(seconds / 86_400)} d ago`;
}

/** `105 B`, `2.7 kB`, `1.4 MB`: units of 1,000. */
export function formatBytes(bytes: number): string {
  if (bytes < 1_000) return `${bytes} B`;
  if (bytes < 999_500) return `${trim(bytes / 1_000)} kB`;
  return `${trim(bytes / 1_000_000)} MB`;
}

function trim(value: number): string {
  return value < 9.95 ? value.toFixed(1) : String(Math.round(value));
}

/** `2026-11-23 23:41:26.218`, UTC. */
export function formatInstant(epochMs: number): string {
  return new Date(epochMs).toISOString().replace("T", " ").slice(0, 23);
}

/** `23:41:26.218`, UTC, for use beside a date. */
export function formatClock(epochMs: number): string {
  return formatInstant(epochMs).slice(11);
}

const DAY_MS = 86_400_000;

/** `20:47:03` for a time of the present day, else with its day: `tomorrow 20:47`, `2026-11-23 20:47`. UTC. */
export function formatMoment(epochMs: number, nowEpochMs: number): string {
  const days = Math.floor(epochMs / DAY_MS) - Math.floor(nowEpochMs / DAY_MS);
  const clock = formatClock(epochMs);
  if (days === 0) return clock.slice(0, 8);
  const day = days === 1 ? "tomorrow" : days === -1 ? "yesterday" : formatInstant(epochMs).slice(0, 10);
  return `${day} ${clock.slice(0, 5)}`;
}

/** The first twelve digits of a sha256. */
export function shortHash(sha256: string): string {
  return sha256.slice(0, 12);
}

const GENERATED_ID = /^[0-9a-f]{8}-[0-9a-f]{4}-/;

/** The first group of a generated id; an id that a client chose is not shortened. */
export function shortRunId(runId: string): string {
  return GENERATED_ID.test(runId) ? runId.slice(0, 8) : runId;
}

/** `7 steps`, `1 step`. */
export function formatCount(count: number, one: string, many = `${one}s`): string {
  return `${count.toLocaleString("en")} ${count === 1 ? one : many}`;
}
