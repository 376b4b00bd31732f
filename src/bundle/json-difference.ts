import { isRecord } from "../domain/serialized.ts";

/** A place at which two JSON values differ. A side that has nothing there is undefined. */
export type JsonDifference = Readonly<{ pointer: string; left: unknown; right: unknown }>;

/** The first difference in the order of the keys, by its JSON pointer (RFC 6901); null when the values are equal. */
export function findFirstDifference(left: unknown, right: unknown, pointer = ""): JsonDifference | null {
  if (Array.isArray(left) && Array.isArray(right)) {
    const length = Math.max(left.length, right.length);
    for (let index = 0; index < length; index += 1) {
      const found = findFirstDifference(left[index], right[index], `${pointer}/${index}`);
      if (found !== null) return found;
    }
    return null;
  }
  if (isRecord(left) && isRecord(right)) {
    for (const key of [...new Set([...Object.keys(left), ...Object.keys(right)])].sort()) {
      const found = findFirstDifference(
        Object.hasOwn(left, key) ? left[key] : undefined,
        Object.hasOwn(right, key) ? right[key] : undefined,
        `${pointer}/${key.replaceAll("~", "~0").replaceAll("/", "~1")}`,
      );
      if (found !== null) return found;
    }
    return null;
  }
  return Object.is(left, right) ? null : { pointer, left, right };
}

/** A value for a line of text: JSON, cut to a readable length. */
export function shownValue(value: unknown): string {
  if (value === undefined) return "nothing";
  const text = JSON.stringify(value);
  return text.length <= MAX_SHOWN_UNITS ? text : `${text.slice(0, MAX_SHOWN_UNITS).toWellFormed()}…`;
}

const MAX_SHOWN_UNITS = 120;
