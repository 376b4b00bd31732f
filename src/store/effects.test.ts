import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { cloneDatabase } from "../testing/database.ts";
import { slow } from "../testing/service.ts";
import { EffectBegunBeforeError, performOnce, putReceipt, recordEffect } from "./effects.ts";
import { appendEvent } from "./journal.ts";

const NAME = { effectKey: "run-1:side-effect", runId: "run-1" };

describe("the record of an effect", () => {
  test("has the kind of its receipt, whatever kind is asked for when it is found", slow, async () => {
    await using database = await cloneDatabase();
    const client = await database.connect();
    const withConnection = <Result>(work: (connection: typeof client) => Promise<Result>) => work(client);
    const first = await recordEffect(client, { ...NAME, kind: "receipt" }, { by: "the database" });
    assert.deepEqual(first, { receipt: { by: "the database" }, executions: 1, kind: "receipt" });
    const found = await performOnce({ withConnection }, { ...NAME, kind: "webhook" }, async () =>
      assert.fail(),
    );
    assert.deepEqual(found, first);
    const other = { effectKey: "run-2:side-effect", runId: "run-2" };
    const sent = { receipt: { status: 204 }, executions: 1, kind: "webhook" };
    const performed = await performOnce(
      { withConnection },
      { ...other, kind: "webhook" },
      async () => sent.receipt,
    );
    assert.deepEqual(performed, sent);
    assert.deepEqual(await recordEffect(client, { ...other, kind: "receipt" }, {}), sent);
  });

  test(
    "that is new is stored once, and refused where the effect was begun in another way",
    slow,
    async () => {
      await using database = await cloneDatabase();
      const client = await database.connect();
      const withConnection = <Result>(work: (connection: typeof client) => Promise<Result>) => work(client);
      const name = { ...NAME, kind: "receipt" };
      const begun = { effectKey: "run-2:side-effect", runId: "run-2", kind: "receipt" };
      await putReceipt(client, name, { by: "this" });
      await putReceipt(client, name, { by: "this" });
      await assert.rejects(putReceipt(client, name, { by: "another" }), EffectBegunBeforeError);
      await assert.rejects(
        putReceipt(client, { ...name, kind: "other" }, { by: "this" }),
        EffectBegunBeforeError,
      );
      const failing = performOnce({ withConnection }, begun, () => Promise.reject(new Error("no")));
      await assert.rejects(failing, /^Error: no$/);
      await client.query("select pg_advisory_unlock_all()");
      await assert.rejects(putReceipt(client, begun, { by: "this" }), EffectBegunBeforeError);
      const rows = await database.query(
        `select i.run_id, i.attempt, r.receipt
         from jejakekal.effect_intent i left join jejakekal.effect_receipt r using (effect_key) order by i.run_id`,
      );
      assert.deepEqual(rows, [
        { run_id: "run-1", attempt: 1, receipt: { by: "this" } },
        { run_id: "run-2", attempt: 1, receipt: null },
      ]);
    },
  );

  test(
    "says after which event of the journal it began, and after which it got its receipt",
    slow,
    async () => {
      await using database = await cloneDatabase();
      const client = await database.connect();
      const withConnection = <Result>(work: (connection: typeof client) => Promise<Result>) => work(client);
      const note = (kind: "accepted" | "cancelled") =>
        appendEvent(client, { runId: NAME.runId, kind, node: "local", detail: {} });
      await note("accepted");
      await performOnce({ withConnection }, { ...NAME, kind: "webhook" }, async () => {
        await note("cancelled");
        return { status: 204 };
      });
      const [rows] = await database.query(
        `select i.after_seq as begun, r.after_seq as done
         from jejakekal.effect_intent i join jejakekal.effect_receipt r using (effect_key)`,
      );
      assert.deepEqual(rows, { begun: 0, done: 1 });
    },
  );
});
