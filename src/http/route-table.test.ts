import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { apiRoutes } from "./api/routes.ts";
import { createApiClient } from "./pages/api-client.ts";
import { pageRoutes } from "./pages/routes.ts";
import { createRouteTable, OPEN, READ } from "./route-table.ts";

const clientOf = () => createApiClient(async () => new Response(), { maxBodyBytes: 1 }, new Headers());

describe("the routes", () => {
  test("have a scope each, and only these answer without a token", () => {
    const { routes } = createRouteTable([
      ...pageRoutes(clientOf, "ui").routes,
      ...apiRoutes(() => null).routes,
    ]);
    const open = routes
      .filter(({ scope }) => scope === "open")
      .map(({ method, path }) => `${method} ${path}`);
    assert.deepEqual(open.sort(), [
      "GET /healthz",
      "GET /livez",
      "GET /readyz",
      "GET /ui/assets/:name",
      "GET /ui/gallery",
      "GET /ui/help",
      "GET /ui/sign-in",
      "POST /session/end",
      "POST /ui/sign-in",
      "POST /ui/sign-out",
    ]);
  });

  test("that change something require more than read", () => {
    const { routes } = createRouteTable([
      ...pageRoutes(clientOf, "ui").routes,
      ...apiRoutes(() => null).routes,
    ]);
    const readable = routes.filter(({ method, scope }) => method !== "GET" && scope === "read");
    // A session has the scope of its token.
    assert.deepEqual(
      readable.map(({ path }) => path),
      ["/session"],
    );
  });

  test("without a scope stop the program with the name of the route", () => {
    assert.throws(
      () => createRouteTable([{ method: "GET", path: "/runs/:id/secret", hooks: {} }]),
      /GET \/runs\/:id\/secret has no scope/,
    );
  });

  test("are found as Elysia finds them: the fixed path first, the wildcard last", () => {
    const table = createRouteTable([
      { method: "ALL", path: "/*", hooks: OPEN },
      { method: "GET", path: "/runs/:id", hooks: READ },
      { method: "GET", path: "/runs/all", hooks: READ },
    ]);
    const find = (pathname: string, method = "GET") => table.find(method, pathname)?.path;
    assert.equal(find("/runs/all"), "/runs/all");
    assert.equal(find("/runs/x"), "/runs/:id");
    assert.equal(find("/runs/x", "POST"), "/*");
    assert.equal(find("/runs/x/y"), "/*");
    assert.equal(find("/"), "/*");
  });
});
