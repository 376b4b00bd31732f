import type { Credentials } from "../access/access.ts";

/** Browsers take a cookie with the prefix `__Host-` over TLS only, for this host only, and from no subdomain. */
const COOKIE = { plain: "jejakekal_session", secure: "__Host-jejakekal_session" } as const;

const SESSION = /^[A-Za-z0-9_-]{43}$/;

/** The token and the session of a request. Authorization of another scheme belongs to a proxy, and counts as none. */
export function readCredentials(headers: Headers): Credentials {
  const [, bearer = null] = /^bearer +(\S+) *$/i.exec(headers.get("authorization") ?? "") ?? [];
  return { bearer, session: readSession(headers.get("cookie") ?? "") };
}

function readSession(cookies: string): string | null {
  const pairs = cookies.split(";").map((pair) => pair.trim().split("="));
  for (const name of [COOKIE.secure, COOKIE.plain]) {
    const value = pairs.find(([key]) => key === name)?.[1];
    if (value !== undefined && SESSION.test(value)) return value;
  }
  return null;
}

/** The headers by which a page's own requests to the API are those of the person who opened the page, in the log too. */
export function credentialHeaders(headers: Headers): Record<string, string> {
  return Object.fromEntries(
    ["authorization", "cookie", "x-request-id"].flatMap((name) => {
      const value = headers.get(name);
      return value === null ? [] : [[name, value]];
    }),
  );
}

/** Scripts cannot read the cookie, and a browser does not send it with a request that another site causes. */
export function sessionCookie(session: string, expiresAtEpochMs: number, isSecure: boolean): string {
  return cookieOf(session, new Date(expiresAtEpochMs), isSecure);
}

/** Makes the browser forget the session. */
export function expiredCookie(isSecure: boolean): string {
  return cookieOf("", new Date(0), isSecure);
}

function cookieOf(value: string, expires: Date, isSecure: boolean): string {
  const name = isSecure ? COOKIE.secure : COOKIE.plain;
  const attributes = `Path=/; Expires=${expires.toUTCString()}; HttpOnly; SameSite=Strict`;
  return `${name}=${value}; ${attributes}${isSecure ? "; Secure" : ""}`;
}
