import assert from "node:assert/strict";
import { rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { completeRun, startRun, waitForEnd } from "../client.ts";
import { writeBundleFolder } from "../files/bundle-folder.ts";
import { findSigningKey } from "../files/signing-key.ts";
import { writeBundleZip } from "../files/zip-writer.ts";
import { bundleOf } from "../testing/bundles.ts";
import { runCommand } from "../testing/child.ts";
import { jsonOf, objectOf, postJson, request } from "../testing/http.ts";
import { REPOSITORY, temporaryFolder } from "../testing/paths.ts";
import { runProgram } from "../testing/program.ts";
import { programCommand, runnerUnderTest } from "../testing/runner.ts";
import { slow, useService } from "../testing/service.ts";

/** There is no database at this address: what asks for one fails. */
const env = { DBOS_SYSTEM_DATABASE_URL: "postgres://nobody@127.0.0.1:1/none" };

const run = (...args: readonly string[]) =>
  runCommand([...programCommand(runnerUnderTest()), ...args], { env });

/** A bundle that an earlier commit exported and signed. It is never written again: later versions must read it as it is. */
const SIGNED_BUNDLE = join(REPOSITORY, "golden", "signed-bundle");
const SIGNED_BUNDLE_KEY = `${SIGNED_BUNDLE}.pub`;

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

  test(
    "read a bundle of an earlier version in any time zone and language, and build its files again",
    slow,
    async () => {
      for (const place of [
        { TZ: "Pacific/Apia", LC_ALL: "tr_TR.UTF-8" },
        { TZ: "America/St_Johns", LC_ALL: "C" },
      ]) {
        const command = programCommand(runnerUnderTest());
        const verified = await runCommand([...command, "verify", SIGNED_BUNDLE, "--key", SIGNED_BUNDLE_KEY], {
          env: { ...env, ...place },
        });
        assert.equal(verified.code, 0, verified.stdout);
        const reproduced = await runCommand([...command, "reproduce", SIGNED_BUNDLE, "--json"], {
          env: { ...env, ...place },
        });
        const { artifacts } = JSON.parse(reproduced.stdout);
        const results = artifacts.map(({ result }: { result: string }) => result);
        // A recipe of a later version is another recipe. The same recipe must give the same bytes for ever.
        assert.ok([0, 6].includes(reproduced.code ?? -1), reproduced.stdout);
        assert.deepEqual([results.length, results.includes("differs")], [3, false], reproduced.stdout);
      }
    },
  );

  test("compare two bundles, of which one may be of the first layout", slow, async () => {
    using folder = temporaryFolder();
    const one = await writeBundleFolder(folder.path, "one", (await bundleOf({ runId: "one" })).entries);
    const two = await writeBundleFolder(
      folder.path,
      "two",
      (await bundleOf({ source: "# Other\n" })).entries,
    );
    const same = await run("diff", one, one);
    assert.deepEqual([same.code, /\nequal$/.test(same.stdout)], [0, true], same.stdout);
    const different = await run("diff", one, two, "--json");
    const { equal, artifacts } = JSON.parse(different.stdout);
    assert.deepEqual([different.code, equal, artifacts.length], [5, false, 4]);
    const earlier = await run("diff", join(REPOSITORY, "golden", "bundles", "done", "bundle"), one);
    assert.deepEqual([earlier.code, /does not verify/.test(earlier.stderr)], [5, true], earlier.stderr);
  });
});

describe("the subcommands for bundles, with a database", () => {
  const service = useService();
  const runHere = (...args: readonly string[]) => runProgram(args, { database: service.database });

  test("compare runs, find the uses of a document, and export all runs", slow, async () => {
    using folder = temporaryFolder();
    const [one, two] = [await completeRun(service.url, "# Same"), await completeRun(service.url, "# Same")];
    await startRun(service.url, { source: "# Under way", sleepMs: 60_000, workflowId: "under-way" });
    const overHttp = objectOf(await request(`${service.url}/runs/${one.run_id}/diff/${two.run_id}`));
    assert.equal(overHttp.equal, true);
    const compared = await runHere("diff", one.run_id, two.run_id, "--json");
    assert.deepEqual([compared.code, JSON.parse(compared.stdout)], [0, overHttp]);
    const sha256 = one.artifacts[0]?.sha256;
    const uses = jsonOf(await request(`${service.url}/artifacts?sha256=${sha256}`));
    assert.ok(Array.isArray(uses));
    assert.deepEqual(
      uses.map(({ id }) => id),
      [`${two.run_id}:docir`, `${two.run_id}:raw`, `${one.run_id}:docir`, `${one.run_id}:raw`],
    );
    const printed = JSON.parse((await runHere("lineage", sha256 ?? "")).stdout);
    assert.deepEqual(
      printed.map(({ id, role }: { id: string; role: string }) => `${id} ${role}`),
      uses.map(({ id, type }) => `${id} ${type === "raw" ? "has" : "made_from"}`),
    );
    const headers = { "content-type": "application/pdf", "idempotency-key": "broken" };
    await request(`${service.url}/runs`, { method: "POST", body: "%PDF-1.7 and no more", headers });
    await waitForEnd(service.url, "broken");
    await request(`${service.url}/runs/under-way/cancel`, { method: "POST" });
    await waitForEnd(service.url, "under-way");
    const exportAll = async () => {
      const { stdout, stderr } = await runHere("export", "--all", "--out", folder.path);
      const lines = stdout
        .split("\n")
        .map((line) => JSON.parse(line) as { run_id: string; written: boolean });
      assert.equal(lines.length, 4, stderr);
      return lines.filter(({ written }) => written).map(({ run_id }) => run_id);
    };
    assert.deepEqual(await exportAll(), ["broken", "under-way", two.run_id, one.run_id]);
    assert.deepEqual(await exportAll(), [], "a failed and a cancelled run are not written again either");
    rmSync(join(folder.path, "broken"), { recursive: true });
    const reason = { reason: "a request" };
    const erased = await postJson(`${service.url}/runs/${two.run_id}/erase`, reason);
    assert.equal(erased.status, 200, erased.text);
    assert.deepEqual(await exportAll(), ["broken", two.run_id], "what is gone, and what has changed since");
    const verified = await run("verify", join(folder.path, one.run_id), join(folder.path, two.run_id));
    assert.equal(verified.code, 0, verified.stdout);
    const none = await runHere("export", "--all", "--since", "2999-01-01", "--out", folder.path);
    assert.deepEqual([none.code, none.stdout], [0, ""]);
  });
});
