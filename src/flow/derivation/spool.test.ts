import assert from "node:assert/strict";
import { fstatSync, readdirSync, readlinkSync, writeSync } from "node:fs";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, type TestContext, test } from "node:test";
import { loadTokenizer } from "../../document/index.ts";
import { pollUntil } from "../../poll.ts";
import { sha256Hex } from "../../sha256.ts";
import { collectGarbage } from "../../testing/garbage.ts";
import { programCommand, runnerUnderTest } from "../../testing/runner.ts";
import { slow } from "../../testing/service.ts";
import { DERIVE_SUBCOMMAND, startDerivingProcess } from "./child-process.ts";
import { type Derivation, derive } from "./derive.ts";
import { createProcessPool } from "./process-pool.ts";
import { type Content, isSpooled, Spool, type SpooledBytes } from "./spool.ts";
import { createSpoolSinks, MAX_PIPED_BYTES } from "./spool-sink.ts";

describe("a spool", () => {
  test("has no name, and is closed when nobody uses it any more", async (t) => {
    const folder = await temporaryFolder(t);
    const spool = new Spool(join(folder, "made", "here"));
    assert.deepEqual(await readdir(join(folder, "made", "here")), []);
    const endOfProcess = spool.use();
    writeSync(spool.fd, "first, second");
    const [first, second] = [spool.bytesAt(0, 5), spool.bytesAt(7, 6)];
    endOfProcess();
    endOfProcess();
    assert.equal(String(await readOf(first)), "first");
    first.release();
    first.release();
    assert.equal(String(await readOf(second, 1)), "econd");
    second.release();
    assert.throws(() => fstatSync(spool.fd), { code: "EBADF" });
  });

  test("is closed when its bytes were dropped without a release", async (t) => {
    const spool = new Spool(await temporaryFolder(t));
    const endOfProcess = spool.use();
    for (let at = 0; at < 10; at += 1) spool.bytesAt(at, 1);
    endOfProcess();
    await pollUntil("the file is closed", async () => {
      await collectGarbage();
      return isClosed(spool.fd);
    });
  });

  test("is closed when the process that would write into it cannot be started", async () => {
    const openSpools = () =>
      readdirSync("/proc/self/fd").filter((fd) => {
        try {
          return readlinkSync(`/proc/self/fd/${fd}`).includes("/.spool-");
        } catch {
          return false;
        }
      }).length;
    const before = openSpools();
    for (const command of [["/nonexistent"], ["/bin/true", "x".repeat(3_000_000)]])
      await assert.rejects(startDerivingProcess(command));
    assert.equal(openSpools(), before);
  });

  test("does not give bytes that nobody has written", async (t) => {
    const spool = new Spool(await temporaryFolder(t));
    const bytes = spool.bytesAt(0, 3);
    await assert.rejects(readOf(bytes), /ends before/);
    bytes.release();
  });

  test("takes artifacts of more than 8 MiB, one behind the other", async (t) => {
    const spool = new Spool(await temporaryFolder(t));
    const leave = spool.use();
    const createSink = createSpoolSinks(spool.fd);
    for (const [letter, length, start] of [
      ["a", MAX_PIPED_BYTES, null],
      ["b", MAX_PIPED_BYTES + 1, 0],
      ["c", MAX_PIPED_BYTES + 10, MAX_PIPED_BYTES + 1],
    ] as const) {
      const sink = createSink();
      sink.write(Buffer.alloc(9, letter));
      sink.write(Buffer.alloc(length - 9, letter));
      const sunk = sink.end();
      if ("pieces" in sunk) assert.equal(start, null);
      else {
        assert.deepEqual(sunk.spooled, { start, length });
        const bytes = spool.bytesAt(sunk.spooled.start, sunk.spooled.length);
        assert.ok((await readOf(bytes)).equals(Buffer.alloc(length, letter)));
        bytes.release();
      }
    }
    leave();
  });
});

test(
  "a large document is derived as a whole before its artifacts are stored, and its process ends",
  slow,
  async (t) => {
    await loadTokenizer();
    const folder = await temporaryFolder(t);
    const pool = createProcessPool([...programCommand(runnerUnderTest()), DERIVE_SUBCOMMAND], {
      maxBytes: 2 ** 30,
      spoolFolder: folder,
    });
    t.after(pool.close);
    const document = Buffer.from("a\n\n".repeat(60_000));
    const args = { source_sha256: sha256Hex(document), media_type: "text/plain" };
    const docirOf: Derivation = { artifact: "docir", from: [args.source_sha256], args };
    const here = await derive(docirOf, [document]);
    assert.ok(here.bytes.length > MAX_PIPED_BYTES);
    const { derived, next } = await pool.derive(docirOf, [document]);
    let isWhole = false;
    const lastOf = next?.link
      .then(({ next: memo }) => memo?.link)
      .then(() => {
        isWhole = true;
      });
    await new Promise((resolve) => setImmediate(resolve));
    assert.ok(isWhole, "the last artifact is there with the first one");
    await lastOf;
    assert.equal(derived.sha256, here.sha256);
    const bytes = spooledOf(derived.bytes);
    assert.ok((await readOf(bytes)).equals(here.bytes));
    bytes.release();
    assert.deepEqual(await readdir(folder), []);
  },
);

function spooledOf(bytes: Content): SpooledBytes {
  assert.ok(isSpooled(bytes));
  return bytes;
}

async function readOf(bytes: SpooledBytes, start = 0): Promise<Buffer> {
  const whole = Buffer.alloc(bytes.length - start);
  for (let at = 0; at < whole.length; at += 1_000_000)
    await bytes.readInto(whole.subarray(at, at + 1_000_000), start + at);
  return whole;
}

function isClosed(fd: number): boolean {
  try {
    fstatSync(fd);
    return false;
  } catch {
    return true;
  }
}

async function temporaryFolder(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "spool-"));
  t.after(() => rm(folder, { recursive: true }));
  return folder;
}
