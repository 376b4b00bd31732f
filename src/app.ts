import type { Config } from "./config.ts";
import { loadTokenizer } from "./document/index.ts";
import { Failure, StartFailure } from "./failure.ts";
import { createChildProcessDeriver, DERIVE_SUBCOMMAND } from "./flow/derivation/child-process.ts";
import { exporter } from "./flow/export-run.ts";
import { launchKernel } from "./flow/kernel.ts";
import { receiptEffect, webhookEffect } from "./flow/run-effect.ts";
import { apiServer } from "./http/api/routes.ts";
import type { Services } from "./http/api/services.ts";
import { type FetchHandler, type HttpListener, listen } from "./http/listener.ts";
import { remoteApi } from "./http/pages/backend.ts";
import { refuseTarget, uiServer } from "./http/pages/routes.ts";
import { failureReply, type Listener } from "./http/reply.ts";
import type { Log } from "./log.ts";
import { ownCommand } from "./own-command.ts";
import { type DatabaseLocation, openDatabase, type PostgresBinaries } from "./postgres/index.ts";
import { openStore } from "./store/index.ts";
import { VERSION } from "./version.ts";

/** Enough for the reads of a busy page. */
const STORE_POOL_SIZE = 10;

/** At 64 concurrent runs DBOS ran 250 workflows/s with 20 connections and 177 with 10; more than 20 brought no more. */
const MAX_ENGINE_CONNECTIONS = 20;

const REQUEST_GRACE_MS = 5_000;
const DRAIN_MS = 10_000;

export type Program = Readonly<{
  apiUrl: string | null;
  uiUrl: string | null;
  /** Settles when the program must stop, for another has taken its node's name. */
  whenNameLost: Promise<void>;
  close(): Promise<void>;
}>;

export function databaseLocation(config: Config, binaries: PostgresBinaries): DatabaseLocation {
  return config.databaseUrl === undefined
    ? {
        kind: "embedded",
        home: config.home,
        mayShare: !config.isHomeChosen,
        port: config.pgPort,
        binaries,
      }
    : { kind: "external", url: config.databaseUrl };
}

/**
 * Builds the services out of each other, in the order in which they need each other; `close` takes them down in reverse.
 * A failure half-way takes down what was built.
 */
export async function openServices(
  config: Config,
  binaries: PostgresBinaries,
  log: Log,
): Promise<Services & { close(): Promise<void> }> {
  const undo = new AsyncDisposableStack();
  try {
    const began = performance.now();
    // In the shadow of the database's start.
    const tokenizer = loadTokenizer();
    const database = await openDatabase(databaseLocation(config, binaries));
    undo.defer(() => database.release());
    log.databaseReady({
      embedded: config.databaseUrl === undefined,
      startedHere: database.startedHere,
      ms: Math.round(performance.now() - began),
    });
    await tokenizer;
    const { databaseUrl, serverId } = database;
    const store = openStore({ url: databaseUrl, serverId, poolSize: STORE_POOL_SIZE, log });
    undo.defer(() => store.close());
    const kernel = await launchKernel({
      databaseUrl,
      serverId,
      node: config.node,
      maxEngineConnections: MAX_ENGINE_CONNECTIONS,
      store,
      effect: config.webhook === undefined ? receiptEffect : webhookEffect(config.webhook),
      deriveInChildProcess: createChildProcessDeriver([...ownCommand(), DERIVE_SUBCOMMAND]),
      log,
    });
    undo.defer(() => kernel.close(DRAIN_MS));
    log.kernelReady({ node: kernel.node, version: VERSION, ms: Math.round(performance.now() - began) });
    return {
      kernel,
      store,
      exportRun: exporter({ store, log, root: config.bundlesRoot, node: kernel.node }),
      log,
      maxBodyBytes: config.maxBodyBytes,
      identity: { node: kernel.node, version: VERSION },
      close: () => undo.disposeAsync(),
    };
  } catch (error) {
    await undo.disposeAsync();
    throw error;
  }
}

