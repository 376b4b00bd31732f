import { createAccess } from "./access/access.ts";
import { assertDistinctPorts, type Config, derivingEnvironment } from "./config.ts";
import { MAX_CONTENT_BYTES } from "./domain/artifact.ts";
import { StartFailure } from "./failure.ts";
import { findSigningKey } from "./files/signing-key.ts";
import { DERIVE_SUBCOMMAND } from "./flow/derivation/child-process.ts";
import { createProcessPool } from "./flow/derivation/process-pool.ts";
import { warmUpDerivation } from "./flow/derivation/warm-up.ts";
import { createEraseRun } from "./flow/erase-run.ts";
import { exporter } from "./flow/export-run.ts";
import { launchKernel } from "./flow/kernel.ts";
import { startRetention } from "./flow/retention.ts";
import { startReviewQueue } from "./flow/review.ts";
import { createBundleReader } from "./flow/run-bundle.ts";
import { receiptEffect, webhookEffect } from "./flow/run-effect.ts";
import { startIndexer } from "./flow/search/indexer.ts";
import { createSearch } from "./flow/search/search.ts";
import type { ApiSource } from "./http/api-source.ts";
import { createHttpApp } from "./http/app.ts";
import { createForwardedReader } from "./http/forwarded.ts";
import { createHostCheck } from "./http/host.ts";
import { type Listener, openListener } from "./http/listener.ts";
import { refuseRequest } from "./http/pages/problem-page.ts";
import type { ListenerName } from "./http/reply.ts";
import { createReverseProxy } from "./http/reverse-proxy.ts";
import { type LiveServices, type OpenServices, openLiveServices } from "./live-services.ts";
import type { Log } from "./log.ts";
import { createMetrics, type Metrics } from "./metrics.ts";
import { readOcrFiles } from "./ocr/ocr-files.ts";
import { ownCommand } from "./own-command.ts";
import { type DatabaseLocation, openDatabase, type PostgresBinaries } from "./postgres/index.ts";
import { openStore } from "./store/index.ts";
import { settleWithin } from "./timeout.ts";
import { openTracing } from "./tracing/open-tracing.ts";
import { NO_TRACING, type Tracing } from "./tracing/tracing.ts";
import { VERSION } from "./version.ts";
import { ALONE, type Workers } from "./workers/worker.ts";

/**
 * Connections of one node. At 64 concurrent runs DBOS ran 250 workflows/s with 20 connections and 177 with 10; more than 20 brought no
 * more. A third more is enough for the reads of a busy page.
 */
const MAX_CONNECTIONS = 30;

/** Of all workers of a program together: Postgres allows 100 by default, and each worker has some besides its pools. */
const MAX_SHARED_CONNECTIONS = 64;
const MIN_CONNECTIONS = 6;

const REQUEST_GRACE_MS = 5_000;
const DRAIN_MS = 10_000;

/** A transaction of the indexer that has not ended by then is rolled back. */
const INDEXER_GRACE_MS = 2_000;

