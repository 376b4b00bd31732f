import { Command } from "commander";
import { type Program, startApi, startService } from "../app.ts";
import { readConfig } from "../config.ts";
import { StartFailure } from "../failure.ts";
import { createLog } from "../log.ts";
import type { PostgresBinaries } from "../postgres/index.ts";
import { tell } from "./context.ts";
import { untilSignalled } from "./signals.ts";

export function serveCommands(binaries: PostgresBinaries): Command[] {
  return [
    new Command("serve")
      .description("serve the API on API_PORT and the pages on UI_PORT, and do the work (the default)")
      .action(() => runUntilSignal(binaries, startService)),
    new Command("api")
      .description("serve the API on API_PORT alone, and do the work")
      .action(() => runUntilSignal(binaries, startApi)),
  ];
}

async function runUntilSignal(binaries: PostgresBinaries, start: typeof startApi): Promise<void> {
  const config = readConfig();
  const log = createLog({ level: config.logLevel, fd: 1 });
  const signalled = untilSignalled();
  const program: Program = await start(config, binaries, log);
  if (process.stderr.isTTY && program.uiUrl !== null) tell(`The pages are at ${program.uiUrl}`);
  const reason = await Promise.race([signalled, program.whenNameLost.then(() => DISPLACED)]);
  log.stopping({ reason });
  const began = performance.now();
  await program.close();
  log.stopped({ ms: Math.round(performance.now() - began) });
  if (reason === DISPLACED) throw new StartFailure(DISPLACED);
  // Work that outlived the drain holds the event loop; the next start takes it up.
  process.exit(0);
}

const DISPLACED =
  "another program has taken this node's name while its database session was lost: start again, or set JEJAKEKAL_NODE to a name of its own.";
