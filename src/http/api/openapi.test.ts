import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { z } from "zod";
import { artifactPathOf } from "../../bundle/layout.ts";
import { completeRun, waitForEnd } from "../../client.ts";
import { ARTIFACT_TYPES } from "../../domain/artifact.ts";
import { RUN_STEPS } from "../../domain/run.ts";
import { FAILURES } from "../../failure.ts";
import { jsonOf, objectOf, postJson, type Reply, request } from "../../testing/http.ts";
import { REPOSITORY } from "../../testing/paths.ts";
import { slow, useService } from "../../testing/service.ts";
import { endSleep, startAsleep } from "../../testing/sleeping-run.ts";
import { apiRoutes } from "./routes.ts";

type Schema = Readonly<Record<string, unknown>>;
type Operation = Readonly<{
  responses: Readonly<Record<string, { content?: Readonly<Record<string, { schema: Schema }>> }>>;
}>;
type Specification = Readonly<{
  paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  components: Readonly<{ schemas: Readonly<Record<string, Schema>> }>;
}>;

const specification: Specification = JSON.parse(
  readFileSync(join(REPOSITORY, "spec-0", "openapi.json"), "utf8"),
);

describe("the OpenAPI document", () => {
  test("has every route of the server, and no other", () => {
    const served = apiRoutes(() => null).routes.map(
      ({ method, path }) => `${method.toLowerCase()} ${path.replaceAll(/:(\w+)/g, "{$1}")}`,
    );
    const described = Object.entries(specification.paths).flatMap(([path, operations]) =>
      Object.keys(operations).map((method) => `${method} ${path}`),
    );
    assert.deepEqual(described.sort(), served.sort());
  });

  test("has every failure, and no other", () => {
    const described = Object.keys(specification.components.schemas).filter((name) =>
      name.startsWith(FAILURE),
    );
    assert.deepEqual(
      described.sort(),
      Object.keys(FAILURES)
        .map((code) => `${FAILURE}${code}`)
        .sort(),
    );
  });

  test("has every artifact type and every step, and no other", () => {
    const { ArtifactType, ArtifactId, Bundle, ForkBody } = specification.components.schemas;
    assert.deepEqual(ArtifactType?.enum, [...ARTIFACT_TYPES]);
    assert.ok(String(ArtifactId?.pattern).endsWith(`:(${ARTIFACT_TYPES.join("|")})$`));
    const files = Object.keys(Object(Bundle?.properties)).filter((path) => path.startsWith("data/"));
    assert.deepEqual(files.sort(), ARTIFACT_TYPES.map(artifactPathOf).sort());
    assert.deepEqual(Object(ForkBody?.properties).from_step.oneOf, [
      { type: "integer", minimum: 0, maximum: RUN_STEPS.length - 1 },
      { enum: [...RUN_STEPS] },
    ]);
  });

  test("refers to nothing that it does not describe", () => {
    const named = [...JSON.stringify(specification).matchAll(/"#\/components\/schemas\/([^"]+)"/g)];
    const missing = named.filter(([, name = ""]) => specification.components.schemas[name] === undefined);
    assert.deepEqual(missing, []);
  });
});

