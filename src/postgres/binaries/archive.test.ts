import assert from "node:assert/strict";
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { fromArchive, packArchive } from "./archive.ts";
import { findNativePackage } from "./binaries.ts";
import { listNativeFiles } from "./native-files.ts";

function makeNativeFolder(t: TestContext): string {
  const dir = mkdtempSync(join(tmpdir(), "jejakekal-native-"));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  for (const folder of ["bin", "lib/pkgconfig", "share"]) mkdirSync(join(dir, folder), { recursive: true });
  writeFileSync(join(dir, "bin/postgres"), "#!");
  chmodSync(join(dir, "bin/postgres"), 0o700);
  writeFileSync(join(dir, "share/empty"), "");
  writeFileSync(join(dir, "lib/libpq.so.5.18"), Buffer.alloc(100_000, 7));
  writeFileSync(join(dir, "lib/libpq.a"), "static");
  writeFileSync(join(dir, "lib/pkgconfig/libpq.pc"), "");
  const links = [{ source: "native/lib/libpq.so.5.18", target: "native/lib/libpq.so.5" }];
  writeFileSync(join(dir, "pg-symlinks.json"), JSON.stringify(links));
  return dir;
}

test("an archive unpacks to the same files, modes and links, without what only compilers need", async (t) => {
  const native = makeNativeFolder(t);
  const to = join(native, "unpacked");
  const archive = await packArchive(native);
  await fromArchive("18.0", async () => archive).unpackInto(to);
  assert.deepEqual(
    listNativeFiles(native)
      .filter(({ path }) => !path.startsWith("unpacked"))
      .map(({ path }) => path),
    ["bin/postgres", "lib/libpq.so.5", "lib/libpq.so.5.18", "share/empty"],
  );
  assert.equal(statSync(join(to, "bin/postgres")).mode & 0o777, 0o755);
  assert.equal(statSync(join(to, "share/empty")).mode & 0o777, 0o644);
  assert.equal(readlinkSync(join(to, "lib/libpq.so.5")), "libpq.so.5.18");
  assert.deepEqual(readFileSync(join(to, "lib/libpq.so.5")), readFileSync(join(native, "lib/libpq.so.5.18")));
});

test("the same folder packs to the same bytes, whenever it was written", async (t) => {
  const native = makeNativeFolder(t);
  const first = await packArchive(native);
  utimesSync(join(native, "share/empty"), 1, 1);
  assert.deepEqual(await packArchive(native), first);
});

test("the Postgres package of this machine has what a server needs and no static libraries", () => {
  const paths = listNativeFiles(findNativePackage().nativeDir).map(({ path }) => path);
  for (const needed of [
    "bin/postgres",
    "bin/initdb",
    "share/postgresql/postgres.bki",
    "lib/postgresql/plpgsql.so",
  ]) {
    assert.ok(paths.includes(needed), needed);
  }
  assert.deepEqual(
    paths.filter((path) => path.endsWith(".a")),
    [],
  );
});
