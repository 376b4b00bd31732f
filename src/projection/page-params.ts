/** Query parameters of a page: for the next run, and for how the page polls. In milliseconds. */
export type PageParams = Readonly<{
  sleepMs: number | null;
  pollIntervalMs: number | null;
  pollMaxIntervalMs: number | null;
  /** After how long a page stops polling; null: never. */
  pollTimeoutMs: number | null;
}>;

const NAMES = ["sleepMs", "pollIntervalMs", "pollMaxIntervalMs", "pollTimeoutMs"] as const;

const MAX_MS = 24 * 60 * 60 * 1_000;

/** A value that is not a number of milliseconds is ignored: people type addresses by hand. */
export function readPageParams(query: Pick<URLSearchParams, "get">): PageParams {
  const read = (name: (typeof NAMES)[number]) => {
    const value = readWholeNumber(query.get(name)) ?? 0;
    return value >= 1 ? Math.min(value, MAX_MS) : null;
  };
  return {
    sleepMs: read("sleepMs"),
    pollIntervalMs: read("pollIntervalMs"),
    pollMaxIntervalMs: read("pollMaxIntervalMs"),
    pollTimeoutMs: read("pollTimeoutMs"),
  };
}

/** The number in a query value of 1 to 15 digits; null for anything else, such as a negative number. */
export function readWholeNumber(text: string | null): number | null {
  return text !== null && /^\d{1,15}$/.test(text) ? Number(text) : null;
}

/** The settings that are present, in a fixed order, as entries of a query. */
export function pageParamEntries(params: PageParams): readonly (readonly [string, string])[] {
  return NAMES.flatMap((name) => (params[name] === null ? [] : [[name, String(params[name])] as const]));
}

/** The filters of the command list as the entries of a query, without its paging. */
export function filterEntries({ status, q }: Readonly<{ status: string; q: string }>) {
  return [
    ["status", status],
    ["q", q],
  ] as const;
}

/** An address with its query, without empty entries. */
export function addressOf(
  pathname: string,
  entries: readonly (readonly [string, string | number | null | undefined])[],
): string {
  const query = new URLSearchParams();
  for (const [name, value] of entries) {
    if (value !== null && value !== undefined && value !== "") query.set(name, String(value));
  }
  return query.size === 0 ? pathname : `${pathname}?${query}`;
}
