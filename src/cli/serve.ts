import { Command } from "commander";
import { startApi, startService } from "../app.ts";
import { readConfig } from "../config.ts";
import { createLog, type Log } from "../log.ts";
import type { PostgresBinaries } from "../postgres/index.ts";
import { isDatabaseUnavailable } from "../store/index.ts";
import { settleWithin } from "../timeout.ts";
import { waitForStopSignal } from "./signals.ts";
import { tell } from "./terminal.ts";

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
  const log = createLog({ level: config.logLevel, format: config.logFormat, fd: 1 });
  const signalled = waitForStopSignal();
  surviveLostDatabase(log);
  const starting = start(config, binaries, log);
  const stoppedWhileStarting = signalled.then(() => settleWithin(starting, START_GRACE_MS));
  const program = await Promise.race([starting, stoppedWhileStarting.then(() => undefined)]);
  if (process.stderr.isTTY && program?.uiUrl != null) tell(`The pages are at ${program.uiUrl}`);
  log.stopping({ reason: await signalled });
  const began = performance.now();
  await program?.close();
  log.stopped({ ms: Math.round(performance.now() - began) });
  // Steps that did not end in time keep the event loop busy; the next start recovers their runs.
  process.exit(0);
}

/**
 * Logs a promise that nobody waits for and that failed because the database is away; DBOS has such promises. Any other ends the process,
 * as it does by default.
 */
function surviveLostDatabase(log: Pick<Log, "databaseTrouble">): void {
  process.on("unhandledRejection", (error) => {
    if (isDatabaseUnavailable(error)) return log.databaseTrouble({ error });
    process.nextTick(() => {
      throw error;
    });
  });
}
