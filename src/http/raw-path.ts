import { parseArtifactId } from "../domain/artifact.ts";
import { parseRunId } from "../domain/run.ts";
import { Failure } from "../failure.ts";

/** A request target that has been judged: a path made of checked segments only, and its query as it came. */
export type JudgedTarget = Readonly<{ pathname: string; search: string }>;

/**
 * Judges the request target as it came over the wire, before anything resolves `..` or decodes `%2F`: every URL parser does
 * one or the other, each runtime differently, and then the evidence is gone.
 *
 * @throws Failure `invalid_run_id`, `invalid_artifact_id` for an id that is not one, however it is spelled; `not_found` for
 *   a path that is no path
 */
export function judgeTarget(target: string): JudgedTarget {
  const path = withoutAuthority(target);
  const queryAt = path.indexOf("?");
  const pathname = queryAt === -1 ? path : path.slice(0, queryAt);
  const search = queryAt === -1 ? "" : path.slice(queryAt);
  if (!pathname.startsWith("/")) throw new Failure("not_found");
  const [first = "", ...rest] = pathname.slice(1).split("/");
  const segments = [first, ...judgeSegments(first, rest)];
  if (segments.some((segment) => UNSAFE_SEGMENT.test(segment))) throw new Failure("not_found");
  // `//host/path` is a path to one parser and another host to the next.
  if (segments.length > 1 && segments.includes("")) throw new Failure("not_found");
  return { pathname: `/${segments.join("/")}`, search };
}

/** Dot segments in any spelling, backslashes and encoded slashes mean one thing to one parser and another to the next. */
const UNSAFE_SEGMENT = /^(\.|%2e){1,2}$|\\|#|%2f|%5c|%00/i;

/** The id segments of the paths that carry one; the UI's own paths carry the same ids one level down. */
function judgeSegments(first: string, rest: readonly string[]): readonly string[] {
  if (first === "ui") {
    const [second = "", ...deeper] = rest;
    return rest.length === 0 ? rest : [second, ...judgeSegments(second, deeper)];
  }
  const [id, ...tail] = rest;
  if (id === undefined) return rest;
  if (first === "runs") return [parseRunId(decoded(id)), ...tail];
  if (first === "artifacts") {
    const { runId, type } = parseArtifactId(decoded(id));
    return [`${runId}:${type}`, ...tail];
  }
  return rest;
}

/** What the segment says when decoded once; what does not decode stays as it is and is no id. */
function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}

/** A proxy may send `GET http://host/path`: only the path is meant for us. */
function withoutAuthority(target: string): string {
  const match = /^https?:\/\/[^/?#]*(.*)$/i.exec(target);
  if (match === null) return target;
  return match[1]?.startsWith("/") ? match[1] : `/${match[1] ?? ""}`;
}
