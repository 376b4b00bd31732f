import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import { loadTokenizer } from "../../document/index.ts";
import { PATHOLOGICAL } from "../../document/test-pathological.ts";
import { RunFailure } from "../../failure.ts";
import { sha256Hex } from "../../sha256.ts";
import { collectGarbage } from "../../testing/garbage.ts";
import { measureSlowness } from "../../testing/machine-speed.ts";
import { slow } from "../../testing/service.ts";
import { createContentCache } from "../content-cache.ts";
import type { DerivedLink } from "./child-process.ts";
import { type Derivation, type Derived, derivationAfter } from "./derive.ts";
import { createDeriver } from "./deriver.ts";
import { type Content, isSpooled } from "./spool.ts";

/** Longer than this no turn of the event loop may take, on the machine that the limits are for. */
const MAX_TURN_MS = 50;

const HANDED_OVER: Derived = {
  bytes: new Uint8Array(101),
  sha256: "",
  facts: { format: "", title: "", recipe: {} },
};

describe("a derivation", () => {
  before(loadTokenizer);

  test(
    "of any kind and size leaves the event loop to others, and small ones need no child process",
    slow,
    async () => {
      const deriver = createTestDeriver();
      for (let serial = 0; serial < 30; serial += 1)
        await deriver.deriveAll(`# Tide tables ${serial}\n\nThe harbour saw *412* ships on 1 May 2024.\n`);
      assert.ok(deriver.handedOver.length < 30, "most are derived here, once the code is compiled");
      const turns = watchTurns();
      const longest: [name: string, ms: number][] = [];
      for (const units of [1_000, 8_000, 30_000]) {
        for (const [name, make] of Object.entries(PATHOLOGICAL)) {
          turns.reset();
          await deriver.deriveAll(make(units).slice(0, units));
          longest.push([`${name} of ${units}`, turns.longestMs()]);
        }
      }
      turns.stop();
      longest.sort(([, a], [, b]) => b - a);
      const limitMs = MAX_TURN_MS * measureSlowness();
      assert.ok((longest[0]?.[1] ?? 0) < limitMs, `${limitMs} ms; ${JSON.stringify(longest.slice(0, 5))}`);
      assert.ok(deriver.handedOver.includes("docir"));
    },
  );

  test("of more bytes than can be stored is refused, here and in a child process", slow, async () => {
    for (const source of ["small", "large ".repeat(20_000)]) {
      const deriver = createTestDeriver({ maxBytes: 100 });
      await assert.rejects(
        deriver.deriveAll(source),
        (error) => error instanceof RunFailure && error.code === "FAILED_TOO_LARGE",
      );
    }
  });

  test("gives the same result a second time without work", slow, async () => {
    const deriver = createTestDeriver();
    const [first] = await deriver.deriveAll("one");
    const [second] = await deriver.deriveAll("one");
    assert.equal(first, second);
  });

  test("of a format whose reader cannot be interrupted is done in a child process", slow, async () => {
    const deriver = createTestDeriver();
    await deriver.deriveAll("<!doctype html><p>text</p>", "text/html");
    assert.equal(deriver.handedOver[0], "docir");
  });
});

test("a derivation that a child process makes ahead is taken from there, and ends with its run", async () => {
  const source = Buffer.from("# Tide tables\n\n".repeat(4_000));
  const args = { source_sha256: sha256Hex(source), media_type: "text/markdown" };
  const cancelled: string[] = [];
  const pending = Promise.withResolvers<DerivedLink>();
  const derived: Derived = { ...HANDED_OVER, sha256: "a".repeat(64) };
  const docirOf: Derivation = { artifact: "docir", from: [args.source_sha256], args };
  const indexOf = derivationAfter(docirOf, derived);
  assert.deepEqual(indexOf, { artifact: "chunk-index", from: [derived.sha256], args });
  const deriver = createDeriver(
    createContentCache({ readBlob: async () => ({ state: "missing" }) }),
    async ({ artifact }) => {
      assert.equal(artifact, "docir", "nothing is derived twice");
      const cancel = () => void cancelled.push(artifact);
      return { derived, next: { derivation: indexOf, link: pending.promise, cancel } };
    },
  );
  assert.equal(await deriver(docirOf, async () => [source]), derived);
  const notYet = () => {
    throw new Error("its turn has not come");
  };
  await assert.rejects(
    deriver(indexOf, async () => [], notYet),
    /its turn/,
  );
  const run = new AbortController();
  const index = deriver(
    indexOf,
    () => Promise.reject(new Error("the inputs are not read again")),
    () => run.signal,
  );
  run.abort();
  assert.deepEqual(cancelled, ["docir"]);
  pending.resolve({ derived: HANDED_OVER, next: null });
  assert.equal(await index, HANDED_OVER);
  assert.equal(derivationAfter({ artifact: "memo", from: ["a", "b"], args }, derived), null);
});

