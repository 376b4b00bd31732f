import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { getPriority, tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { describe, type TestContext, test } from "node:test";
import { derivingEnvironment } from "../../config.ts";
import { loadTokenizer } from "../../document/index.ts";
import { RunFailure, type RunFailureCode } from "../../failure.ts";
import { pollUntil } from "../../poll.ts";
import { sha256Hex } from "../../sha256.ts";
import { findChildren } from "../../testing/child.ts";
import { programCommand, runnerUnderTest } from "../../testing/runner.ts";
import { slow } from "../../testing/service.ts";
import { DERIVE_SUBCOMMAND, type DerivedLink, startDerivingProcess } from "./child-process.ts";
import { type Derivation, type Derived, derive } from "./derive.ts";
import { encodeFrame, type Frame, readFrames } from "./frame.ts";
import { createProcessPool } from "./process-pool.ts";
import { readResidentBytes } from "./process-usage.ts";
import { type Content, isSpooled } from "./spool.ts";

const SOURCE = Buffer.from("# Tide tables\n\nThe harbour saw 412 ships on 1 May 2024.\n\nalpha [low]\n");
const LARGE = Buffer.from("Some *words* of a [large](x) document.\n\n".repeat(20_000));
const ARGS = { source_sha256: sha256Hex(SOURCE), media_type: "text/markdown", filename: "tides.md" };
const DOCIR_OF: Derivation = { artifact: "docir", from: [sha256Hex(SOURCE)], args: ARGS };
const COMMAND = [...programCommand(runnerUnderTest()), DERIVE_SUBCOMMAND];
const MAX_BYTES = 2 ** 30;
const LIMITS = { timeoutMs: 120_000, maxBytes: MAX_BYTES };

describe("a derivation in a child process", () => {
  const pool = createProcessPool(COMMAND, { maxBytes: MAX_BYTES });

  test("gives the same bytes and facts as one in this process", slow, async () => {
    await loadTokenizer();
    const docir = await pool.derive(DOCIR_OF, [SOURCE]);
    assert.equal(docir.derived.facts.title, "Tide tables");
    const index = await docir.next?.link;
    const memo = await index?.next?.link;
    assert.ok(index && memo && memo.next === null);
    const here = await derive(DOCIR_OF, [SOURCE]);
    assert.deepEqual(plain(docir.derived), plain(here));
    const indexOf: Derivation = { artifact: "chunk-index", from: [here.sha256], args: ARGS };
    assert.deepEqual(docir.next?.derivation, indexOf);
    const indexHere = await derive(indexOf, [here.bytes]);
    assert.deepEqual(plain(index.derived), plain(indexHere));
    const memoOf: Derivation = { artifact: "memo", from: [here.sha256, indexHere.sha256], args: ARGS };
    assert.deepEqual(index.next?.derivation, memoOf);
    assert.deepEqual(plain(memo.derived), plain(await derive(memoOf, [here.bytes, indexHere.bytes])));
    const again = await pool.derive(indexOf, [here.bytes]);
    assert.deepEqual(plain(again.derived), plain(indexHere), "a chain can begin with any of them");
    assert.deepEqual((await again.next?.link)?.derived.sha256, memo.derived.sha256);
  });

  test(
    "ends with its process when the run is cancelled, and the next one is derived in another",
    slow,
    async () => {
      const run = new AbortController();
      const derivation = pool.derive({ ...DOCIR_OF, from: [sha256Hex(LARGE)] }, [LARGE], run.signal);
      setTimeout(() => run.abort(), 50);
      await assert.rejects(derivation, /the derivation process ended/);
      await assert.rejects(pool.derive(DOCIR_OF, [SOURCE], run.signal), { name: "AbortError" });
      assert.equal((await pool.derive(DOCIR_OF, [SOURCE])).derived.facts.title, "Tide tables");
    },
  );

  test("finds a process ready, and needs no other", slow, async (t) => {
    const { command, starts } = await countStarts(t);
    const warm = createProcessPool(command, { maxBytes: MAX_BYTES, warmProcesses: 1 });
    t.after(warm.close);
    warm.keepWarm();
    await warm.derive(DOCIR_OF, [SOURCE]);
    assert.equal(await starts(), 1);
  });

  test(
    "of a run that is cancelled before a process is ready ends with its process, which is replaced",
    slow,
    async (t) => {
      const { command, starts } = await countStarts(t);
      const warm = createProcessPool(command, { maxBytes: MAX_BYTES, warmProcesses: 1 });
      t.after(warm.close);
      warm.keepWarm();
      const run = new AbortController();
      // So large that the process cannot answer between its request and its end, however the machine is loaded.
      const derivation = warm.derive({ ...DOCIR_OF, from: [sha256Hex(LARGE)] }, [LARGE], run.signal);
      setImmediate(() => run.abort());
      await assert.rejects(derivation, /the derivation process ended/);
      await pollUntil("another process is started", async () => (await starts()) === 2);
    },
  );

  test(
    "of a document that the reader refuses fails with its code, and the process goes on",
    slow,
    async () => {
      const unreadable: Derivation = { ...DOCIR_OF, args: { ...ARGS, media_type: "image/png" } };
      const child = await startDerivingProcess(COMMAND);
      await assert.rejects(child.derive(unreadable, [SOURCE], LIMITS).first, refusal("FAILED_UNSUPPORTED"));
      assert.equal((await child.derive(DOCIR_OF, [SOURCE], LIMITS).first).derived.facts.title, "Tide tables");
      child.kill();
    },
  );

  test("of a small document does not wait for large ones", slow, async () => {
    const large = Buffer.from("Some *words* of a [large](x) document.\n\n".repeat(100_000));
    const run = new AbortController();
    let ended = 0;
    const derivations = [1, 2, 3].map(() =>
      pool.derive({ ...DOCIR_OF, from: [sha256Hex(large)] }, [large], run.signal).finally(() => {
        ended += 1;
      }),
    );
    const small = await pool.derive(DOCIR_OF, [SOURCE]);
    const endedBefore = ended;
    run.abort();
    await Promise.allSettled(derivations);
    assert.equal(small.derived.facts.title, "Tide tables");
    assert.equal(endedBefore, 0);
  });

  test("that nobody reads any more ends its process without a message", slow, async () => {
    const [file = "", ...args] = COMMAND;
    const child = spawn(file, args, { stdio: "pipe" });
    child.stdout.destroy();
    let said = "";
    child.stderr.on("data", (text) => {
      said += String(text);
    });
    const large = Buffer.from("# Tide tables\n\n".repeat(20_000));
    const derivation = { ...DOCIR_OF, from: [sha256Hex(large)] };
    for (const part of encodeFrame({ header: derivation, parts: [[large]] })) child.stdin.write(part);
    child.stdin.end();
    await once(child, "close");
    assert.equal(said, "");
  });

  test("that takes too long is refused, and its process ended", slow, async () => {
    const child = await startDerivingProcess(COMMAND);
    await assert.rejects(
      child.derive(DOCIR_OF, [SOURCE], { ...LIMITS, timeoutMs: 1 }).first,
      refusal("FAILED_DOCUMENT"),
    );
    assert.ok(child.hasEnded());
  });

  test("that takes more memory than it may is refused, and its process ended", slow, async () => {
    const child = await startDerivingProcess(COMMAND);
    const before = await readResidentBytes(process.pid);
    assert.ok(before > 2 ** 24 && before < 2 ** 34, "memory is read in bytes");
    const large = Buffer.from("Some *words* of a [large](x) document.\n\n".repeat(100_000));
    const limits = { ...LIMITS, maxBytes: (await child.readResidentBytes()) + 2 ** 27 };
    await assert.rejects(child.derive(DOCIR_OF, [large], limits).first, refusal("FAILED_TOO_LARGE"));
    assert.ok(child.hasEnded());
    const small = createProcessPool(COMMAND, { maxBytes: 2 ** 20 });
    await assert.rejects(small.derive(DOCIR_OF, [SOURCE]), refusal("FAILED_TOO_LARGE"));
  });

  test("gives way to requests in all threads of its process", slow, async () => {
    const before = new Set(findChildren(process.pid, DERIVE_SUBCOMMAND));
    const child = await startDerivingProcess(COMMAND);
    await lastOf(child.derive(DOCIR_OF, [SOURCE], LIMITS).first);
    const pids = findChildren(process.pid, DERIVE_SUBCOMMAND).filter((pid) => !before.has(pid));
    const own = getPriority();
    assert.equal(pids.length, 1);
    const priorities = pids.flatMap(threadPrioritiesOf);
    child.kill();
    assert.ok(priorities.length > 1, "it has threads that collect garbage and compile");
    assert.deepEqual(
      priorities.filter((priority) => priority <= own),
      [],
    );
  });

  test("that leaves its process with much memory is the last one there", slow, async (t) => {
    const child = await startDerivingProcess(COMMAND);
    await lastOf(child.derive(DOCIR_OF, [SOURCE], LIMITS).first);
    const maxBytes = ((await child.readResidentBytes()) * 3) / 2;
    child.kill();
    await assertReplaced(t, { maxBytes });
  });

  test("in a process of a certain age is the last one there", slow, async (t) => {
    await assertReplaced(t, { maxBytes: MAX_BYTES, maxAgeMs: 0 });
  });

  test("has its process told how much memory it may fill with garbage", slow, async (t) => {
    const folder = await mkdtemp(join(tmpdir(), "derivation-"));
    const told = ["sh", "-c", `echo $BUN_JSC_forceRAMSize > ${folder}/told; exec "$@"`, "sh", ...COMMAND];
    const environment = derivingEnvironment(MAX_BYTES);
    const pool = createProcessPool(told, { maxBytes: MAX_BYTES, environment });
    t.after(pool.close);
    assert.equal((await pool.derive(DOCIR_OF, [SOURCE])).derived.facts.title, "Tide tables");
    const bytes = Number(await readFile(`${folder}/told`, "utf8"));
    assert.ok(bytes > MAX_BYTES / 4 && bytes < MAX_BYTES / 2, `${bytes} bytes`);
    await rm(folder, { recursive: true });
  });

  test("whose process ends early fails, and the next one succeeds", slow, async () => {
    await assert.rejects(createProcessPool(["false"], { maxBytes: MAX_BYTES }).derive(DOCIR_OF, [SOURCE]));
    await assert.rejects(
      createProcessPool(["/no/such/program"], { maxBytes: MAX_BYTES }).derive(DOCIR_OF, [SOURCE]),
    );
    assert.equal((await pool.derive(DOCIR_OF, [SOURCE])).derived.facts.title, "Tide tables");
    pool.close();
  });

  test("leaves no process behind when none has come for a while", slow, async () => {
    const brief = createProcessPool(COMMAND, { maxBytes: MAX_BYTES, idleMs: 1 });
    const titles = await Promise.all([1, 2, 3, 4].map(() => brief.derive(DOCIR_OF, [SOURCE])));
    assert.deepEqual(
      titles.map(({ derived }) => derived.facts.title),
      Array.from({ length: 4 }, () => "Tide tables"),
    );
  });
});

describe("frames", () => {
  const frames: readonly Frame<{ text: string }>[] = [
    { header: { text: "ä" }, parts: [Buffer.from("one"), Buffer.alloc(0), Buffer.from("two")] },
    { header: { text: "" }, parts: [] },
    { header: { text: "b" }, parts: [Buffer.alloc(100_000, "x")] },
  ];
  const encode = ({ header, parts }: Frame<{ text: string }>) =>
    encodeFrame({ header, parts: parts.map((part) => [part]) });
  const bytes = Buffer.concat(frames.flatMap(encode));

  test("are read as they were written, however the stream is cut", async () => {
    for (const size of [1, 3, 7, 65_536, bytes.length]) {
      const read = await collect(cut(bytes, size));
      assert.deepEqual(
        read.map(({ header, parts }) => [header.text, parts.map(String)]),
        frames.map(({ header, parts }) => [header.text, parts.map(String)]),
      );
    }
  });

  test("join the pieces of a part, and are written in slices of 256 KiB at most", async () => {
    const pieces = [Buffer.alloc(3 * 2 ** 20 + 1, "a"), Buffer.from("b"), Buffer.alloc(0)];
    const slices = encodeFrame({ header: { text: "" }, parts: [pieces, []] });
    assert.ok(slices.every(({ length }) => length <= 2 ** 18));
    const [read] = await collect(Readable.from(slices));
    assert.equal(read?.parts.length, 2);
    assert.equal(Buffer.compare(read.parts[0] ?? Buffer.alloc(0), Buffer.concat(pieces)), 0);
  });

  test("leave the event loop to others while a long one is read", async () => {
    const slices = encodeFrame({ header: { text: "" }, parts: [[Buffer.alloc(8 * 2 ** 18)]] });
    let turns = 0;
    const count = () => {
      turns += 1;
      next = setImmediate(count);
    };
    let next = setImmediate(count);
    await collect(readAtOnce(slices));
    clearImmediate(next);
    assert.ok(turns >= 6, `${turns} turns`);
  });

  test("are not read when a byte is missing", async () => {
    const first = Buffer.concat([...encode(frames[0] as Frame<{ text: string }>)]);
    for (const length of [1, 3, 4, 10, first.length - 1])
      await assert.rejects(collect(cut(first.subarray(0, length), 5)), /incomplete/);
    assert.deepEqual(await collect(cut(Buffer.alloc(0), 1)), []);
  });
});

async function collect(stream: AsyncIterable<Buffer>): Promise<Frame<{ text: string }>[]> {
  const read: Frame<{ text: string }>[] = [];
  for await (const frame of readFrames<{ text: string }>(stream)) read.push(frame);
  return read;
}

/** A stream that has every piece ready. */
async function* readAtOnce(pieces: readonly Uint8Array[]): AsyncGenerator<Buffer> {
  for (const piece of pieces) yield Buffer.from(piece);
}

function cut(bytes: Buffer, size: number): Readable {
  const chunks: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += size) chunks.push(bytes.subarray(at, at + size));
  return Readable.from(chunks);
}

