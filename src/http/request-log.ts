import { randomUUID } from "node:crypto";

export const REQUEST_ID = "x-request-id";

const WELL_FORMED_ID = /^[A-Za-z0-9._:-]{1,128}$/;

/** The id that the client or its proxy gave the request, or a new one. */
export function requestIdOf(given: string | null): string {
  return given !== null && WELL_FORMED_ID.test(given) ? given : randomUUID();
}

/** The run that a request is about: from its path, or from the `location` of a run that it started. */
export function runIdOf(pathname: string, location: string | null): string | null {
  const pattern = /^(?:\/ui)?\/(?:runs|artifacts)\/([^/:?]+)/;
  return (pattern.exec(pathname) ?? pattern.exec(location ?? ""))?.[1] ?? null;
}

export function bytesOf({ headers, body }: Response): number | null {
  const length = headers.get("content-length");
  return length === null ? (body === null ? 0 : null) : Number(length);
}
