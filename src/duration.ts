/** A length of time, as it was written and in milliseconds. */
export type Duration = Readonly<{ text: string; ms: number }>;

const DURATION =
  /^P(?=\d|T\d)(?:(\d{1,6})W)?(?:(\d{1,6})D)?(?:T(?=\d)(?:(\d{1,6})H)?(?:(\d{1,6})M)?(?:(\d{1,6})S)?)?$/;

/** Of weeks, days, hours, minutes and seconds. Months and years have no fixed length. */
const UNITS_MS = [604_800_000, 86_400_000, 3_600_000, 60_000, 1_000] as const;

/** Reads an ISO 8601 duration, such as `P90D`; null for any other text. */
export function parseDuration(text: string): Duration | null {
  const parts = DURATION.exec(text);
  if (parts === null) return null;
  return {
    text,
    ms: UNITS_MS.reduce((sum, unitMs, index) => sum + unitMs * Number(parts[index + 1] ?? 0), 0),
  };
}
