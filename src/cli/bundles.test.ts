import assert from "node:assert/strict";
import { statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { writeBundleFolder } from "../files/bundle-folder.ts";
import { findSigningKey } from "../files/signing-key.ts";
import { writeBundleZip } from "../files/zip-writer.ts";
import { bundleOf } from "../testing/bundles.ts";
import { runCommand } from "../testing/child.ts";
import { temporaryFolder } from "../testing/paths.ts";
import { programCommand, runnerUnderTest } from "../testing/runner.ts";
import { slow } from "../testing/service.ts";

/** There is no database at this address: what asks for one fails. */
const env = { DBOS_SYSTEM_DATABASE_URL: "postgres://nobody@127.0.0.1:1/none" };

const run = (...args: readonly string[]) =>
  runCommand([...programCommand(runnerUnderTest()), ...args], { env });

describe("the subcommands for bundles", () => {
  test("verify folders and zip files, one line for each check", slow, async () => {
    using folder = temporaryFolder();
    const { entries, digest } = await bundleOf();
    const place = await writeBundleFolder(folder.path, "run", entries);
    const zip = join(folder.path, "run.zip");
    await writeBundleZip(zip, entries);
    const { code, stdout } = await run("verify", place);
    assert.equal(code, 0, stdout);
    assert.match(stdout, /^✓ container .*\n✓ files .*\n✓ checksums .*\n✓ canonical .*\n✓ shapes /);
    assert.match(stdout, new RegExp(`sound\\. Run run-1, bundle sha256 ${digest}$`));
    writeFileSync(join(place, "timeline.json"), "[]\n");
    const both = await run("verify", zip, place, "--json");
    const [sound, altered] = both.stdout.split("\n").map((line) => JSON.parse(line));
    assert.deepEqual([both.code, sound.ok, altered.ok], [1, true, false]);
    assert.deepEqual([sound.run_id, sound.bundle_sha256, altered.outcome], ["run-1", digest, "altered"]);
    const checksums = altered.checks.find(({ check }: { check: string }) => check === "checksums");
    assert.deepEqual([checksums.result, checksums.findings[0].file], ["failed", "timeline.json"]);
    assert.equal((await run("verify", join(folder.path, "nothing"))).code, 2);
    assert.equal((await run("verify")).code, 2);
  });

  test("make a key that only its owner can read, and demand its signature", slow, async () => {
    using folder = temporaryFolder();
    const path = join(folder.path, "key.pem");
    const made = await run("key", "new", "--out", path);
    assert.equal(made.code, 0, made.stderr);
    assert.equal(statSync(path).mode & 0o777, 0o600);
    assert.equal((await run("key", "new", "--out", path)).code, 1, "a key that is there is kept");
    const signingKey = await findSigningKey(path);
    assert.ok(signingKey);
    const signed = await writeBundleFolder(folder.path, "signed", (await bundleOf({ signingKey })).entries);
    const unsigned = await writeBundleFolder(folder.path, "unsigned", (await bundleOf()).entries);
    const { code, stdout } = await run("verify", signed, "--key", `${path}.pub`);
    assert.deepEqual([code, stdout.includes(JSON.parse(made.stdout).key_id)], [0, true], stdout);
    assert.equal(
      (await run("verify", signed, "--key-dir", folder.path)).code,
      1,
      "a private key is no key to verify with",
    );
    const missing = await run("verify", unsigned, "--key", `${path}.pub`);
    assert.deepEqual([missing.code, /is not signed/.test(missing.stdout)], [3, true]);
  });

  test("reproduce the artifacts, and tell an altered bundle from one that differs", slow, async () => {
    using folder = temporaryFolder();
    const place = await writeBundleFolder(folder.path, "run", (await bundleOf()).entries);
    const { code, stdout } = await run("reproduce", place);
    assert.deepEqual([code, stdout.match(/✓/g)?.length], [0, 3], stdout);
    const json = JSON.parse((await run("reproduce", place, "--json")).stdout);
    assert.deepEqual([json.ok, json.outcome, json.artifacts.length], [true, "same", 3]);
    writeFileSync(join(place, "data", "artifacts", "raw"), "another document");
    assert.equal((await run("reproduce", place)).code, 1);
  });
});
