import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { QueryConfig } from "pg";
import { sha256Hex } from "../sha256.ts";
import { cloneDatabase } from "../testing/database.ts";
import { slow } from "../testing/service.ts";
import { readBlob } from "./blobs.ts";
import type { Queryable } from "./database.ts";

const PART_BYTES = 2 ** 17;
const LARGE = Buffer.alloc(2 * PART_BYTES + 7, "the bytes of a document");
const SHA256 = sha256Hex(LARGE);

describe("a large blob", () => {
  test("is read whole, in parts of 128 KiB at most, and checked", slow, async () => {
    await using database = await cloneDatabase();
    const client = await database.connect();
    const lengths: number[] = [];
    const query = async (statement: QueryConfig) => {
      const result = await client.query(statement);
      for (const row of result.rows) lengths.push(row.part?.length ?? row.bytes?.length ?? 0);
      return result;
    };
    const db = { query } as unknown as Queryable;
    assert.deepEqual(await readBlob(db, SHA256), { state: "missing" });
    await client.query("insert into jejakekal.blob (sha256, bytes) values ($1, $2)", [SHA256, LARGE]);
    const read = await readBlob(db, SHA256);
    assert.ok(read.state === "sound");
    assert.equal(Buffer.compare(read.bytes, LARGE), 0);
    assert.equal(Math.max(...lengths), PART_BYTES);
    const altered = sha256Hex("other bytes");
    await client.query("insert into jejakekal.blob (sha256, bytes) values ($1, $2)", [altered, LARGE]);
    assert.deepEqual(await readBlob(db, altered), { state: "altered" });
  });
});
