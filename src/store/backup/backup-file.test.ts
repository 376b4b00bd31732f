import assert from "node:assert/strict";
import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { runCommand } from "../../testing/child.ts";
import { REPOSITORY, temporaryFolder } from "../../testing/paths.ts";
import { scriptCommand } from "../../testing/runner.ts";
import { readBackupFile, writeBackupFile } from "./backup-file.ts";

const HEADER = {
  program: "0",
  created_at: "",
  migrations: [],
  dbos_version: 0,
  runs: 0,
  tables: [],
  sequences: [],
};

const writeHeader = (path: string, runs: number, meanwhile: () => Promise<void> = async () => undefined) =>
  writeBackupFile(path, async (writer) => {
    await writer.write(Buffer.from(JSON.stringify({ ...HEADER, runs })));
    await meanwhile();
    await writer.endSection();
  });

const runsIn = (path: string) => readBackupFile(path, async ({ runs }) => runs);

describe("the file of a backup", () => {
  test("is whole when another process writes one to the same path meanwhile, and that one is whole too", async () => {
    using folder = temporaryFolder();
    const path = join(folder.path, "all.backup");
    await writeHeader(path, 1, async () => {
      const script = join(folder.path, "other.mts");
      const module = join(REPOSITORY, "src", "store", "backup", "backup-file.ts");
      writeFileSync(
        script,
        `import { writeBackupFile } from ${JSON.stringify(module)};
         await writeBackupFile(${JSON.stringify(path)}, async (writer) => {
           await writer.write(Buffer.from(${JSON.stringify(JSON.stringify({ ...HEADER, runs: 2 }))}));
           await writer.endSection();
         });`,
      );
      const runner = process.versions.bun === undefined ? "node" : "bun";
      const { code, stderr } = await runCommand(scriptCommand(runner, script));
      assert.equal(code, 0, stderr);
      assert.equal(await runsIn(path), 2);
    });
    assert.equal(await runsIn(path), 1);
    assert.deepEqual(readdirSync(folder.path).sort(), ["all.backup", "other.mts"]);
    assert.equal(statSync(path).mode & 0o077, 0, "others may not read it");
  });

  test("takes the place of the drafts of processes that have ended, and of no other file", async () => {
    using folder = temporaryFolder();
    // A path that is not in its shortest form names the same drafts.
    const path = `${folder.path}/./all.backup`;
    const { stdout } = await runCommand(["sh", "-c", "echo $$"]);
    const removed = [stdout, process.pid].map((pid) => `all.backup.${pid}.part`);
    const kept = ["all.backup.x.part", `other.${stdout}.part`, `all.backup.${process.ppid}.part`];
    for (const name of [...kept, ...removed]) writeFileSync(join(folder.path, name), "");
    await writeHeader(path, 3);
    assert.deepEqual(readdirSync(folder.path).sort(), ["all.backup", ...kept].sort());
    assert.ok(readFileSync(path).length > 0);
  });
});
