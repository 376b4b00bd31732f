/** Which parts of a date or time a number format shows. */
export type DateParts = Readonly<{
  date: boolean;
  time: boolean;
  seconds: boolean;
  /** Hours, minutes or seconds go on beyond a day. */
  elapsed: boolean;
}>;

const DAY_MS = 86_400_000;
const DAY_SECONDS = 86_400;
const LAST_SERIAL = 2_958_465;

/** The day that Excel counts and the calendar does not have. */
const FALSE_LEAP_DAY = 60;

/**
 * A serial number of days as ISO 8601 date and time, such as "2024-02-29 13:45". The epochs are 1900 and 1904.
 * null for a number that is no date.
 */
export function formatDate(serial: number, parts: DateParts, is1904: boolean): string | null {
  if (!(serial >= 0 && serial < LAST_SERIAL + 1)) return null;
  const seconds = Math.round((serial - Math.floor(serial)) * DAY_SECONDS);
  const day = Math.floor(serial) + (seconds === DAY_SECONDS ? 1 : 0);
  const second = seconds % DAY_SECONDS;
  if (parts.elapsed) return formatTime(day * DAY_SECONDS + second, true);
  const time = formatTime(second, parts.seconds || second % 60 !== 0);
  if (!parts.date) return time;
  return parts.time ? `${dayOf(day, is1904)} ${time}` : dayOf(day, is1904);
}

function dayOf(day: number, is1904: boolean): string {
  if (is1904) return isoDay(Date.UTC(1904, 0, 1) + day * DAY_MS);
  if (day === FALSE_LEAP_DAY) return "1900-02-29";
  return isoDay(Date.UTC(1899, 11, day < FALSE_LEAP_DAY ? 31 : 30) + day * DAY_MS);
}

function isoDay(time: number): string {
  return new Date(time).toISOString().slice(0, 10);
}

function formatTime(seconds: number, showsSeconds: boolean): string {
  const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  const shown = showsSeconds ? parts : parts.slice(0, 2);
  return shown.map((part) => String(part).padStart(2, "0")).join(":");
}
