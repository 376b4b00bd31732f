import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { createLog } from "./log.ts";
import { createMetrics, type MeasuredStore } from "./metrics.ts";

const STORE: MeasuredStore = {
  measure: async () => ({
    runs: [
      { dbosStatus: "SUCCESS", count: 7 },
      { dbosStatus: "ENQUEUED", count: 2 },
    ],
    oldestWaitingSeconds: 12.5,
    blobBytes: 4096,
  }),
  poolUse: () => ({ total: 3, idle: 2, waiting: 1 }),
};

describe("the metrics", () => {
  test("count what the log says and show what the database has", async () => {
    const metrics = createMetrics();
    const log = metrics.countEvents(createLog({ level: "silent" }));
    const request = { ms: 20, bytes: 1, runId: null, token: null, requestId: "x" };
    log.requestAnswered({ ...request, method: "GET", route: "/runs/:id", status: 200 });
    log.requestAnswered({ ...request, method: "BREW", route: null, status: 404 });
    for (const deduplicated of [false, false, true]) {
      log.runAccepted({ runId: "r", payloadSha256: "0", bytes: 1, deduplicated });
    }
    log.stepCompleted({ runId: "r", step: "memo", attempt: 3, ms: 40 });
    log.runsRequeued({ fromNode: "a", byNode: "b", runIds: ["r", "s"] });
    metrics.countDerivation();
    const text = await metrics.read(STORE);
    for (const line of [
      'jejakekal_http_request_duration_seconds_count{method="GET",route="/runs/:id",status="200"} 1',
      'jejakekal_http_request_duration_seconds_count{method="other",route="none",status="404"} 1',
      'jejakekal_starts_total{result="new"} 2',
      'jejakekal_starts_total{result="deduplicated"} 1',
      'jejakekal_step_duration_seconds_sum{step="memo"} 0.04',
      'jejakekal_step_attempts_sum{step="memo"} 3',
      "jejakekal_recoveries_total 2",
      "jejakekal_child_derivations_total 1",
      "jejakekal_database_up 1",
      'jejakekal_runs{status="SUCCESS"} 7',
      "jejakekal_waiting_runs 2",
      "jejakekal_oldest_waiting_run_seconds 12.5",
      "jejakekal_blob_bytes 4096",
      'jejakekal_pool_connections{use="waiting"} 1',
    ]) {
      assert.ok(text.split("\n").includes(line), `${line} in\n${text}`);
    }
    assert.match(text, /^jejakekal_event_loop_delay_seconds \d/m);
  });

  test("say so when the database does not answer, and ask it once for several scrapers", async () => {
    const metrics = createMetrics();
    const down = { ...STORE, measure: () => Promise.reject(new Error("down")) };
    assert.match(await metrics.read(down), /^jejakekal_database_up 0$/m);
    let asked = 0;
    const counting = {
      ...STORE,
      measure() {
        asked += 1;
        return STORE.measure();
      },
    };
    const other = createMetrics();
    await other.read(counting);
    await other.read(counting);
    assert.equal(asked, 1);
  });
});
