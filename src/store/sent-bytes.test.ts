import assert from "node:assert/strict";
import { test } from "node:test";
import type { QueryConfig } from "pg";
import { sha256Hex } from "../sha256.ts";
import { cloneDatabase } from "../testing/database.ts";
import { slow } from "../testing/service.ts";
import type { Queryable } from "./database.ts";
import { sentBytes, withSentBytes } from "./sent-bytes.ts";

const MIB = 2 ** 20;

test(
  "bytes are sent with their statement, or in parts of 256 KiB that the transaction removes",
  slow,
  async () => {
    await using database = await cloneDatabase();
    const client = await database.connect();
    const lengths: number[] = [];
    const query = (statement: QueryConfig) => {
      for (const value of statement.values ?? []) if (value instanceof Uint8Array) lengths.push(value.length);
      return client.query(statement);
    };
    const db = { query } as unknown as Queryable;
    for (const [length, sent] of [
      [0, [0]],
      [4 * MIB, [4 * MIB]],
      [4 * MIB + 1, [...Array.from({ length: 16 }, () => MIB / 4), 1]],
    ] as const) {
      const bytes = Buffer.alloc(length, "the bytes of a document");
      lengths.length = 0;
      await client.query("begin");
      const { rows } = await withSentBytes(db, bytes, (values) =>
        db.query({
          text: `select encode(sha256(${sentBytes("$1", "$2")}), 'hex') as sha256`,
          values: [...values],
        }),
      );
      await client.query("commit");
      assert.deepEqual(rows, [{ sha256: sha256Hex(bytes) }]);
      assert.deepEqual(lengths, sent);
    }
    const elsewhere = Buffer.from("bytes of a file ".repeat(40_000));
    await client.query("begin");
    const readInto = async (part: Uint8Array, start: number) => void elsewhere.copy(part, 0, start);
    const { rows } = await withSentBytes(db, { length: elsewhere.length, readInto }, (values) =>
      db.query({
        text: `select encode(sha256(${sentBytes("$1", "$2")}), 'hex') as sha256`,
        values: [...values],
      }),
    );
    await client.query("commit");
    assert.deepEqual(rows, [{ sha256: sha256Hex(elsewhere) }], "bytes that are not in memory");
    const { rows: left } = await client.query("select from pg_largeobject_metadata");
    assert.equal(left.length, 0);
  },
);
