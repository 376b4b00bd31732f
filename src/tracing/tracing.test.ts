import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { startRun, waitForEnd } from "../client.ts";
import { findFreePort } from "../free-port.ts";
import { pollUntil } from "../poll.ts";
import { cloneDatabase } from "../testing/database.ts";
import { request } from "../testing/http.ts";
import { startCollector } from "../testing/otlp-collector.ts";
import { REPOSITORY } from "../testing/paths.ts";
import { startProgram } from "../testing/program.ts";
import { slow } from "../testing/service.ts";

const SECRET_TEXT = "The zebra crossing on Elm Street.";

describe("traces", () => {
  test("go from the request to finalize in one trace, each span with the id of the run", slow, async () => {
    await using collector = await startCollector();
    await using database = await cloneDatabase();
    await using program = await startProgram({
      database,
      env: { OTEL_EXPORTER_OTLP_ENDPOINT: `${collector.url}/` },
    });
    const traceId = "0af7651916cd43dd8448eb211c80319c";
    const reply = await request(`${program.url}/runs`, {
      method: "POST",
      headers: { "content-type": "application/json", traceparent: `00-${traceId}-b7ad6b7169203331-01` },
      body: JSON.stringify({ source: SECRET_TEXT }),
    });
    assert.equal(reply.status, 202);
    const { run_id: runId } = JSON.parse(reply.text);
    await waitForEnd(program.url, runId);
    assert.equal(await program.stop(), 0);

    const spans = collector.spans.filter((span) => span.traceId === traceId);
    const named = (name: string) => {
      const found = spans.filter((span) => span.name === name);
      assert.equal(found.length, 1, `${name}: ${spans.map((span) => span.name)}`);
      return found[0] ?? assert.fail();
    };
    const post = named("POST /runs");
    assert.equal(post.parentId, "b7ad6b7169203331");
    assert.equal(post.attributes["http.response.status_code"], 202);
    assert.equal(post.resource["service.name"], "jejakekal");
    const run = named("documentRun");
    assert.equal(run.parentId, post.spanId);
    for (const step of ["prepare", "docir", "chunk-index", "memo", "side-effect", "finalize"]) {
      assert.equal(named(step).parentId, run.spanId, step);
    }
    for (const span of spans) assert.equal(span.attributes["dbos.operation.workflow_id"], runId, span.name);
    assert.ok(!collector.spans.some(({ name }) => name.includes("healthz")));
    assert.doesNotMatch(JSON.stringify(collector.spans), /zebra|Elm Street/);
  });

  test("that no collector takes delay nothing, and the log says so", slow, async () => {
    await using database = await cloneDatabase();
    const endpoint = `http://127.0.0.1:${await findFreePort()}`;
    await using program = await startProgram({
      database,
      env: { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_EXPORTER_OTLP_TIMEOUT: "500" },
    });
    await waitForEnd(program.url, await startRun(program.url));
    await pollUntil("the log says it", () => program.logs().some(({ msg }) => msg === "tracing trouble"), {
      timeoutMs: 60_000,
    });
    assert.equal(await program.stop(), 0);
  });

  test("need OpenTelemetry's SDK, which is loaded on demand alone", () => {
    const importers = globSync("src/**/*.{ts,tsx}", { cwd: REPOSITORY }).filter((path) =>
      /(?:from|import) "\.{1,2}\/(?:tracing\/)?open-telemetry\.ts"|from "@opentelemetry\//.test(
        readFileSync(join(REPOSITORY, path), "utf8"),
      ),
    );
    assert.deepEqual(importers, ["src/tracing/open-telemetry.ts"]);
  });
});
