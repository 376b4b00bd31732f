import type { Identity } from "../domain/access.ts";
import type { Client } from "./forwarded.ts";

/** What is known of a request besides what it says itself. */
export type RequestContext = Readonly<{
  client: Client;
  /** `http://HOST:PORT` or `https://HOST`, as the client reaches this program. */
  origin: string;
}>;

const contexts = new WeakMap<Request, RequestContext>();
const identities = new WeakMap<Request, Identity>();

/** @param publicUrl the address of the proxy in front of this program */
export function contextFor(headers: Headers, client: Client, publicUrl: URL | undefined): RequestContext {
  const host = headers.get("host") ?? "";
  const isSecure = client.isSecure || (publicUrl?.protocol === "https:" && publicUrl.host === host);
  // The origin is shown in shell commands.
  const shown = /^[A-Za-z0-9.:[\]-]{1,255}$/.test(host) ? host : "127.0.0.1";
  return {
    client: { ...client, isSecure },
    origin: publicUrl?.host === host ? publicUrl.origin : `${isSecure ? "https" : "http"}://${shown}`,
  };
}

export function setContext(request: Request, context: RequestContext): void {
  contexts.set(request, context);
}

export function contextOf(request: Request): RequestContext {
  const context = contexts.get(request);
  if (context === undefined) throw new Error("The request did not come through the app.");
  return context;
}

export function setIdentity(request: Request, identity: Identity): void {
  identities.set(request, identity);
}

/** Null on a route that requires no scope, and when the request was refused. */
export function findIdentity(request: Request): Identity | null {
  return identities.get(request) ?? null;
}

/** Who sent the request; known on every route that requires a scope. */
export function identityOf(request: Request): Identity {
  const identity = identities.get(request);
  if (identity === undefined) throw new Error("The route of this request requires no scope.");
  return identity;
}
