import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Connection } from "../store/index.ts";
import { SentStatements, type Write } from "./sent-statements.ts";

/** A connection that fails the statements of these texts. */
function createConnection(failures: readonly string[] = []) {
  const sent: unknown[] = [];
  const query = async (...args: readonly unknown[]) => {
    sent.push(args.length === 1 ? args[0] : args);
    const text = String(args[0]);
    if (failures.includes(text)) throw new Error(text);
  };
  return { sent, client: { query } as unknown as Pick<Connection, "query"> };
}

describe("statements that are sent together", () => {
  test("may each take as long as the write before them, for which they wait", async () => {
    const { sent, client } = createConnection();
    const statements = new SentStatements(client);
    const hash = { text: "hash", query_timeout: 30_000 };
    const note = { text: "note", query_timeout: 20_000 };
    await statements.addAll((db) => Promise.all([db.query(hash), db.query(note)]));
    statements.add(statements.behind.query("record $1", [1]));
    statements.add(statements.behind.query({ text: "commit" }));
    await statements.outcome();
    assert.deepEqual(sent.slice(2), [
      { text: "record $1", values: [1], query_timeout: 30_000 },
      { text: "commit", query_timeout: 30_000 },
    ]);
  });

  test("are left as they are behind a write without a time of its own", async () => {
    const { sent, client } = createConnection();
    const statements = new SentStatements(client);
    await statements.addAll((db) => db.query("write"));
    statements.add(statements.behind.query("record $1", [1]));
    statements.add(statements.behind.query("commit"));
    await statements.outcome();
    assert.deepEqual(sent, ["write", ["record $1", [1]], "commit"]);
  });

  test("fail with the first error in their order, when all are answered", async () => {
    const { sent, client } = createConnection(["write", "record"]);
    const statements = new SentStatements(client);
    await statements.addAll((db) => db.query("write"));
    for (const text of ["record", "commit"]) statements.add(statements.behind.query(text));
    await assert.rejects(statements.outcome(), /^Error: write$/);
    assert.deepEqual(sent, ["write", "record", "commit"]);
  });

  test("are refused where a write sends none at once, with its own error if it has one", async () => {
    const { sent, client } = createConnection();
    const refused = (write: Write<unknown>) => new SentStatements(client).addAll(write);
    await assert.rejects(
      refused(async () => {
        throw new Error("too long for JSON");
      }),
      /too long for JSON/,
    );
    await assert.rejects(
      refused(async () => undefined),
      /sent no statement/,
    );
    await assert.rejects(
      refused(async (db) => {
        await Promise.resolve();
        await db.query("write");
      }),
      /came after the record/,
    );
    assert.deepEqual(sent, []);
  });
});
