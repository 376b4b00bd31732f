import { execFileSync } from "node:child_process";
import packageJson from "../package.json" with { type: "json" };

/** Put in by the build; undeclared when run from source. */
declare const JEJAKEKAL_BUILD_COMMIT: string;

/** The version of this program, as its package states it. */
export const VERSION: string = packageJson.version;

/** What `--version` prints: `0.1.0 (commit 1d6990643fcb, DBOS 5.3.0)`. */
export function describeVersion(): string {
  return `${VERSION} (commit ${commitOf()}, DBOS ${packageJson.dependencies["@dbos-inc/dbos-sdk"]})`;
}

function commitOf(): string {
  return typeof JEJAKEKAL_BUILD_COMMIT === "string" ? JEJAKEKAL_BUILD_COMMIT : commitOfCheckout();
}

/** The commit that the source stands at, `+changes` when it does not stand there quite; `unknown` outside a checkout. */
export function commitOfCheckout(cwd: string = import.meta.dirname): string {
  const git = (...args: string[]) =>
    execFileSync("git", args, { cwd, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim();
  try {
    const commit = git("rev-parse", "--short=12", "HEAD");
    return git("status", "--porcelain") === "" ? commit : `${commit}+changes`;
  } catch {
    return "unknown";
  }
}
