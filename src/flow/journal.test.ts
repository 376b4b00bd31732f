import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type pg from "pg";
import { completeRun, startRun, waitForEnd } from "../client.ts";
import type { EventView, JournalView } from "../projection/journal-view.ts";
import type { Queryable } from "../store/index.ts";
import { createJournalReader } from "../store/journal-reader.ts";
import { cloneDatabase } from "../testing/database.ts";
import { jsonOf, postJson, request } from "../testing/http.ts";
import { runProgram, startProgram } from "../testing/program.ts";
import { slow, useService } from "../testing/service.ts";
import { endSleep, startAsleep } from "../testing/sleeping-run.ts";

describe("the journal of a run", () => {
  const service = useService();

  test("records that it was accepted, started and finished, in a valid hash chain", slow, async () => {
    const { run_id } = await completeRun(service.url);
    const journal = await readJournal(service.url, run_id);
    assert.deepEqual(kindsOf(journal), ["accepted", "started", "finished"]);
    assert.equal(journal.chain.sound, true);
    assert.equal(journal.chain.head_sha256, journal.events.at(-1)?.sha256);
    assert.ok(journal.events.every(({ node }) => node === "local"));
  });

  test("records a second end when the run was cancelled and resumed after its last step", slow, async () => {
    const { run_id } = await completeRun(service.url, "# Almost over");
    // As it is for a moment between the record of the last step and that of the end.
    await service.database.query(
      "update dbos.workflow_status set status = 'PENDING' where workflow_uuid = $1",
      [run_id],
    );
    await postJson(`${service.url}/runs/${run_id}/cancel`, {});
    await postJson(`${service.url}/runs/${run_id}/resume`, {});
    assert.equal((await waitForEnd(service.url, run_id)).dbos_status, "SUCCESS");
    const kinds = kindsOf(await readJournal(service.url, run_id));
    assert.deepEqual(kinds.slice(3), ["cancelled", "resumed", "started", "finished"]);
  });

  test("records repeated starts once", slow, async () => {
    const start = { source: "# Twice", workflowId: "twice" };
    await completeRun(service.url, start);
    await startRun(service.url, start);
    await startRun(service.url, start);
    assert.deepEqual(kindsOf(await readJournal(service.url, "twice")).slice(3), ["deduplicated"]);
  });

  test(
    "tells who cancelled and resumed it, and why, before it tells that it started again",
    slow,
    async () => {
      const runId = await startAsleep(service.url, { source: "# Long" });
      await postJson(`${service.url}/runs/${runId}/cancel`, { by: "ana", reason: "wrong document" });
      await endSleep(service.database, runId);
      await postJson(`${service.url}/runs/${runId}/resume`, { by: "bo" });
      await waitForEnd(service.url, runId);
      const { events } = await readJournal(service.url, runId);
      assert.deepEqual(events.map(({ kind, detail }) => [kind, detail]).slice(2, 5), [
        ["cancelled", { via: "api", by: "ana", reason: "wrong document" }],
        ["resumed", { via: "api", by: "bo" }],
        ["started", {}],
      ]);
      assert.equal(events.at(-1)?.kind, "finished");
    },
  );

  test("records a cancel made by DBOS's own tools when the run is resumed", slow, async () => {
    const runId = await startAsleep(service.url, { source: "# Long" });
    await service.database.query(
      "update dbos.workflow_status set status = 'CANCELLED', owner_xid = null where workflow_uuid = $1",
      [runId],
    );
    await endSleep(service.database, runId);
    await postJson(`${service.url}/runs/${runId}/resume`, {});
    await waitForEnd(service.url, runId);
    const journal = await readJournal(service.url, runId);
    const expected = ["accepted", "started", "cancelled", "resumed", "started", "finished"];
    assert.deepEqual(kindsOf(journal), expected);
    assert.deepEqual(journal.events[2]?.detail, { via: "outside" });
  });

  test("records an export once per bundle", slow, async () => {
    const { run_id } = await completeRun(service.url);
    await request(`${service.url}/runs/${run_id}/export`);
    await request(`${service.url}/runs/${run_id}/export`);
    const exports = (await readJournal(service.url, run_id)).events.filter(({ kind }) => kind === "exported");
    assert.equal(exports.length, 1);
    assert.match(String(detailOf(exports[0]).manifest_sha256), /^[0-9a-f]{64}$/);
  });

  test("is one valid chain after concurrent writes", slow, async () => {
    const start = { source: "# Crowd", workflowId: "crowd" };
    await Promise.all(Array.from({ length: 40 }, () => startRun(service.url, start)));
    await waitForEnd(service.url, "crowd");
    const journal = await readJournal(service.url, "crowd");
    assert.equal(journal.chain.sound, true);
    assert.equal(journal.events.filter(({ kind }) => kind === "deduplicated").length, 1);
    assert.deepEqual(
      journal.events.map(({ seq }) => seq),
      journal.events.map((_, index) => index),
    );
  });

  test("shows where it was altered with its triggers disabled", slow, async () => {
    const { run_id } = await completeRun(service.url);
    const owner = await service.database.connect();
    await owner.query("set session_replication_role = replica");
    await owner.query("update jejakekal.run_event set node = 'elsewhere' where run_id = $1 and seq = 1", [
      run_id,
    ]);
    const { chain } = await readJournal(service.url, run_id);
    assert.deepEqual([chain.sound, chain.broken_at], [false, 1]);
  });

  test("is printed by the command line", slow, async () => {
    const { run_id } = await completeRun(service.url);
    const printed = await runProgram(["events", run_id], { database: service.database });
    assert.deepEqual(JSON.parse(printed.stdout), await readJournal(service.url, run_id));
  });

  test(
    "of 10,000 events is answered in parts, and a poll reads only the events that are new",
    slow,
    async () => {
      const { run_id } = await completeRun(service.url, "# A long journal");
      const append = (events: number) =>
        service.database.query(
          `select jejakekal.append_event($1, 'exported', 'local', '{}') from generate_series(1, $2::int)`,
          [run_id, events],
        );
      await append(9_997);

      const latest = await readJournal(service.url, run_id);
      assert.equal(latest.chain.sound, true);
      assert.equal(latest.chain.head_sha256, latest.events.at(-1)?.sha256);
      assert.deepEqual(rangeOf(latest), [9_500, 9_999]);
      assert.deepEqual(latest.page, {
        total: 10_000,
        first_at_epoch_ms: latest.page?.first_at_epoch_ms,
        earlier: `/runs/${run_id}/events?from=9000`,
        later: null,
      });
      const first = await readJournal(service.url, run_id, "?from=0");
      assert.deepEqual(rangeOf(first), [0, 499]);
      assert.equal(first.page?.first_at_epoch_ms, first.events[0]?.at_epoch_ms);
      assert.deepEqual([first.page?.earlier, first.page?.later], [null, `/runs/${run_id}/events?from=500`]);
      assert.deepEqual(
        (await readJournal(service.url, run_id, "?from=10000&checked_within_s=60")).events,
        [],
      );
      const poll = await request(`${service.url}/ui/runs/${run_id}/poll`);
      assert.ok(poll.text.length < 100_000, `the page has ${poll.text.length} characters`);
      assert.match(poll.text, /10,?000 events/);

      let rowsRead = 0;
      const session = await service.database.connect();
      const counting = {
        query: async (query: pg.QueryConfig) => {
          const result = await session.query(query);
          rowsRead += result.rows.length;
          return result;
        },
      } as Queryable;
      let nowMs = 0;
      const readPart = createJournalReader(() => nowMs);
      const countRows = async () => {
        rowsRead = 0;
        const { chain } = await readPart(counting, run_id, { from: null, checkedWithinMs: 60_000 });
        assert.equal(chain.brokenAt, null);
        return rowsRead;
      };
      assert.equal(await countRows(), 10_000);
      assert.equal(await countRows(), 0, "an unchanged journal is not read");
      await append(2);
      assert.equal(await countRows(), 2);
      nowMs = 60_000;
      assert.equal(await countRows(), 10_002, "it is checked as a whole once a minute");
    },
  );

  test("of a missing run is a typed 404", async () => {
    const reply = await request(`${service.url}/runs/nobody/events`);
    assert.equal(reply.status, 404);
    assert.deepEqual(jsonOf(reply), { error: "run_not_found", run_id: "nobody" });
  });
});

