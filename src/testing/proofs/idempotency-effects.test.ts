import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { pollUntil } from "../../poll.ts";
import { startChild, type TestChild } from "../child.ts";
import { cloneDatabase, type TestDatabase } from "../database.ts";
import { type EffectReceiver, openEffectReceiver } from "../effect-receiver.ts";
import { measureSlowness } from "../machine-speed.ts";
import { otherRunner, runnerUnderTest, scriptCommand } from "../runner.ts";
import { openTcpProxy } from "../tcp-proxy.ts";

const patient = { timeout: 240_000 } as const;
const CALLER = fileURLToPath(new URL("../effect-caller.ts", import.meta.url));

describe("an effect's key", () => {
  test("called 50 times at once in 3 processes gives one effect and one receipt", patient, async () => {
    await using database = await cloneDatabase();
    await using receiver = await openEffectReceiver();
    const outcomes = await callTogether(database, receiver, [
      Array<string>(17).fill("one"),
      Array<string>(17).fill("one"),
      Array<string>(16).fill("one"),
    ]);
    assert.equal(outcomes.length, 50);
    for (const outcome of outcomes)
      assert.deepEqual(outcome, { receipt: { call: "1" }, executions: 1, kind: "call" });
    assert.deepEqual(receiver.calls(), ["one"]);
    assert.deepEqual(await ledger(database), [{ effect_key: "one", intents: 1, receipts: 1 }]);
  });

  test("among many gets one effect, whatever the order of the callers", patient, async () => {
    await using database = await cloneDatabase();
    await using receiver = await openEffectReceiver();
    const keys = Array.from({ length: 25 }, (_, index) => `key-${index}`);
    const outcomes = await callTogether(database, receiver, [keys, keys.toReversed(), [...keys, ...keys]]);
    assert.equal(outcomes.length, 100);
    assert.ok(outcomes.every((outcome) => !("failure" in outcome)));
    assert.deepEqual(receiver.calls().toSorted(), keys.toSorted());
    assert.ok((await ledger(database)).every(({ intents, receipts }) => intents === 1 && receipts === 1));
  });

  test("whose effect fails is retried by one caller at a time until one succeeds", patient, async () => {
    await using database = await cloneDatabase();
    await using receiver = await openEffectReceiver(
      (call) => (["fails", "closes the connection"] as const)[call - 1] ?? "answers",
    );
    const outcomes = await callTogether(database, receiver, [
      Array<string>(10).fill("moody"),
      Array<string>(10).fill("moody"),
    ]);
    assert.equal(outcomes.filter((outcome) => "failure" in outcome).length, 2);
    assert.equal(outcomes.filter(({ executions }) => executions === 3).length, 18);
    assert.equal(receiver.calls().length, 3);
    assert.equal(receiver.mostAtOnce(), 1);
    assert.deepEqual(await ledger(database), [{ effect_key: "moody", intents: 3, receipts: 1 }]);
  });

  test(
    "whose caller dies between intent and receipt is uncertain until the next caller performs it under the same key",
    patient,
    async () => {
      await using database = await cloneDatabase();
      await using receiver = await openEffectReceiver((call) => (call === 1 ? "hangs" : "answers"));
      await using first = await startCaller(database, receiver, ["torn"]);
      await using second = await startCaller(
        database,
        receiver,
        ["torn", "torn"],
        otherRunner(sourceRunner()),
      );
      first.write("go\n");
      await pollUntil("the effect is under way", () => receiver.calls().length === 1);
      second.write("go\n");
      await pollUntil("the others wait for their turn", () => isWaitedFor(database));
      assert.deepEqual(receiver.calls(), ["torn"], "nobody performs it while the first still may");
      first.signal("SIGKILL");
      await first.exited;
      assert.deepEqual(await outcomesOf(second), [
        { receipt: { call: "2" }, executions: 2, kind: "call" },
        { receipt: { call: "2" }, executions: 2, kind: "call" },
      ]);
      assert.deepEqual(
        receiver.calls(),
        ["torn", "torn"],
        "the receiver can tell by the key that it is the same",
      );
      assert.equal(receiver.mostAtOnce(), 1);
      assert.deepEqual(await ledger(database), [{ effect_key: "torn", intents: 2, receipts: 1 }]);
    },
  );

  test(
    "whose caller loses its connection silently is performed by the next caller within 10 s",
    patient,
    async () => {
      await using database = await cloneDatabase();
      await using receiver = await openEffectReceiver((call) => (call === 1 ? "hangs" : "answers"));
      await using proxy = await openTcpProxy(database.url);
      await using first = await startCaller(proxy, receiver, ["silent"]);
      await using second = await startCaller(database, receiver, ["silent"]);
      first.write("go\n");
      await pollUntil("the effect is under way", () => receiver.calls().length === 1);
      second.write("go\n");
      await pollUntil("the other waits for its turn", () => isWaitedFor(database));
      // Longer than the server waits for a heartbeat: a holder that sends them keeps the lock.
      await sleep(7_000);
      assert.deepEqual(receiver.calls(), ["silent"]);
      proxy.drop();
      const droppedAt = performance.now();
      assert.deepEqual(await outcomesOf(second), [{ receipt: { call: "2" }, executions: 2, kind: "call" }]);
      const tookMs = performance.now() - droppedAt;
      assert.ok(tookMs < 10_000 * measureSlowness(), `it took ${tookMs} ms`);
      assert.deepEqual(await ledger(database), [{ effect_key: "silent", intents: 2, receipts: 1 }]);
    },
  );

  test("of a dead caller stays an intent without a receipt until the next call", patient, async () => {
    await using database = await cloneDatabase();
    await using receiver = await openEffectReceiver(() => "hangs");
    await using caller = await startCaller(database, receiver, ["alone"]);
    caller.write("go\n");
    await pollUntil("the effect is under way", () => receiver.calls().length === 1);
    await caller[Symbol.asyncDispose]();
    assert.deepEqual(await ledger(database), [{ effect_key: "alone", intents: 1, receipts: 0 }]);
  });
});

