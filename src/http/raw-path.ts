import { parseArtifactId } from "../domain/artifact.ts";
import { parseBatchId } from "../domain/batch.ts";
import { parseRunId } from "../domain/run.ts";
import { Failure } from "../failure.ts";

/** A parsed request target: a path of checked segments, and the query as it was sent, "" or with its `?`. */
export type RequestTarget = Readonly<{ pathname: string; search: string }>;

/** The target of a request in its two parts; `authority` is null in the usual form, which is a path. */
export type SplitTarget = Readonly<{ authority: string | null; path: string }>;

/** Splits the absolute form, `GET http://host/path`, which clients of a proxy send. */
export function splitTarget(target: string): SplitTarget {
  const [, authority, path] = /^https?:\/\/([^/?#]*)(.*)$/i.exec(target) ?? [];
  if (authority === undefined || path === undefined) return { authority: null, path: target };
  return { authority, path: path.startsWith("/") ? path : `/${path}` };
}

/**
 * Parses the path and query of a request target as they were sent. URL parsers resolve `..` and decode `%2F`, each runtime differently, so the
 * checks come before any of them.
 *
 * @throws Failure `invalid_run_id`, `invalid_artifact_id`, `invalid_batch_id` for an invalid id in any spelling; `not_found` for any other path
 *   that parsers would read in different ways
 */
export function parseRequestPath(path: string): RequestTarget {
  const queryAt = path.indexOf("?");
  const pathname = queryAt === -1 ? path : path.slice(0, queryAt);
  const search = queryAt === -1 ? "" : path.slice(queryAt);
  if (!pathname.startsWith("/")) throw new Failure("not_found");
  const [first = "", ...rest] = pathname.slice(1).split("/");
  const segments = [first, ...parseSegments(first, rest)];
  if (segments.some((segment) => UNSAFE_SEGMENT.test(segment))) throw new Failure("not_found");
  // Some parsers read `//host/path` as another host.
  if (segments.length > 1 && segments.includes("")) throw new Failure("not_found");
  return { pathname: `/${segments.join("/")}`, search };
}

/** Dot segments in any spelling, backslashes, encoded slashes and NUL: parsers disagree on each of them. */
const UNSAFE_SEGMENT = /^(\.|%2e){1,2}$|\\|#|%2f|%5c|%00/i;

/** Validates the ids in `/runs/:id…`, `/artifacts/:id…`, `/batches/:id…`, and in the same paths under `/ui`. */
function parseSegments(first: string, rest: readonly string[]): readonly string[] {
  if (first === "ui") {
    const [second = "", ...deeper] = rest;
    return rest.length === 0 ? rest : [second, ...parseSegments(second, deeper)];
  }
  const [id, ...tail] = rest;
  if (id === undefined) return rest;
  if (first === "runs") return [parseRunId(decodeSegment(id)), ...parseSecondRunId(tail)];
  if (first === "batches") return [parseBatchId(decodeSegment(id)), ...tail];
  if (first === "artifacts") {
    const { runId, type } = parseArtifactId(decodeSegment(id));
    return [`${runId}:${type}`, ...tail];
  }
  return rest;
}

/** `/runs/:id/diff/:other` names two runs. */
function parseSecondRunId([action, other, ...rest]: readonly string[]): readonly string[] {
  if (action === undefined || other === undefined) return action === undefined ? [] : [action];
  return [action, action === "diff" ? parseRunId(decodeSegment(other)) : other, ...rest];
}

/** Decodes a segment once. A segment that cannot be decoded stays as it is, and is not a valid id. */
function decodeSegment(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
