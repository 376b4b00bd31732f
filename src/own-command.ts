import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The command line that starts this program again: the executable itself, or the runtime with its flags and the script. */
export function ownCommand(): readonly string[] {
  const here = fileURLToPath(import.meta.url);
  if (here.startsWith("/$bunfs/")) return [process.execPath];
  // In a checkout and in the Node bundle this file is beside the entry point.
  const entry = here.endsWith(".ts") ? "main.ts" : "main.mjs";
  return [process.execPath, ...process.execArgv, join(dirname(here), entry)];
}
