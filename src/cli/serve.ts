import { Command } from "commander";
import { databaseLocation, startApi, startService } from "../app.ts";
import { assertDistinctPorts, type Config, readConfig } from "../config.ts";
import { StartFailure } from "../failure.ts";
import { createLog, type Log } from "../log.ts";
import { openDatabase, type PostgresBinaries } from "../postgres/index.ts";
import { isDatabaseUnavailable } from "../store/index.ts";
import { settleWithin } from "../timeout.ts";
import { type SupervisedProgram, startWorkers } from "../workers/supervisor.ts";
import { findSupervisor, type Supervisor } from "../workers/worker.ts";
import { waitForStopSignal } from "./signals.ts";
import { tell } from "./terminal.ts";

export function serveCommands(binaries: PostgresBinaries): Command[] {
  return [
    new Command("serve")
      .description("run the API on API_PORT, the pages on UI_PORT and the workers (the default)")
      .action(() => runUntilSignal(binaries, "serve")),
    new Command("api")
      .description("run the API on API_PORT and the workers, without the pages")
      .action(() => runUntilSignal(binaries, "api")),
  ];
}

/** How long a start that is under way may take to finish after a signal to stop. */
const START_GRACE_MS = 5_000;

type ServeCommand = "serve" | "api";

async function runUntilSignal(binaries: PostgresBinaries, command: ServeCommand): Promise<void> {
  const config = readConfig();
  const supervisor = findSupervisor(config.workers);
  const log = createLog({
    level: config.logLevel,
    format: config.logFormat,
    fd: 1,
    worker: supervisor?.worker,
  });
  const signalled = Promise.race([
    waitForStopSignal(),
    ...(supervisor === null ? [] : [supervisor.whenStopped]),
  ]);
  surviveLostDatabase(log);
  const starting =
    supervisor === null
      ? start(config, binaries, command, log)
      : startWorker(config, binaries, command, log, supervisor);
  const stoppedWhileStarting = signalled.then(() => settleWithin(starting, START_GRACE_MS));
  const program = await Promise.race([starting, stoppedWhileStarting.then(() => undefined)]);
  if (supervisor === null && process.stderr.isTTY && program?.uiUrl != null) {
    tell(`The pages are at ${program.uiUrl}`);
  }
  log.stopping({ reason: await signalled });
  const began = performance.now();
  await program?.close();
  log.stopped({ ms: Math.round(performance.now() - began) });
  // Steps that did not end in time keep the event loop busy; the next start recovers their runs.
  process.exit(0);
}

const STARTS = { serve: startService, api: startApi } as const;

/** One process that does all, or a supervisor of several. The pages alone need no second process. */
async function start(
  config: Config,
  binaries: PostgresBinaries,
  command: ServeCommand,
  log: Log,
): Promise<SupervisedProgram> {
  const isSplitUi = command === "serve" && !config.embedApi;
  if (config.workers === 1 || isSplitUi) return STARTS[command](config, binaries, log);
  const ports =
    command === "api" ? { API_PORT: config.apiPort } : { API_PORT: config.apiPort, UI_PORT: config.uiPort };
  assertDistinctPorts(config, command === "api" ? ["api"] : ["api", "ui"]);
  return startWorkers({
    command,
    count: config.workers,
    host: config.host,
    ports,
    // The workers wait for a Postgres of the operator's themselves.
    openDatabase: async () =>
      config.databaseUrl === undefined
        ? openDatabase(databaseLocation(config, binaries))
        : { release: async () => undefined },
    log,
  });
}

/** The supervisor reports for all what one worker cannot do, and where they listen. */
async function startWorker(
  config: Config,
  binaries: PostgresBinaries,
  command: ServeCommand,
  log: Log,
  supervisor: Supervisor,
): Promise<SupervisedProgram> {
  try {
    const ownLog = { ...log, listening: () => undefined };
    const program = await STARTS[command](config, binaries, ownLog, supervisor);
    supervisor.reportReady({ apiUrl: program.apiUrl, uiUrl: program.uiUrl });
    return program;
  } catch (error) {
    if (!(error instanceof StartFailure)) throw error;
    await supervisor.reportFailure(error.message);
    process.exit(1);
  }
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
