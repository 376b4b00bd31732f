import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** The root of this repository. */
export const REPOSITORY = fileURLToPath(new URL("../..", import.meta.url));

/** An empty folder that is gone when its holder is. */
export function temporaryFolder(): { path: string } & Disposable {
  const path = mkdtempSync(join(tmpdir(), "jejakekal-test-"));
  // Root hands a database in it to an unprivileged user, who has to get here.
  chmodSync(path, 0o755);
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}
