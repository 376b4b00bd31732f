import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { apiRoutes } from "./api/routes.ts";
import { createApiClient } from "./pages/api-client.ts";
import { pageRoutes } from "./pages/routes.ts";
import { createRouteTable, OPEN, READ } from "./route-table.ts";

const client = createApiClient(async () => new Response(), 1);

describe("the routes", () => {
  test("have a scope each, and only these answer without a token", () => {
    const { routes } = createRouteTable([
      ...pageRoutes(client, "ui").routes,
      ...apiRoutes(() => null).routes,
    ]);
    const open = routes
      .filter(({ scope }) => scope === "open")
      .map(({ method, path }) => `${method} ${path}`);
    assert.deepEqual(open.sort(), [
      "GET /healthz",
      "GET /ui/assets/:name",
      "GET /ui/gallery",
      "GET /ui/help",
    ]);
  });

  test("that change something require more than read", () => {
    const { routes } = createRouteTable([
      ...pageRoutes(client, "ui").routes,
      ...apiRoutes(() => null).routes,
    ]);
    const readable = routes.filter(({ method, scope }) => method !== "GET" && scope === "read");
    assert.deepEqual(readable, []);
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
