/**
 * Builds a release from an empty dist: the executables of all platforms, their SBOMs, the licences of others, install.sh, the
 * provenance and SHA256SUMS. On GitHub, for a tag, it publishes them. Plain Node 20: it installs the packages first.
 */
import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { installPackages, root, run, say } from "./bootstrap.mjs";

installPackages();
const dist = join(root, "dist");
rmSync(dist, { recursive: true, force: true });
must("bun", ["scripts/build/build.ts", "--target", "all"]);
must("bun", ["scripts/build/release.ts"]);

const { GITHUB_REF_TYPE, GITHUB_REF_NAME = "" } = process.env;
if (GITHUB_REF_TYPE === "tag") {
  const files = readdirSync(dist).map((name) => join(dist, name));
  must("gh", ["release", "create", GITHUB_REF_NAME, "--verify-tag", "--title", GITHUB_REF_NAME, ...files]);
} else {
  say("The release is in dist. It is published where a tag is built.");
}

/**
 * @param {string} command
 * @param {readonly string[]} args
 */
function must(command, args) {
  if (run(command, args) !== 0) {
    say(`${command} ${args[0]} failed: there is no release.`);
    process.exit(1);
  }
}