export type Program = Readonly<{
  apiUrl: string | null;
  uiUrl: string | null;
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

/** Opens the services in the order of their dependencies. `close`, or a failure half-way, closes them in reverse order. */
export async function openServices(
  config: Config,
  binaries: PostgresBinaries,
  log: Log,
  metrics: Metrics = createMetrics(),
  workers: Workers = ALONE,
): Promise<OpenServices> {
  const undo = new AsyncDisposableStack();
  try {
    const began = performance.now();
    // While the database starts.
    const warmUp = warmUpDerivation();
    // What is missing shows at the start, and not with the first scanned page.
    if (config.ocr.languages !== null) await readOcrFiles(config.ocr.languages, config.ocr.folders);
    const signingKey = await findSigningKey(config.signingKeyPath);
    const database = await openDatabase(databaseLocation(config, binaries));
    undo.defer(() => database.release());
    log.databaseReady({
      embedded: config.databaseUrl === undefined,
      startedHere: database.startedHere,
      ms: Math.round(performance.now() - began),
    });
    await warmUp;
    const { databaseUrl, serverId } = database;
    const connections = connectionsOf(workers.count().configured);
    const store = openStore({ url: databaseUrl, serverId, poolSize: connections.store, log });
    undo.defer(() => store.close());
    metrics.answerPeers(store);
    const processes = createProcessPool([...ownCommand(), DERIVE_SUBCOMMAND], {
      maxBytes: config.maxDerivationBytes,
      environment: derivingEnvironment(config.maxDerivationBytes),
      warmProcesses: config.warmProcesses,
      hasOcr: config.ocr.languages !== null,
      spoolFolder: config.home,
    });
    undo.defer(() => processes.close());
    const kernel = await launchKernel({
      databaseUrl,
      serverId,
      node: config.node,
      maxEngineConnections: connections.engine,
      maxRunning: config.maxRunning,
      concurrency: config.concurrency,
      isTraced: config.otlpEndpoint !== undefined,
      store,
      effect: config.webhook === undefined ? receiptEffect : webhookEffect(config.webhook),
      deriveInChildProcess: (...derivation) => {
        metrics.countDerivation();
        return processes.derive(...derivation);
      },
      log,
    });
    undo.defer(() => kernel.close(DRAIN_MS));
    const reviewQueue = startReviewQueue(store, kernel.waitingWork);
    undo.defer(() => settleWithin(reviewQueue.close(), INDEXER_GRACE_MS));
    const indexer = startIndexer({ store, log }, kernel.waitingWork);
    undo.defer(() => settleWithin(indexer.close(), INDEXER_GRACE_MS));
    const eraseRun = createEraseRun({ store, log, node: kernel.node, bundlesRoot: config.bundlesRoot });
    if (config.retention !== undefined) {
      const retention = startRetention({ store, eraseRun, log }, config.retention);
      undo.defer(() => settleWithin(retention.close(), INDEXER_GRACE_MS));
    }
    processes.keepWarm();
    const access = createAccess(store, (hasTokens) => isOpen(config, hasTokens), workers);
    const readRunBundle = createBundleReader({ store, log, signingKey });
    log.kernelReady({ node: kernel.node, version: VERSION, ms: Math.round(performance.now() - began) });
    return {
      kernel,
      store,
      access,
      metrics,
      workers,
      readRunBundle,
      search: createSearch({ store, log }),
      exportRun: exporter({ store, readRunBundle, log, root: config.bundlesRoot, node: kernel.node }),
      eraseRun,
      log,
      maxBodyBytes: Math.min(config.maxBodyBytes, MAX_CONTENT_BYTES),
      hasOcr: config.ocr.languages !== null,
      identity: { node: kernel.node, version: VERSION },
      close: () => undo.disposeAsync(),
    };
  } catch (error) {
    await undo.disposeAsync();
    throw error;
  }
}

/** @param workers how many nodes like this one the program has */
export function connectionsOf(workers: number): Readonly<{ store: number; engine: number }> {
  const share = Math.floor(MAX_SHARED_CONNECTIONS / workers);
  const connections = Math.min(MAX_CONNECTIONS, Math.max(MIN_CONNECTIONS, share));
  const store = Math.floor(connections / 3);
  return { store, engine: connections - store };
}

/** Whether requests without a token may do everything. A host that other machines can reach is open only on demand. */
function isOpen({ isHostLoopback, isAnonymousAllowed }: Config, hasTokens: boolean): boolean {
  return isAnonymousAllowed || (isHostLoopback && !hasTokens);
}

/**
 * As `openServices`, for a program with listeners.
 * @throws StartFailure when nobody could use it: other machines can reach it, and there is no token
 */
async function openSafeServices(
  config: Config,
  binaries: PostgresBinaries,
  log: Log,
  metrics: Metrics,
  workers: Workers,
): Promise<OpenServices> {
  const services = await openServices(config, binaries, log, metrics, workers);
  if (isOpen(config, false)) return services;
  try {
    const tokens = await services.store.listTokens();
    if (tokens.some(({ revokedAtEpochMs }) => revokedAtEpochMs === null)) return services;
    throw new StartFailure(
      `JEJAKEKAL_HOST is ${config.host}, which other machines can reach, and there is no token: make one with "jejakekal token new NAME --scope admin", or set JEJAKEKAL_ANONYMOUS=1 to let everybody do everything.`,
    );
  } catch (error) {
    await services.close();
    throw error;
  }
}

/** The API listener alone. It also has the pages, for a browser that opens it. */
export function startApi(
  config: Config,
  binaries: PostgresBinaries,
  log: Log,
  workers: Workers = ALONE,
): Promise<Program> {
  return startWithServices(config, binaries, log, workers, ["api"]);
}

/** The API listener and the UI listener; or the UI listener alone, when the API is another process. */
export async function startService(
  config: Config,
  binaries: PostgresBinaries,
  log: Log,
  workers: Workers = ALONE,
): Promise<Program> {
  return config.embedApi
    ? startWithServices(config, binaries, log, workers, ["api", "ui"])
    : startSplitUi(config, log);
}

/**
 * Opens the listeners first and the services after them, so that a taken port stops the program before anything else has
 * started. Until the services are up, and while they are opened again, the listeners answer 503.
 */
async function startWithServices(
  config: Config,
  binaries: PostgresBinaries,
  plainLog: Log,
  workers: Workers,
  names: readonly ListenerName[],
): Promise<Program> {
  assertDistinctPorts(config, names);
  const metrics = createMetrics(workers);
  const log = metrics.countEvents(plainLog);
  const undo = new AsyncDisposableStack();
  try {
    // DBOS makes its spans by the provider that is registered before its launch.
    const tracing = await openTracing(config.otlpEndpoint, log);
    undo.defer(() => tracing.close());
    let services: LiveServices | null = null;
    const api: ApiSource = { kind: "local", getServices: () => services?.get() ?? null };
    const listeners: Listener[] = [];
    for (const name of names) {
      const listener = await openHttpListener(config, name, api, log, tracing);
      undo.defer(() => listener.close(REQUEST_GRACE_MS));
      listeners.push(listener);
    }
    const open = () => openSafeServices(config, binaries, log, metrics, workers);
    const live = await openLiveServices(open, log);
    undo.defer(() => live.close());
    // The stack closes the listeners last, but open requests need the services: close the listeners before them as well.
    undo.defer(() => closeAll(listeners));
    services = live;
    names.forEach((listener, index) => {
      log.listening({ listener, url: listeners[index]?.url ?? "" });
    });
    return {
      apiUrl: listeners[0]?.url ?? null,
      uiUrl: listeners[1]?.url ?? null,
      close: () => undo.disposeAsync(),
    };
  } catch (error) {
    await undo.disposeAsync();
    throw error;
  }
}

/** The UI listener alone: it forwards every read and write to the API over HTTP, and opens no database. */
async function startSplitUi(config: Config, log: Log): Promise<Program> {
  if (config.uiPort === config.apiPort) {
    throw new StartFailure(
      `API_PORT and UI_PORT are both ${config.uiPort}: set one of them to another port.`,
    );
  }
  const host = config.host.includes(":") ? `[${config.host}]` : config.host;
  const baseUrl = `http://${host}:${config.apiPort}`;
  const forward = createReverseProxy({ baseUrl, maxBodyBytes: config.maxBodyBytes, log });
  const ui = await openHttpListener(config, "ui", { kind: "remote", forward }, log, NO_TRACING);
  log.listening({ listener: "ui", url: ui.url });
  return { apiUrl: null, uiUrl: ui.url, close: () => ui.close(REQUEST_GRACE_MS) };
}

async function closeAll(listeners: readonly Listener[]): Promise<void> {
  await Promise.all(listeners.map((listener) => listener.close(REQUEST_GRACE_MS)));
}

const PORTS = {
  api: { setting: "apiPort", variable: "API_PORT" },
  ui: { setting: "uiPort", variable: "UI_PORT" },
} as const;

function openHttpListener(
  config: Config,
  name: ListenerName,
  api: ApiSource,
  log: Log,
  tracing: Tracing,
): Promise<Listener> {
  const { setting, variable } = PORTS[name];
  return openListener({
    host: config.host,
    port: config[setting],
    portVariable: variable,
    isHostAllowed: createHostCheck(
      { host: config.host, isLoopback: config.isHostLoopback },
      config.publicUrl === undefined
        ? config.allowedHosts
        : [...config.allowedHosts, config.publicUrl.hostname],
    ),
    readForwarded: createForwardedReader(config.trustedProxies),
    handler: createHttpApp({
      listener: name,
      api,
      reach: { publicUrl: config.publicUrl, isTokenRequired: !isOpen(config, false) },
      maxBodyBytes: config.maxBodyBytes,
      hasOcr: config.ocr.languages !== null,
      tracing,
      log,
    }),
    refuse: (failure, headers) => refuseRequest(failure, headers, name),
    log,
  });
}
