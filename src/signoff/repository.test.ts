import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { createRecorder } from "./evidence.ts";
import { findRepository } from "./repository.ts";

const AUTHOR = ["-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false"];

/** A checkout whose gate writes a verdict with one failed lane, and a file that shows that it ran. */
function makeCheckout(t: TestContext) {
  const folder = mkdtempSync(join(tmpdir(), "jejakekal-checkout-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  for (const name of ["scripts", ".cache", "node_modules/.bin"])
    mkdirSync(join(folder, name), { recursive: true });
  writeFileSync(join(folder, ".gitignore"), "node_modules\n.cache\n");
  writeFileSync(join(folder, "scripts", "gate.mjs"), "");
  const git = (...args: string[]) =>
    execFileSync("git", [...AUTHOR, ...args], { cwd: folder, encoding: "utf8" }).trim();
  git("init", "--quiet");
  git("add", ".");
  git("commit", "--quiet", "-m", "all");
  const commit = git("rev-parse", "HEAD");
  const verdict = {
    commit,
    dirty: false,
    ok: true,
    lanes: [{ lane: "bench", ok: true, seconds: 2 }],
    at: new Date().toISOString(),
  };
  const record = (changes: object) =>
    writeFileSync(join(folder, ".cache", "ci-verdict.json"), JSON.stringify({ ...verdict, ...changes }));
  const judged = { ...verdict, ok: false, lanes: [{ lane: "bench", ok: false, seconds: 3 }] };
  const mise = join(folder, "node_modules", ".bin", "mise");
  writeFileSync(
    mise,
    `#!/bin/sh\ntouch .cache/ran\ncat > .cache/ci-verdict.json <<'END'\n${JSON.stringify(judged)}\nEND\nexit 1\n`,
  );
  chmodSync(mise, 0o755);
  return { folder, record, hasRun: () => existsSync(join(folder, ".cache", "ran")) };
}

async function look(folder: string) {
  const { evidence, check } = createRecorder();
  const repository = findRepository(folder);
  await repository?.checkLane(check, "bench");
  await repository?.checkVerdict(check);
  return evidence;
}

test("a folder that is no checkout of this program has no verdict of its own", (t) => {
  const folder = mkdtempSync(join(tmpdir(), "jejakekal-no-checkout-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  assert.equal(findRepository(folder), null);
});

test("a fresh yes on this very commit is taken from the record, and said to be recorded", async (t) => {
  const { folder, record, hasRun } = makeCheckout(t);
  record({});
  const evidence = await look(folder);
  assert.deepEqual(
    evidence.map(({ ok }) => ok),
    [true, true],
  );
  assert.match(evidence[1]?.command ?? "", /recorded/);
  assert.equal(hasRun(), false);
});

for (const [what, changes] of [
  ["says no", { ok: false }],
  ["is of another commit", { commit: "0".repeat(40) }],
  ["is of a tree with changes", { dirty: true }],
  ["is two days old", { at: new Date(Date.now() - 48 * 60 * 60_000).toISOString() }],
] as const) {
  test(`a recorded verdict that ${what} does not count: the gate runs, and its lane is judged`, async (t) => {
    const { folder, record, hasRun } = makeCheckout(t);
    record(changes);
    const evidence = await look(folder);
    assert.equal(hasRun(), true);
    assert.deepEqual(
      evidence.map(({ ok, got }) => ({ ok, got })),
      [
        { ok: false, got: "failed in 3 s" },
        { ok: false, got: "failed: bench" },
      ],
    );
    assert.match(evidence[1]?.command ?? "", /run just now/);
  });
}

test("a tree with changes is judged anew, whatever is recorded", async (t) => {
  const { folder, record, hasRun } = makeCheckout(t);
  record({});
  writeFileSync(join(folder, "new.txt"), "");
  await look(folder);
  assert.equal(hasRun(), true);
});
