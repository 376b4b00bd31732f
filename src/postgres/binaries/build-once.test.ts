import assert from "node:assert/strict";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { buildOnce } from "./build-once.ts";

function makeFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), "jejakekal-build-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** The name of a draft that this process would make now. */
async function observeDraftName(folder: string): Promise<string> {
  let name = "";
  await buildOnce(join(folder, "observed"), async (draft) => {
    name = draft;
    writeFileSync(join(draft, "file"), "");
  });
  return name.slice(name.indexOf(".draft-"));
}

test("of many builders at once one builds, and all find the whole folder", async (t) => {
  const target = join(makeFolder(t), "target");
  let builds = 0;
  const build = async (draft: string) => {
    builds += 1;
    writeFileSync(join(draft, "one"), "1");
    await new Promise((resolve) => setTimeout(resolve, 100));
    writeFileSync(join(draft, "two"), "2");
  };
  await Promise.all(Array.from({ length: 8 }, () => buildOnce(target, build)));
  assert.deepEqual(readdirSync(target).sort(), ["one", "two"]);
  assert.equal(builds, 1);
});

test("the draft of a dead builder is removed; that of a builder with the same pid in another container is not", async (t) => {
  const folder = makeFolder(t);
  const target = join(folder, "target");
  const [, space = "", pid = ""] = /^\.draft-([0-9a-f]{8})-(\d+)-/.exec(await observeDraftName(folder)) ?? [];
  assert.equal(pid, String(process.pid));
  const dead = `${target}.draft-${space}-${process.pid}-00000000`;
  const elsewhere = `${target}.draft-ffffffff-${process.pid}-ffffffff`;
  mkdirSync(dead);
  mkdirSync(elsewhere);
  await buildOnce(target, async (draft) => writeFileSync(join(draft, "file"), ""));
  assert.deepEqual([existsSync(dead), existsSync(elsewhere)], [false, true]);
});