describe("the answers of the running program are as the OpenAPI document says, to the key", () => {
  const service = useService({ env: { JEJAKEKAL_MAX_BODY_BYTES: "4096" } });
  const ask = async (method: "get" | "post", path: string, target: string, init: RequestInit = {}) =>
    assertDescribed(method, path, await request(`${service.url}${target}`, { method, ...init }));
  const json = (body: unknown): RequestInit => ({
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });

  test("of a successful run and all its resources", slow, async () => {
    const { run_id } = await completeRun(service.url, "# A title\n\nAnd 12 words.\n");
    await ask("get", "/healthz", "/healthz");
    await ask("get", "/runs", "/runs?status=done&limit=1");
    await ask("get", "/runs/{id}", `/runs/${run_id}`);
    await ask("get", "/runs/{id}/export", `/runs/${run_id}/export`);
    await ask("get", "/runs/{id}/bundle", `/runs/${run_id}/bundle`);
    await ask("get", "/runs/{id}/events", `/runs/${run_id}/events`);
    const memo = objectOf(await request(`${service.url}/artifacts/${run_id}:memo`));
    const [, citation] = /"id":"(q_[0-9a-f]+)"/.exec(JSON.stringify(memo)) ?? [];
    await ask("get", "/runs/{id}/citations/{citation}", `/runs/${run_id}/citations/${citation}`);
    await ask("get", "/runs/{id}/diff/{other}", `/runs/${run_id}/diff/${run_id}`);
    await ask("get", "/search", "/search?q=words+titel");
    await ask("get", "/search", "/search?q=%22");
    await ask("get", "/review", "/review?state=all");
    await ask("get", "/review", "/review?state=none");
    await ask("post", "/review/{id}", "/review/nobody:q_0123456789abcdef", json({ decision: "accepted" }));
    await ask("post", "/review/{id}", "/review/x", json({ decision: "corrected" }));
    await ask("get", "/overview", "/overview");
    await ask("get", "/commands", "/commands");
    await ask("get", "/artifacts", "/artifacts?type=memo");
    await ask("get", "/artifacts", `/artifacts?sha256=${"0".repeat(64)}`);
    for (const type of ARTIFACT_TYPES) await ask("get", "/artifacts/{id}", `/artifacts/${run_id}:${type}`);
    await ask("post", "/runs/{id}/fork", `/runs/${run_id}/fork`, json({ from_step: "memo", by: "a test" }));
  });

  test("of starts in every form, and of the same start twice", slow, async () => {
    await ask("post", "/runs", "/runs", json({ source: "one", workflowId: "twice" }));
    await ask("post", "/runs", "/runs", json({ source: "one", workflowId: "twice" }));
    await ask("post", "/runs", "/runs", json({ source: "two", workflowId: "twice" }));
    await ask("post", "/runs", "/runs", json({ cmd: "/doc words" }));
    await ask("post", "/runs", "/runs", json({ intent: "doc", args: { source: "words" } }));
    const headers = { "content-type": "text/plain" };
    await ask("post", "/runs", "/runs?filename=a.txt&sleepMs=1", { headers, body: "words" });
    const form = new FormData();
    form.set("file", new File(["words"], "a.md", { type: "text/markdown" }));
    await ask("post", "/runs", "/runs", { body: form });
    await waitForEnd(service.url, "twice");
  });

  test("of batches", slow, async () => {
    const form = new FormData();
    form.append("file", new File(["words"], "a.md", { type: "text/markdown" }));
    form.append("file", new File([""], "empty.txt"));
    await ask("post", "/batches", "/batches", { body: form });
    await ask("post", "/batches", "/batches", json({ batchId: "described" }));
    const texts = { headers: { "content-type": "text/plain" }, body: "words" };
    await ask("post", "/batches/{id}/documents", "/batches/described/documents?item=1", texts);
    await ask("post", "/batches/{id}/documents", "/batches/described/documents?item=1", texts);
    await ask("get", "/batches/{id}", "/batches/described");
    await ask("get", "/batches/{id}", "/batches/nobody");
    await ask("get", "/batches/{id}", "/batches/-");
    await ask("post", "/batches", "/batches", json({ batchId: "-" }));
    await ask("post", "/batches/{id}/documents", "/batches/nobody/documents", texts);
    await ask("post", "/batches/{id}/documents", "/batches/described/documents?item=+", texts);
  });

  test("of a run while it goes on, when it is cancelled, and when it is resumed", slow, async () => {
    const id = await startAsleep(service.url, { source: "words" });
    await ask("get", "/runs/{id}", `/runs/${id}`);
    await ask("get", "/runs/{id}/export", `/runs/${id}/export`);
    await ask("post", "/runs/{id}/resume", `/runs/${id}/resume`);
    await ask("post", "/runs/{id}/cancel", `/runs/${id}/cancel`, json({ by: "a test", reason: "to see" }));
    await ask("post", "/runs/{id}/cancel", `/runs/${id}/cancel`);
    await ask("post", "/runs/{id}/fork", `/runs/${id}/fork`, json({ from_step: 6 }));
    await endSleep(service.database, id);
    await ask("post", "/runs/{id}/resume", `/runs/${id}/resume`);
    await waitForEnd(service.url, id);
  });

  test("of refusals", slow, async () => {
    const texts = { "content-type": "text/plain" };
    await ask("post", "/runs", "/runs", { ...json({}), body: "{" });
    await ask("post", "/runs", "/runs", json({ source: "" }));
    await ask("post", "/runs", "/runs", json({ cmd: "/help" }));
    await ask("post", "/runs", "/runs?sleepMs=1", json({ source: "words" }));
    await ask("post", "/runs", "/runs", { headers: { "content-type": "image/png" }, body: "words" });
    await ask("post", "/runs", "/runs", { headers: texts, body: "w".repeat(5_000) });
    await ask("post", "/runs/{id}/cancel", "/runs/nobody/cancel", { ...json({}), body: "{" });
    await ask("post", "/runs/{id}/cancel", "/runs/nobody/cancel", { headers: texts, body: "now" });
    await ask("post", "/runs/{id}/fork", "/runs/nobody/fork", json({ from_step: "nowhere" }));
    for (const path of ["", "/export", "/bundle", "/bundle.zip", "/events"]) {
      await ask("get", `/runs/{id}${path}`, `/runs/nobody${path}`);
      await ask("get", `/runs/{id}${path}`, `/runs/-${path}`);
    }
    await ask("get", "/runs", "/runs?limit=0");
    for (const query of ["", "?run=nobody"]) await ask("get", "/bundles.zip", `/bundles.zip${query}`);
    await ask("get", "/commands", "/commands?before=x");
    await ask("get", "/artifacts", "/artifacts?type=none");
    for (const path of ["", "/download"]) {
      await ask("get", `/artifacts/{id}${path}`, `/artifacts/nobody:raw${path}`);
      await ask("get", `/artifacts/{id}${path}`, `/artifacts/nobody${path}`);
    }
  });

  test("of unknown addresses and of methods that an address does not allow", slow, async () => {
    assertIs(`${FAILURE}not_found`, await request(`${service.url}/nowhere`));
    assertIs(`${FAILURE}method_not_allowed`, await request(`${service.url}/runs`, { method: "DELETE" }));
    assert.equal(objectOf(await postJson(`${service.url}/healthz`, {})).error, "method_not_allowed");
  });
});