type Outcome = Readonly<Record<string, unknown>>;

/** Starts one process per list of keys. All processes call the effects of all their keys at the same moment. */
async function callTogether(
  database: TestDatabase,
  receiver: EffectReceiver,
  keysOfEach: readonly (readonly string[])[],
): Promise<readonly Outcome[]> {
  await using undo = new AsyncDisposableStack();
  const starting = keysOfEach.map(async (keys) => undo.use(await startCaller(database, receiver, keys)));
  const callers = await Promise.all(starting);
  for (const caller of callers) caller.write("go\n");
  return (await Promise.all(callers.map(outcomesOf))).flat();
}

async function startCaller(
  database: Readonly<{ url: string }>,
  receiver: EffectReceiver,
  keys: readonly string[],
  runner = sourceRunner(),
): Promise<TestChild> {
  const caller = startChild([...scriptCommand(runner, CALLER), database.url, receiver.url, ...keys]);
  await caller.lineOf("it is ready", (line) => line === "ready" || undefined);
  return caller;
}

async function outcomesOf(caller: TestChild): Promise<readonly Outcome[]> {
  assert.equal(await caller.exited, 0, caller.stderr.join("\n"));
  return caller.stdout.slice(1).map((line) => JSON.parse(line));
}

function sourceRunner(): "node" | "bun" {
  const runner = runnerUnderTest();
  return runner === "executable" ? "node" : runner;
}

async function ledger(database: TestDatabase) {
  return await database.query<{ effect_key: string; intents: number; receipts: number }>(
    `select effect_key, count(*)::int as intents,
            (select count(*)::int from jejakekal.effect_receipt r where r.effect_key = i.effect_key) as receipts
       from jejakekal.effect_intent i group by effect_key order by effect_key`,
  );
}

/** Whether a session polls for the lock that another session has. */
async function isWaitedFor(database: TestDatabase): Promise<boolean> {
  const rows = await database.query(
    `select from pg_stat_activity
      where datname = current_database() and query like '%try_begin_effect%' and pid <> pg_backend_pid()
        and pid not in (select pid from pg_locks where locktype = 'advisory' and granted)`,
  );
  return rows.length > 0;
}
