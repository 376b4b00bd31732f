import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { bundleOf } from "../testing/bundles.ts";
import { REPOSITORY, temporaryFolder } from "../testing/paths.ts";
import { writeBundleFolder } from "./bundle-folder.ts";
import { createSigningKey, findSigningKey } from "./signing-key.ts";
import { writeBundleZip } from "./zip-writer.ts";

/** The commands of docs/evidence.md, below this heading, in the order in which they stand. */
const HEADING = "## Check a bundle with other tools";

function commandsOfTheDocument(): readonly string[] {
  const markdown = readFileSync(join(REPOSITORY, "docs", "evidence.md"), "utf8");
  const [, section = ""] = markdown.split(HEADING);
  const [upToNextHeading = ""] = section.split("\n## ");
  return [...upToNextHeading.matchAll(/```bash\n([\s\S]*?)```/g)].map(([, commands = ""]) => commands);
}

/** @throws with what the command printed, or that the program is missing */
function runIn(folder: string, commands: string): string {
  return execFileSync("bash", ["-euo", "pipefail", "-c", commands], {
    cwd: folder,
    encoding: "utf8",
    stdio: "pipe",
  });
}

describe("programs that are not ours", { timeout: 120_000 }, () => {
  test("are there: sha256sum, unzip, python3, openssl, jq", () => {
    for (const program of ["sha256sum", "unzip", "python3", "openssl", "jq"]) {
      assert.doesNotThrow(() => runIn("/", `command -v ${program}`), `install ${program}`);
    }
  });

  test("find a bundle sound, by the commands of docs/evidence.md, and find one that was altered", async () => {
    using folder = temporaryFolder();
    const key = join(folder.path, "key.pem");
    await createSigningKey(key);
    const signingKey = await findSigningKey(key);
    assert.ok(signingKey);
    const { entries } = await bundleOf({ signingKey });
    const place = await writeBundleFolder(folder.path, "bundle", entries);
    await writeBundleZip(join(folder.path, "bundle.zip"), entries);
    const commands = commandsOfTheDocument();
    assert.ok(commands.length >= 4, `${commands.length} blocks`);
    for (const block of commands) runIn(folder.path, block);
    const [checksums = "", signature = "", zip = ""] = commands;
    writeFileSync(join(place, "data", "artifacts", "raw"), "altered");
    assert.throws(() => runIn(folder.path, checksums));
    writeFileSync(join(place, "attestations", "statement.json"), "{}\n");
    assert.throws(() => runIn(folder.path, signature));
    const bytes = readFileSync(join(folder.path, "bundle.zip"));
    bytes[100] = (bytes[100] ?? 0) ^ 1;
    writeFileSync(join(folder.path, "bundle.zip"), bytes);
    assert.throws(() => runIn(folder.path, zip));
  });
});
