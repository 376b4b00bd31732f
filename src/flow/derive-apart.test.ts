import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { loadTokenizer } from "../document/index.ts";
import { RunFailure } from "../failure.ts";
import { sha256Hex } from "../sha256.ts";
import { programCommand, runnerUnderTest } from "../testing/runner.ts";
import { slow } from "../testing/service.ts";
import { type Derivation, type Derived, derive } from "./derivation.ts";
import { decodeFrame, encodeFrame } from "./derivation-frame.ts";
import { DERIVE, deriveApart } from "./derive-apart.ts";

const SOURCE = Buffer.from("# Tide tables\n\nThe harbour saw 412 ships on 1 May 2024.\n\nalpha [low]\n");
const ARGS = { source_sha256: sha256Hex(SOURCE), media_type: "text/markdown", filename: "tides.md" };

describe("a derivation in a process of its own", () => {
  const apart = deriveApart([...programCommand(runnerUnderTest()), DERIVE]);

  test("comes to the same bytes and facts as one that is done here, step by step", slow, async () => {
    await loadTokenizer();
    const docirOf: Derivation = { artifact: "docir", from: [sha256Hex(SOURCE)], args: ARGS };
    const docir = await apart(docirOf, [SOURCE]);
    assert.deepEqual(plain(docir), plain(await derive(docirOf, [SOURCE])));
    assert.equal(docir.facts.title, "Tide tables");
    const indexOf: Derivation = { artifact: "chunk-index", from: [docir.sha256], args: ARGS };
    const index = await apart(indexOf, [docir.bytes]);
    assert.deepEqual(plain(index), plain(await derive(indexOf, [docir.bytes])));
    const memoOf: Derivation = { artifact: "memo", from: [docir.sha256, index.sha256], args: ARGS };
    const memo = await apart(memoOf, [docir.bytes, index.bytes]);
    assert.deepEqual(plain(memo), plain(await derive(memoOf, [docir.bytes, index.bytes])));
  });

  test("that the reader refuses is refused with its code", slow, async () => {
    const unreadable: Derivation = {
      artifact: "docir",
      from: [sha256Hex(SOURCE)],
      args: { ...ARGS, media_type: "application/pdf" },
    };
    await assert.rejects(
      apart(unreadable, [SOURCE]),
      (error) => error instanceof RunFailure && error.code === "FAILED_DOCUMENT",
    );
  });

  test("whose process ends before its time is a failure, and the next one is done", slow, async () => {
    const derivation: Derivation = { artifact: "docir", from: [sha256Hex(SOURCE)], args: ARGS };
    await assert.rejects(deriveApart(["false"])(derivation, [SOURCE]));
    await assert.rejects(deriveApart(["/no/such/program"])(derivation, [SOURCE]));
    assert.equal((await apart(derivation, [SOURCE])).facts.title, "Tide tables");
  });
});

describe("a frame", () => {
  test("is read as it was written, and not at all when a byte of it is missing", () => {
    const frame = { header: { text: "ä" }, parts: [Buffer.from("one"), Buffer.alloc(0), Buffer.from("two")] };
    const bytes = Buffer.concat([...encodeFrame(frame)]);
    const { header, parts } = decodeFrame(bytes);
    assert.deepEqual([header, parts.map(String)], [{ text: "ä" }, ["one", "", "two"]]);
    for (const length of [0, 3, 4, 10, bytes.length - 1]) {
      assert.throws(() => decodeFrame(bytes.subarray(0, length)));
    }
  });
});

function plain({ bytes, sha256, facts }: Derived) {
  return { bytes: Buffer.from(bytes).toString(), sha256, facts: JSON.parse(JSON.stringify(facts)) };
}