test(
  "a journal records a recovery: from which node, and how long no node executed the run",
  slow,
  async () => {
    await using database = await cloneDatabase();
    await using first = await startProgram({ database, env: { JEJAKEKAL_NODE: "first" } });
    const runId = await startAsleep(first.url, { source: "# Killed" });
    await first.kill9();
    await endSleep(database, runId);
    await using second = await startProgram({ database, env: { JEJAKEKAL_NODE: "second" } });
    await waitForEnd(second.url, runId);
    const journal = await readJournal(second.url, runId);
    assert.deepEqual(kindsOf(journal), ["accepted", "started", "recovered", "finished"]);
    const recovered = journal.events[2];
    assert.equal(recovered?.node, "second");
    assert.equal(detailOf(recovered).from_node, "first");
    assert.ok(Number(detailOf(recovered).gap_ms) > 0);
    assert.equal(journal.chain.sound, true);
  },
);

async function readJournal(url: string, runId: string, query = ""): Promise<JournalView> {
  const reply = await request(`${url}/runs/${runId}/events${query}`);
  assert.equal(reply.status, 200, reply.text);
  return jsonOf(reply) as JournalView;
}

function rangeOf({ events }: JournalView): readonly (number | undefined)[] {
  return [events[0]?.seq, events.at(-1)?.seq];
}

function kindsOf({ events }: JournalView): readonly string[] {
  return events.map(({ kind }) => kind);
}

function detailOf(event: EventView | undefined): Readonly<Record<string, unknown>> {
  return event?.detail as Readonly<Record<string, unknown>>;
}