const FAILURE = "Failure_";

/** That the operation knows this status, and that the body is what it says of it. */
function assertDescribed(method: "get" | "post", path: string, reply: Reply): void {
  const response = specification.paths[path]?.[method]?.responses[String(reply.status)];
  assert.ok(response, `${method} ${path} is not said to answer ${reply.status}: ${reply.text}`);
  const schema = response.content?.["application/json"]?.schema;
  assert.ok(schema, `${method} ${path} is not said to answer ${reply.status} with JSON`);
  assertMatches(schema, reply, `${method} ${path} ${reply.status}`);
}

function assertIs(name: string, reply: Reply): void {
  assertMatches({ $ref: `#/components/schemas/${name}` }, reply, name);
}

function assertMatches(schema: Schema, reply: Reply, what: string): void {
  const result = validatorOf(schema).safeParse(jsonOf(reply));
  const said = result.success ? "" : `${z.prettifyError(result.error)}\n${reply.text.slice(0, 2_000)}`;
  assert.ok(result.success, `${what}: ${said}`);
}

/** Clients are told to expect more keys; here, a key that is not described is one that was forgotten. */
function validatorOf(schema: Schema): z.ZodType {
  const { schemas } = specification.components;
  const closed = JSON.stringify({ ...schema, $defs: schemas }, (_, value) =>
    typeof value === "object" && value !== null && "properties" in value && value.type === "object"
      ? { ...value, additionalProperties: false }
      : value,
  );
  return z.fromJSONSchema(JSON.parse(closed.replaceAll("#/components/schemas/", "#/$defs/")));
}
