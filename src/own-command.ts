import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The command line that starts this program again: the executable itself, or the runtime with its flags and the script. */
export function ownCommand(): readonly string[] {
  const here = fileURLToPath(import.meta.url);
  if (here.startsWith("/$bunfs/")) return [process.execPath];
  // In the Node bundle all modules are one file; in a checkout this file is beside the entry point.
  const entry = here.endsWith(".ts") ? join(dirname(here), "main.ts") : here;
  return [process.execPath, ...process.execArgv, entry];
}
