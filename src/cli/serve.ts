import { Command } from "commander";
import { type Program, startApi, startService } from "../app.ts";
import { readConfig } from "../config.ts";
import { StartFailure } from "../failure.ts";
import { createLog } from "../log.ts";
import type { PostgresBinaries } from "../postgres/index.ts";
import { settleWithin } from "../timeout.ts";
import { tell } from "./context.ts";
import { waitForStopSignal } from "./signals.ts";

export function serveCommands(binaries: PostgresBinaries): Command[] {
  return [
    new Command("serve")
      .description("run the API on API_PORT, the pages on UI_PORT and the workers (the default)")
      .action(() => runUntilSignal(binaries, startService)),
    new Command("api")
      .description("run the API on API_PORT and the workers, without the pages")
      .action(() => runUntilSignal(binaries, startApi)),
  ];
}

/** How long a start that is under way may take to finish after a signal to stop. */
const START_GRACE_MS = 5_000;

async function runUntilSignal(binaries: PostgresBinaries, start: typeof startApi): Promise<void> {
  const config = readConfig();
  const log = createLog({ level: config.logLevel, fd: 1 });
  const signalled = waitForStopSignal();
  const starting = start(config, binaries, log);
  const stoppedWhileStarting = signalled.then(() => settleWithin(starting, START_GRACE_MS));
  const program = await Promise.race([starting, stoppedWhileStarting.then(() => undefined)]);
  const reason = program === undefined ? await signalled : await stopReason(program, signalled);
  log.stopping({ reason });
  const began = performance.now();
  await program?.close();
  log.stopped({ ms: Math.round(performance.now() - began) });
  if (reason === NAME_LOST) throw new StartFailure(NAME_LOST);
  // Steps that did not end in time keep the event loop busy; the next start recovers their runs.
  process.exit(0);
}

function stopReason(program: Program, signalled: Promise<string>): Promise<string> {
  if (process.stderr.isTTY && program.uiUrl !== null) tell(`The pages are at ${program.uiUrl}`);
  return Promise.race([signalled, program.whenNameLost.then(() => NAME_LOST)]);
}

const NAME_LOST =
  "another program has taken this node's name while its database session was lost: start again, or set JEJAKEKAL_NODE to another name.";