/** The API alone. A browser that comes to it gets the same pages as on the UI's port. */
export function startApi(config: Config, binaries: PostgresBinaries, log: Log): Promise<Program> {
  return startHere(config, binaries, log, ["api"]);
}

/** The API and the pages, each behind its own port; or the pages alone, when the API is another process. */
export async function startService(config: Config, binaries: PostgresBinaries, log: Log): Promise<Program> {
  if (config.apiPort === config.uiPort && config.apiPort !== 0) {
    throw new StartFailure(
      `API_PORT and UI_PORT are both ${config.apiPort}: set one of them to another port.`,
    );
  }
  return config.embedApi ? startHere(config, binaries, log, ["api", "ui"]) : startSplitUi(config, log);
}

/**
 * Opens the ports first and the rest behind them: a taken port stops the program before anything has begun, and a client
 * that comes too early is told to come again.
 */
async function startHere(
  config: Config,
  binaries: PostgresBinaries,
  log: Log,
  listeners: readonly Listener[],
): Promise<Program> {
  const undo = new AsyncDisposableStack();
  const gate = openGate();
  try {
    const open: HttpListener[] = [];
    for (const listener of listeners) {
      const opened = await listenOn(config, listener, gate.handler, log);
      undo.defer(() => opened.close(REQUEST_GRACE_MS));
      open.push(opened);
    }
    const services = await openServices(config, binaries, log);
    undo.defer(() => services.close());
    // Requests end before what they need does: the listeners were opened first, and are closed first.
    undo.defer(() => closeAll(open));
    gate.letIn(apiServer(services));
    listeners.forEach((listener, index) => {
      log.listening({ listener, url: open[index]?.url ?? "" });
    });
    const [api, ui] = open;
    return {
      apiUrl: api?.url ?? null,
      uiUrl: ui?.url ?? null,
      whenNameLost: services.kernel.whenNameLost,
      close: () => undo.disposeAsync(),
    };
  } catch (error) {
    await undo.disposeAsync();
    throw error;
  }
}

/** The pages alone: every read and write goes over HTTP to the API, and no database is opened. */
async function startSplitUi(config: Config, log: Log): Promise<Program> {
  const host = config.host.includes(":") ? `[${config.host}]` : config.host;
  const apiUrl = `http://${host}:${config.apiPort}`;
  const ui = await listenOn(
    config,
    "ui",
    remoteApi({ baseUrl: apiUrl, maxBodyBytes: config.maxBodyBytes, log }),
    log,
  );
  log.listening({ listener: "ui", url: ui.url });
  const whenNameLost = new Promise<void>(() => undefined);
  return { apiUrl: null, uiUrl: ui.url, whenNameLost, close: () => ui.close(REQUEST_GRACE_MS) };
}

async function closeAll(listeners: readonly HttpListener[]): Promise<void> {
  await Promise.all(listeners.map((listener) => listener.close(REQUEST_GRACE_MS)));
}

const PORTS = {
  api: { setting: "apiPort", variable: "API_PORT" },
  ui: { setting: "uiPort", variable: "UI_PORT" },
} as const;

function listenOn(config: Config, listener: Listener, api: FetchHandler, log: Log): Promise<HttpListener> {
  const { setting, variable } = PORTS[listener];
  return listen({
    host: config.host,
    port: config[setting],
    portVariable: variable,
    handler: uiServer({ api, listener, maxBodyBytes: config.maxBodyBytes, log }),
    log,
    refusal: refuseTarget(listener),
  });
}

/** A handler that says "not yet" until it is given the real one. */
function openGate(): { handler: FetchHandler; letIn(handler: FetchHandler): void } {
  let current: FetchHandler = async () => failureReply(new Failure("database_unavailable"));
  return {
    handler: (request) => current(request),
    letIn(handler) {
      current = handler;
    },
  };
}
