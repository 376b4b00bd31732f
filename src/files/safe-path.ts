import { MAX_CONTENT_BYTES } from "../domain/artifact.ts";

/** Far more than a bundle has; what has more is not read. */
export const MAX_BUNDLE_FILES = 100;

/** The largest artifact that is stored. */
export const MAX_BUNDLE_FILE_BYTES = MAX_CONTENT_BYTES;

const SAFE_PATH = /^[A-Za-z0-9_-][A-Za-z0-9._-]*(\/[A-Za-z0-9_-][A-Za-z0-9._-]*){0,3}$/;
const MAX_PATH_LENGTH = 200;

/** What is wrong with the name of a file, or with its place after the name before it; null when it is well. */
export function findPathFault(path: string, previous: string | undefined): string | null {
  if (path.length > MAX_PATH_LENGTH || !SAFE_PATH.test(path) || path.includes("..")) return "is no safe path";
  if (path === previous) return "is there twice";
  return previous !== undefined && path < previous
    ? `does not come after ${previous} in the order of names`
    : null;
}
