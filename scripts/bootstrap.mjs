/**
 * What a fresh machine needs before anything else can run: the packages, and Chromium for the browser tests. Plain Node 20,
 * no dependencies, because there are none yet.
 */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("..", import.meta.url));

const bin = join(root, "node_modules", ".bin");

/** Where a browser may be; apt puts it into the first of these places. */
const CHROMIUM_PATHS = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

const findChromium = () => CHROMIUM_PATHS.find((path) => existsSync(path));

/** The environment in which the project's own node, bun and mise come first and need not be asked for trust, and the browser is found. */
export const environment = {
  ...process.env,
  PATH: `${bin}${delimiter}${process.env.PATH ?? ""}`,
  MISE_TRUSTED_CONFIG_PATHS: root,
  MISE_YES: "1",
  CHROMIUM: process.env.CHROMIUM ?? findChromium() ?? CHROMIUM_PATHS[0],
};

/** Installs what the lockfile says, unless that is what is installed. */
export function installPackages() {
  const [major] = process.versions.node.split(".").map(Number);
  if ((major ?? 0) < 20) fail(`Node ${process.versions.node} is too old: install Node 20 or newer.`);
  const lock = createHash("sha256")
    .update(readFileSync(join(root, "package-lock.json")))
    .digest("hex");
  const stamp = join(root, "node_modules", ".installed-lock");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === lock) return;
  say("Installing packages (npm ci) …");
  const npm = run("npm", ["ci", "--no-audit", "--no-fund", "--loglevel=error"]);
  if (npm !== 0) fail("npm ci failed: see above.");
  writeFileSync(stamp, lock);
}

/** What the tests use and npm does not have, by Debian's names: the browser, the tools of the documents' commands, and what checks `infra/`. */
const PROGRAMS = [
  { name: "nginx-light", isThere: () => isOnPath("nginx") || existsSync("/usr/sbin/nginx") },
  { name: "shellcheck", isThere: () => isOnPath("shellcheck") },
  { name: "systemd", isThere: () => isOnPath("systemd-analyze") },
  { name: "chromium", isThere: () => findChromium() !== undefined },
  { name: "curl", isThere: () => isOnPath("curl") },
  { name: "jq", isThere: () => isOnPath("jq") },
  { name: "openssl", isThere: () => isOnPath("openssl") },
  { name: "python3", isThere: () => isOnPath("python3") },
  { name: "unzip", isThere: () => isOnPath("unzip") },
];

/** Installs Debian's packages when root; otherwise says what to do. */
export function installPrograms() {
  const missing = PROGRAMS.filter(({ isThere }) => !isThere()).map(({ name }) => name);
  if (missing.length === 0) return;
  const command = `apt-get install -y ${missing.join(" ")}`;
  const isRootOnDebian = process.getuid?.() === 0 && existsSync("/usr/bin/apt-get");
  if (!isRootOnDebian) fail(`The tests need ${missing.join(", ")}: as root, run \`${command}\`.`);
  say(`Installing ${missing.join(", ")} (apt-get) …`);
  const env = { ...environment, DEBIAN_FRONTEND: "noninteractive" };
  run("apt-get", ["update", "-qq"], env);
  const apt = run("apt-get", ["install", "-y", "-qq", "--no-install-recommends", ...missing], env, "ignore");
  if (apt !== 0 || !PROGRAMS.every(({ isThere }) => isThere())) fail(`${command} failed: run it to see why.`);
}

/** @param {string} program */
function isOnPath(program) {
  return (process.env.PATH ?? "").split(delimiter).some((folder) => existsSync(join(folder, program)));
}

/**
 * Runs a command to its end and returns its exit code; 1 when a signal ended it.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {NodeJS.ProcessEnv} env
 * @param {"inherit" | "ignore"} stdout
 */
export function run(command, args, env = environment, stdout = "inherit") {
  const { status, signal, error } = spawnSync(command, args, {
    cwd: root,
    env,
    stdio: ["inherit", stdout, "inherit"],
  });
  if (error) fail(`${command} cannot be started: ${error.message}`);
  return signal ? 1 : (status ?? 1);
}

/** @param {string} line */
export function say(line) {
  process.stderr.write(`${line}\n`);
}

/**
 * @param {string} line
 * @returns {never}
 */
function fail(line) {
  say(line);
  process.exit(1);
}