test("what a child process has derived ahead is not kept once it was taken", async () => {
  const taken: WeakRef<Uint8Array>[] = [];
  while (taken.length < ROUNDS) taken.push(new WeakRef(await deriveAhead(taken.length)));
  await collectGarbage();
  const kept = taken.filter((bytes) => bytes.deref() !== undefined);
  // The last ones may still be on the stack.
  assert.ok(kept.length < ROUNDS / 2, `${kept.length} of ${ROUNDS} are kept`);
});

const ROUNDS = 10;
const keeping: unknown[] = [];

/** The bytes of an artifact that was derived ahead of its step and is too large for the cache. */
async function deriveAhead(round: number): Promise<Uint8Array> {
  const args = { source_sha256: sha256Hex(`document ${round}`), media_type: "text/html" };
  const docirOf: Derivation = { artifact: "docir", from: [args.source_sha256], args };
  const derived: Derived = { ...HANDED_OVER, sha256: "a".repeat(64) };
  const indexOf = derivationAfter(docirOf, derived);
  assert.ok(indexOf !== null);
  const deriver = createDeriver(
    createContentCache({ readBlob: async () => ({ state: "missing" }) }),
    async () => {
      const bytes = Buffer.allocUnsafe(2 ** 24 + 1);
      const link = Promise.resolve({ derived: { ...HANDED_OVER, bytes }, next: null });
      return { derived, next: { derivation: indexOf, link, cancel: () => undefined } };
    },
  );
  keeping.push(deriver);
  await deriver(docirOf, async () => [Buffer.alloc(0)]);
  // The link has resolved.
  await new Promise((resolve) => setImmediate(resolve));
  return inMemory(await deriver(indexOf, async () => [])).bytes;
}

/** Derives all artifacts of a document, and notes what would be derived in a child process. */
function createTestDeriver(limits: { maxBytes?: number } = {}) {
  const handedOver: string[] = [];
  const derive = createDeriver(
    createContentCache({ readBlob: async () => ({ state: "missing" }) }),
    async ({ artifact }) => {
      handedOver.push(artifact);
      return { derived: HANDED_OVER, next: null };
    },
    limits,
  );
  return {
    handedOver,
    async deriveAll(source: string, mediaType = "text/markdown"): Promise<Derived[]> {
      const bytes = Buffer.from(source);
      const args = { source_sha256: sha256Hex(bytes), media_type: mediaType };
      const of = async (artifact: Derivation["artifact"], ...inputs: Pick<Derived, "sha256" | "bytes">[]) =>
        inMemory(
          await derive({ artifact, from: inputs.map(({ sha256 }) => sha256), args }, async () =>
            inputs.map((input) => input.bytes),
          ),
        );
      const docir = await of("docir", { sha256: args.source_sha256, bytes });
      if (docir === HANDED_OVER) return [docir];
      const index = await of("chunk-index", docir);
      return index === HANDED_OVER ? [docir, index] : [docir, index, await of("memo", docir, index)];
    },
  };
}

function inMemory(derived: Derived<Content>): Derived {
  assert.ok(hasBytes(derived));
  return derived;
}

function hasBytes(derived: Derived<Content>): derived is Derived {
  return !isSpooled(derived.bytes);
}

/** Measures the processor time of each turn of the event loop; other processes on the machine do not count. */
function watchTurns() {
  let isOn = true;
  let before = process.cpuUsage();
  let longest = 0;
  const turn = () => {
    const { user, system } = process.cpuUsage(before);
    longest = Math.max(longest, (user + system) / 1000);
    before = process.cpuUsage();
    if (isOn) setImmediate(turn);
  };
  setImmediate(turn);
  return {
    reset() {
      longest = 0;
      before = process.cpuUsage();
    },
    longestMs: () => longest,
    stop() {
      isOn = false;
    },
  };
}
