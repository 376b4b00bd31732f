import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import {
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { entryOf } from "../bundle/layout.ts";
import { temporaryFolder } from "../testing/paths.ts";
import { writeBundleFolder } from "./bundle-folder.ts";

const FILES = [
  { path: "a.json", bytes: Buffer.from('{"a":1}\n') },
  { path: "b.json", bytes: Buffer.from('{"b":2}\n') },
  { path: "data/large", bytes: Buffer.alloc(300_000, "large") },
];
const ENTRIES = FILES.map(entryOf);

/** The folder is that of the files, all of them plain, and nothing else is left in the root. */
function assertWritten(root: string, place: string, files = FILES): void {
  assert.ok(lstatSync(place).isDirectory());
  const expected = [...files.map(({ path }) => path), "data"].sort();
  assert.deepEqual(readdirSync(place, { recursive: true }).sort(), expected);
  for (const { path, bytes } of files) {
    assert.ok(lstatSync(join(place, path)).isFile(), path);
    assert.deepEqual(readFileSync(join(place, path)), bytes, path);
  }
  assert.deepEqual(
    readdirSync(root).filter((name) => name.startsWith(".")),
    [],
  );
}

describe("the folder of a bundle", { timeout: 120_000 }, () => {
  test("and the root that is made for it let no other user in", async () => {
    using folder = temporaryFolder();
    const root = join(folder.path, "bundles");
    const place = await writeBundleFolder(root, "run-1", ENTRIES);
    assert.deepEqual(
      [root, place].map((path) => lstatSync(path).mode & 0o777),
      [0o700, 0o700],
    );
  });

  test("is kept when its bytes are the same, and replaced when they differ", async () => {
    using folder = temporaryFolder();
    const root = join(folder.path, "bundles");
    const place = await writeBundleFolder(root, "run", ENTRIES);
    const { ino } = lstatSync(place);
    assert.equal(await writeBundleFolder(root, "run", ENTRIES), place);
    assert.equal(lstatSync(place).ino, ino);
    for (const text of ['{"a":2}\n', '{"a":1}', '{"a":1}\n ']) {
      writeFileSync(join(place, "a.json"), text);
      await writeBundleFolder(root, "run", ENTRIES);
      assertWritten(root, place);
    }
    writeFileSync(join(place, "c.json"), "more");
    await writeBundleFolder(root, "run", ENTRIES);
    assertWritten(root, place);
  });

  const obstacles: Readonly<Record<string, (path: string, elsewhere: string) => void>> = {
    "a FIFO": (path) => void execFileSync("mkfifo", [path]),
    "a link to an endless device": (path) => symlinkSync("/dev/zero", path),
    "a link to the same bytes elsewhere": (path, elsewhere) => symlinkSync(elsewhere, path),
    "a hard link of the same bytes": (path, elsewhere) => linkSync(elsewhere, path),
    "a link to itself": (path) => symlinkSync(path, path),
    "a folder": (path) => void mkdirSync(path),
  };

  for (const [what, put] of Object.entries(obstacles)) {
    test(`is written anew when one of its files is ${what}`, async () => {
      using folder = temporaryFolder();
      const root = join(folder.path, "bundles");
      const elsewhere = join(folder.path, "elsewhere.json");
      const place = await writeBundleFolder(root, "run", ENTRIES);
      renameSync(join(place, "a.json"), elsewhere);
      put(join(place, "a.json"), elsewhere);
      await writeBundleFolder(root, "run", ENTRIES);
      assertWritten(root, place);
      assert.deepEqual(readFileSync(elsewhere), FILES[0]?.bytes, "and what was linked is left alone");
    });
  }

  test("is written anew when a link, a FIFO or a file is in its place", async () => {
    using folder = temporaryFolder();
    const root = join(folder.path, "bundles");
    const elsewhere = join(folder.path, "elsewhere");
    const place = await writeBundleFolder(root, "run", ENTRIES);
    renameSync(place, elsewhere);
    for (const put of [
      () => symlinkSync(elsewhere, place),
      () => execFileSync("mkfifo", [place]),
      () => writeFileSync(place, "in the way"),
    ]) {
      put();
      await writeBundleFolder(root, "run", ENTRIES);
      assertWritten(root, place);
      rmSync(place, { recursive: true });
    }
    assert.deepEqual(readdirSync(elsewhere).sort(), ["a.json", "b.json", "data"]);
  });

  test("is whole, and the drafts of others stay, when many write it at once with other bytes", async () => {
    using folder = temporaryFolder();
    const root = join(folder.path, "bundles");
    const other = join(root, ".run.an-export-of-another-host.tmp");
    mkdirSync(other, { recursive: true });
    const variants = Array.from({ length: 8 }, (_, index) => [
      { path: "a.json", bytes: Buffer.from(`{"a":${index}}\n`) },
    ]);
    await Promise.all(variants.map((files) => writeBundleFolder(root, "run", files.map(entryOf))));
    const written = readFileSync(join(root, "run", "a.json"), "utf8");
    assert.ok(
      variants.some(([file]) => file?.bytes.toString() === written),
      written,
    );
    assert.deepEqual(readdirSync(root).sort(), [".run.an-export-of-another-host.tmp", "run"]);
  });
});