function refusal(code: RunFailureCode): (error: unknown) => boolean {
  return (error) => error instanceof RunFailure && error.code === code;
}

function plain({ bytes, sha256, facts }: Derived<Content>) {
  assert.ok(!isSpooled(bytes));
  return { bytes: Buffer.from(bytes).toString(), sha256, facts: JSON.parse(JSON.stringify(facts)) };
}

/** The nice value of each thread: more gives way to less. */
function threadPrioritiesOf(pid: number): readonly number[] {
  return readdirSync(`/proc/${pid}/task`).map((thread) => {
    const [, fields = ""] =
      /^\d+ \(.*\) (.*)$/s.exec(readFileSync(`/proc/${pid}/task/${thread}/stat`, "utf8")) ?? [];
    return Number(fields.split(" ")[16]);
  });
}

/** The last of a chain of derivations. */
async function lastOf(link: Promise<DerivedLink>): Promise<DerivedLink> {
  const { derived, next } = await link;
  return next === null ? { derived, next } : lastOf(next.link);
}

/** Derives a document in a pool with these options, which then starts another process without being asked. */
async function assertReplaced(t: TestContext, options: Readonly<{ maxBytes: number; maxAgeMs?: number }>) {
  const { command, starts } = await countStarts(t);
  const pool = createProcessPool(command, { ...options, warmProcesses: 1 });
  t.after(pool.close);
  await lastOf(pool.derive(DOCIR_OF, [SOURCE]));
  await pollUntil("another process is started", async () => (await starts()) === 2, {
    timeoutMs: slow.timeout,
  });
}

/** The program's command line, and how many processes were started with it. */
async function countStarts(t: TestContext) {
  const folder = await mkdtemp(join(tmpdir(), "derivation-"));
  t.after(() => rm(folder, { recursive: true }));
  return {
    command: ["sh", "-c", `echo $$ >> ${folder}/starts; exec "$@"`, "sh", ...COMMAND],
    starts: async () => (await readFile(`${folder}/starts`, "utf8")).trim().split("\n").length,
  };
}
