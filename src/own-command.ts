import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** How to start this very program anew: the executable is itself; a runtime needs its flags and the script. */
export function ownCommand(): readonly string[] {
  const here = fileURLToPath(import.meta.url);
  if (here.startsWith("/$bunfs/")) return [process.execPath];
  // Bundled, all modules are one file; from source this one lies beside the entry.
  const entry = here.endsWith(".ts") ? join(dirname(here), "main.ts") : here;
  return [process.execPath, ...process.execArgv, entry];
}
