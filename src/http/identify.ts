import { ANONYMOUS, type Identity } from "../domain/access.ts";
import { Failure } from "../failure.ts";
import type { ApiSource, Reach } from "./api-source.ts";
import { credentialHeaders, readCredentials } from "./credentials.ts";

/** @throws Failure `unauthenticated`, `too_many_requests`, `database_unavailable` */
export type Identify = (headers: Headers, address: string) => Promise<Identity>;

export function createIdentify(api: ApiSource, { isTokenRequired }: Reach): Identify {
  if (api.kind === "local") {
    // While the services start, every route that shows something answers 503.
    return async (headers, address) =>
      (await api.getServices()?.access.identify(readCredentials(headers), address)) ?? ANONYMOUS;
  }
  // A bundle is shown on this machine alone, without tokens.
  if (api.kind === "bundle") return async () => ANONYMOUS;
  // The API checks each request that it gets. What it allows to its own machine without a token is not for others.
  if (!isTokenRequired) return async () => ANONYMOUS;
  return async (headers) => {
    const answer = await api.forward(
      new Request("http://api.internal/session", {
        headers: { ...credentialHeaders(headers), accept: "application/json" },
      }),
    );
    const isToken = answer.ok && ((await answer.json()) as { token: unknown }).token !== null;
    if (isToken || answer.status >= 500) return ANONYMOUS;
    throw new Failure("unauthenticated");
  };
}
