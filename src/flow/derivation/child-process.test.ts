import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { loadTokenizer } from "../../document/index.ts";
import { RunFailure } from "../../failure.ts";
import { sha256Hex } from "../../sha256.ts";
import { programCommand, runnerUnderTest } from "../../testing/runner.ts";
import { slow } from "../../testing/service.ts";
import { createChildProcessDeriver, DERIVE_SUBCOMMAND } from "./child-process.ts";
import { type Derivation, type Derived, derive } from "./derive.ts";
import { decodeFrame, encodeFrame } from "./frame.ts";

const SOURCE = Buffer.from("# Tide tables\n\nThe harbour saw 412 ships on 1 May 2024.\n\nalpha [low]\n");
const ARGS = { source_sha256: sha256Hex(SOURCE), media_type: "text/markdown", filename: "tides.md" };

describe("a derivation in a child process", () => {
  const deriveInChild = createChildProcessDeriver([...programCommand(runnerUnderTest()), DERIVE_SUBCOMMAND]);

  test("gives the same bytes and facts as one in this process", slow, async () => {
    await loadTokenizer();
    const docirOf: Derivation = { artifact: "docir", from: [sha256Hex(SOURCE)], args: ARGS };
    const docir = await deriveInChild(docirOf, [SOURCE]);
    assert.deepEqual(plain(docir), plain(await derive(docirOf, [SOURCE])));
    assert.equal(docir.facts.title, "Tide tables");
    const indexOf: Derivation = { artifact: "chunk-index", from: [docir.sha256], args: ARGS };
    const index = await deriveInChild(indexOf, [docir.bytes]);
    assert.deepEqual(plain(index), plain(await derive(indexOf, [docir.bytes])));
    const memoOf: Derivation = { artifact: "memo", from: [docir.sha256, index.sha256], args: ARGS };
    const memo = await deriveInChild(memoOf, [docir.bytes, index.bytes]);
    assert.deepEqual(plain(memo), plain(await derive(memoOf, [docir.bytes, index.bytes])));
  });

  test("of a document that the reader refuses fails with the reader's code", slow, async () => {
    const unreadable: Derivation = {
      artifact: "docir",
      from: [sha256Hex(SOURCE)],
      args: { ...ARGS, media_type: "application/pdf" },
    };
    await assert.rejects(
      deriveInChild(unreadable, [SOURCE]),
      (error) => error instanceof RunFailure && error.code === "FAILED_UNSUPPORTED",
    );
  });

  test("whose process ends early fails, and the next one succeeds", slow, async () => {
    const derivation: Derivation = { artifact: "docir", from: [sha256Hex(SOURCE)], args: ARGS };
    await assert.rejects(createChildProcessDeriver(["false"])(derivation, [SOURCE]));
    await assert.rejects(createChildProcessDeriver(["/no/such/program"])(derivation, [SOURCE]));
    assert.equal((await deriveInChild(derivation, [SOURCE])).facts.title, "Tide tables");
  });
});

describe("a frame", () => {
  test("is read as it was written, and refused when a byte is missing", () => {
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
