/**
 * Builds the same source twice more, in two other folders and from nothing kept, and compares every byte. A folder's path, the
 * hour, the order of a directory and what an earlier build left must not show in what is handed out.
 */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, globSync, mkdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { root, run, say } from "../bootstrap.mjs";

const place = join(root, ".cache", "reproducible");
rmSync(place, { recursive: true, force: true });
try {
  const [first, second] = [buildIn("first"), buildIn("second/and deeper")];
  const differing = [...first.keys()].filter((name) => first.get(name) !== second.get(name));
  if (first.size < 6 || first.size !== second.size || differing.length > 0) {
    say(`✗ ${differing.join(", ") || "The two builds"} came out differently.`);
    process.exitCode = 1;
  } else {
    for (const [name, sha256] of first) console.log(`${sha256}  ${name}`);
    say(`✓ ${first.size} files, the same bytes from both folders.`);
  }
} finally {
  rmSync(place, { recursive: true, force: true });
}

/**
 * The sha256 of each file that a build in this folder makes, by its path.
 * @param {string} name
 */
function buildIn(name) {
  const folder = join(place, name);
  for (const file of sourceFiles()) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    cpSync(join(root, file), join(folder, file));
  }
  // Links and not copies of half a gigabyte; the paths are other paths all the same.
  execFileSync("cp", ["-al", join(root, "node_modules"), join(folder, "node_modules")]);
  say(`building in ${name} …`);
  const bun = join(folder, "node_modules", ".bin", "bun");
  if (run(bun, [join(folder, "scripts", "build", "build.ts")]) !== 0)
    throw new Error(`the build in ${name} failed`);
  const dist = join(folder, "dist");
  const files = globSync("**/*", { cwd: dist }).filter((file) => statSync(join(dist, file)).isFile());
  return new Map(files.sort().map((file) => [file, sha256(join(dist, file))]));
}

function sourceFiles() {
  const listed = execFileSync("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard"], {
    cwd: root,
    encoding: "utf8",
  });
  return listed
    .split("\0")
    .filter((file) => file !== "" && statSync(join(root, file), { throwIfNoEntry: false }));
}

/** @param {string} path */
function sha256(path) {
  return createHash("sha256").update(readFileSync(path)).digest("hex");
}
