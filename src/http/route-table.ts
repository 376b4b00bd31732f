import { SCOPES, type Scope } from "../domain/access.ts";

/** What a route requires of a request; `open` routes answer without a token. */
export type RouteScope = Scope | "open";

const ROUTE_SCOPES: readonly RouteScope[] = ["open", ...SCOPES];

export type Route = Readonly<{ method: string; path: string; scope: RouteScope }>;

/** A route of Elysia: the method in capitals, or `ALL`, and the path with its parameters as `:name`. */
type ElysiaRoute = Readonly<{ method: string; path: string; hooks?: RouteOptions }>;

type RouteOptions = Readonly<{
  detail?: { security?: readonly Readonly<Record<string, readonly string[]>>[] };
}>;

/** The options that give a route its scope, in the form of OpenAPI. `createRouteTable` refuses a route without them. */
const scoped = (scope: RouteScope) => ({ detail: { security: [{ token: [scope] }] } });

export const OPEN = scoped("open");
export const READ = scoped("read");
export const RUN = scoped("run");
export const OPERATE = scoped("operate");
export const ADMIN = scoped("admin");

/** Finds the routes of the app by method and path, as Elysia does. */
export type RouteTable = Readonly<{
  routes: readonly Route[];
  find(method: string, pathname: string): Route | null;
  /** The methods that the routes take at this path; empty when there is no route. */
  methodsAt(pathname: string): readonly string[];
}>;

/** @throws Error that names a route without a scope */
export function createRouteTable(elysiaRoutes: readonly ElysiaRoute[]): RouteTable {
  const routes = elysiaRoutes.map((route) => ({
    method: route.method,
    path: route.path,
    scope: scopeOf(route),
  }));
  const patterns = routes
    .toSorted((a, b) => specificity(b) - specificity(a))
    .map((route) => ({ route, segments: route.path.split("/") }));
  const matching = (pathname: string): readonly Route[] => {
    const segments = pathname.split("/");
    return patterns.filter((pattern) => matches(pattern.segments, segments)).map(({ route }) => route);
  };
  return {
    routes,
    find(method, pathname) {
      const segments = pathname.split("/");
      const found = patterns.find(
        (pattern) =>
          (pattern.route.method === method || pattern.route.method === "ALL") &&
          matches(pattern.segments, segments),
      );
      return found?.route ?? null;
    },
    methodsAt(pathname) {
      const methods = matching(pathname).map(({ method }) => method);
      // The listener answers HEAD as GET without the body.
      return methods.includes("GET") ? [...methods, "HEAD"] : methods;
    },
  };
}

function scopeOf({ method, path, hooks }: ElysiaRoute): RouteScope {
  const [requirement] = hooks?.detail?.security ?? [];
  const scope = ROUTE_SCOPES.find((known) => known === requirement?.token?.[0]);
  if (scope !== undefined) return scope;
  throw new Error(
    `The route ${method} ${path} has no scope: add OPEN, READ, RUN, OPERATE or ADMIN of src/http/route-table.ts to its options.`,
  );
}

function matches(pattern: readonly string[], segments: readonly string[]): boolean {
  if (pattern.at(-1) === "*") return segments.length >= pattern.length;
  return (
    pattern.length === segments.length &&
    pattern.every(
      (part, index) => part === segments[index] || (part.startsWith(":") && segments[index] !== ""),
    )
  );
}

/** Elysia prefers a path without parameters, then one with parameters, then a wildcard. */
function specificity({ path }: Route): number {
  if (path.endsWith("*")) return 0;
  return path.includes(":") ? 1 : 2;
}
