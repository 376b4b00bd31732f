import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** The root of this repository. */
export const REPOSITORY = fileURLToPath(new URL("../..", import.meta.url));

/** An empty folder that is removed when it is disposed. */
export function temporaryFolder(): { path: string } & Disposable {
  const path = mkdtempSync(join(tmpdir(), "jejakekal-test-"));
  // When root runs the tests, the Postgres in it runs as an unprivileged user, who needs access to this folder.
  chmodSync(path, 0o755);
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}
