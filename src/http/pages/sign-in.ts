import { renderSignIn } from "../../views/fragments.tsx";
import type { Problem } from "../../views/model.ts";
import { expiredCookie, sessionCookie } from "../credentials.ts";
import type { Page } from "../reply.ts";
import { contextOf } from "../request-context.ts";
import type { ApiClient } from "./api-client.ts";
import { ASSET_URLS } from "./assets.ts";
import { readCommandForm } from "./command-form.ts";
import { seeOther } from "./notice-reply.ts";
import { senderUrl } from "./page-request.ts";

const SIGN_IN = "/ui/sign-in";

/** `GET /ui/sign-in`: takes a token. `?next=` is the page to open afterwards. */
export function showSignIn(request: Request): Page {
  return signInPage(new URL(request.url).searchParams.get("next"), null, 200);
}

/** `POST /ui/sign-in`: opens a session for the token and redirects to the next page. */
export async function signIn(client: ApiClient, request: Request): Promise<Page | Response> {
  const form = await readCommandForm(request, 0);
  const token = form?.fields.get("token")?.trim() ?? "";
  const next = form?.fields.get("next") ?? null;
  const answer = await client.openSession(token);
  if (!answer.ok) return signInPage(next, answer.problem, answer.problem.status);
  const { session, expires_at } = answer.value;
  const { isSecure } = contextOf(request).client;
  return withCookie(seeOther(localPath(next)), sessionCookie(session, expires_at, isSecure));
}

/** `POST /ui/sign-out`: ends the session. */
export async function signOut(client: ApiClient, request: Request): Promise<Response> {
  await client.endSession();
  return withCookie(seeOther(SIGN_IN), expiredCookie(contextOf(request).client.isSecure));
}

/** Answers a request for a page that needs a token: the browser goes on to the sign-in, and from there to where it was. */
export function redirectToSignIn(request: Request): Response {
  const isFragment = request.headers.get("hx-request") === "true";
  const page = isFragment || request.method !== "GET" ? senderUrl(request) : new URL(request.url);
  const location = `${SIGN_IN}?${new URLSearchParams({ next: `${page.pathname}${page.search}` })}`;
  if (!isFragment) return seeOther(location);
  return new Response(null, {
    status: 401,
    headers: { "hx-redirect": location, "hx-reswap": "none", "cache-control": "no-store" },
  });
}

function signInPage(next: string | null, problem: Problem | null, status: number): Page {
  return { html: renderSignIn(ASSET_URLS, localPath(next), problem), status };
}

/** Only a path of this program: a link to the sign-in may not lead to another site. */
function localPath(next: string | null): string {
  const isLocal = next !== null && next.length <= 2_000 && /^\/(?![/\\])[\x21-\x7e]*$/.test(next);
  return isLocal ? next : "/";
}

function withCookie(response: Response, cookie: string): Response {
  response.headers.append("set-cookie", cookie);
  return response;
}
