import cluster, { type Worker } from "node:cluster";
import { createServer, type Server } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { codeOf } from "../error-code.ts";
import { StartFailure } from "../failure.ts";
import { bindServer } from "../http/bind.ts";
import type { Log } from "../log.ts";
import type { MetricValues } from "../metrics.ts";
import { ownCommand } from "../own-command.ts";
import { settleWithin, withTimeout } from "../timeout.ts";
import type { Addresses, FromWorker, ToWorker } from "./messages.ts";

/** A worker that ends is replaced after this long; each further one that ends early doubles it. */
const FIRST_RESTART_MS = 100;
const MAX_RESTART_MS = 10_000;
/** A worker that has run for this long did not end early. */
const STABLE_MS = 30_000;

/** Longer than a worker gives its requests and steps. */
const STOP_TIMEOUT_MS = 20_000;

const COLLECT_TIMEOUT_MS = 1_000;

const FREED_PORT_MS = 1_000;
const FREED_PORT_POLL_MS = 50;

type PortVariable = "API_PORT" | "UI_PORT";

export type SupervisedProgram = Addresses & Readonly<{ close(): Promise<void> }>;

type SupervisorOptions = Readonly<{
  /** The subcommand that each worker runs. */
  command: "serve" | "api";
  count: number;
  host: string;
  /** The ports of the listeners; 0 for any free one. */
  ports: Readonly<Partial<Record<PortVariable, number>>>;
  /** Holds the database open until all workers have ended. */
  openDatabase(): Promise<Readonly<{ release(): Promise<void> }>>;
  log: Pick<Log, "listening" | "workerReady" | "workerEnded">;
}>;

/**
 * Runs `count` processes of this program behind the same ports, each a node of its own, and replaces those that end. On Node the
 * supervisor accepts the connections and deals them out; on Bun the system does, by SO_REUSEPORT.
 * @throws StartFailure as one process would: for a taken port, a database that cannot be used
 */
export async function startWorkers(options: SupervisorOptions): Promise<SupervisedProgram> {
  assertSharedPortsWork();
  const undo = new AsyncDisposableStack();
  try {
    const env = await reservePorts(options);
    const database = await options.openDatabase();
    undo.defer(() => database.release());
    const workers = createWorkers(options, env);
    undo.defer(() => workers.close());
    const { apiUrl, uiUrl } = await workers.start();
    if (apiUrl !== null) options.log.listening({ listener: "api", url: apiUrl });
    if (uiUrl !== null) options.log.listening({ listener: "ui", url: uiUrl });
    return { apiUrl, uiUrl, close: () => undo.disposeAsync() };
  } catch (error) {
    await undo.disposeAsync();
    throw error;
  }
}

function assertSharedPortsWork(): void {
  if (process.versions.bun === undefined || process.platform === "linux") return;
  throw new StartFailure(
    `JEJAKEKAL_WORKERS takes 1 on Bun on ${process.platform}, where processes cannot share a port: run it on Node for more.`,
  );
}

/** Finds a taken port before anything is opened, and the numbers of free ones. Workers share a port with each other alone. */
async function reservePorts({ host, ports }: SupervisorOptions): Promise<Readonly<Record<string, string>>> {
  const reserved: Record<string, string> = {};
  const servers = [];
  for (const [variable, port] of Object.entries(ports) as [PortVariable, number][]) {
    const server = await openFreedPort(host, port, variable);
    servers.push(server);
    const address = server.address();
    reserved[variable] = String(typeof address === "object" ? address?.port : port);
  }
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return reserved;
}

/** Workers of a supervisor that was killed a moment ago leave the port as soon as they notice. */
async function openFreedPort(host: string, port: number, variable: PortVariable): Promise<Server> {
  const until = performance.now() + FREED_PORT_MS;
  for (;;) {
    const server = createServer();
    try {
      await bindServer(server, host, port, variable);
      return server;
    } catch (error) {
      const isTaken = error instanceof StartFailure && codeOf(error.cause) === "EADDRINUSE";
      if (!isTaken || performance.now() > until) throw error;
      await sleep(FREED_PORT_POLL_MS);
    }
  }
}

function createWorkers({ command, count, log }: SupervisorOptions, env: Readonly<Record<string, string>>) {
  setUpFork(command);
  const living = new Set<Worker>();
  const ready = new Set<Worker>();
  const restarts = new Set<NodeJS.Timeout>();
  const collect = createCollector(ready);
  let isClosing = false;

  const announceCount = () => {
    for (const worker of living) send(worker, { kind: "count", configured: count, ready: ready.size });
  };

  const sendToOthers = (worker: Worker, message: ToWorker) => {
    for (const other of living) if (other !== worker) send(other, message);
  };

  /** @param earlyEnds how many workers in this one's place have ended early, one after the other */
  const startWorker = (earlyEnds = 0): Promise<Addresses> => {
    const { promise, resolve, reject } = Promise.withResolvers<Addresses>();
    const startedAt = performance.now();
    const worker = cluster.fork(env);
    const { id } = worker;
    living.add(worker);
    worker.on("error", () => worker.process.kill("SIGKILL"));
    worker.on("message", (message: FromWorker) => {
      if (message.kind === "failed") reject(new StartFailure(message.message));
      if (message.kind === "collect") void collect.from(worker, message.id);
      if (message.kind === "measured") collect.add(worker, message.id, message.values);
      if (message.kind === "take") sendToOthers(worker, message);
      if (message.kind !== "ready") return;
      ready.add(worker);
      announceCount();
      log.workerReady({ worker: id, pid: worker.process.pid ?? -1 });
      resolve({ apiUrl: message.apiUrl, uiUrl: message.uiUrl });
    });
    worker.once("exit", (exitCode, signal) => {
      living.delete(worker);
      ready.delete(worker);
      reject(new StartFailure("A worker ended before it was ready; its last messages say why."));
      announceCount();
      if (isClosing) return;
      const ends = performance.now() - startedAt > STABLE_MS ? 0 : earlyEnds;
      const restartMs = Math.min(MAX_RESTART_MS, FIRST_RESTART_MS * 2 ** ends);
      log.workerEnded({ worker: id, pid: worker.process.pid ?? -1, exitCode, signal, restartMs });
      const timer = setTimeout(() => {
        restarts.delete(timer);
        // The end of a worker that fails to start schedules the next restart.
        startWorker(ends + 1).catch(() => undefined);
      }, restartMs);
      restarts.add(timer);
    });
    return promise;
  };

  return {
    /** Resolves when all are ready. */
    async start(): Promise<Addresses> {
      const [first] = await Promise.all(Array.from({ length: count }, () => startWorker()));
      return first ?? { apiUrl: null, uiUrl: null };
    },
    /** Stops all workers in order, and kills those that do not end. */
    async close(): Promise<void> {
      isClosing = true;
      for (const timer of restarts) clearTimeout(timer);
      const ends = [...living].map(
        (worker) => new Promise<void>((resolve) => worker.once("exit", () => resolve())),
      );
      for (const worker of living) send(worker, { kind: "stop" });
      await settleWithin(Promise.all(ends), STOP_TIMEOUT_MS);
      for (const worker of living) worker.process.kill("SIGKILL");
    },
  };
}

/** Has `cluster.fork` start this program again. The executable needs no script, and `exec` is its first argument. */
function setUpFork(command: string): void {
  // `cluster` adds the runtime and its flags.
  const [exec, ...args] = [...ownCommand().slice(1 + process.execArgv.length), command];
  cluster.setupPrimary({ exec, args });
}

function send(worker: Worker, message: ToWorker): void {
  if (worker.isConnected()) worker.send(message, undefined, () => undefined);
}

/** Collects the metrics of all ready workers but the one that asks. */
function createCollector(ready: ReadonlySet<Worker>) {
  const answers = new Map<string, (values: MetricValues) => void>();
  let lastId = 0;
  const measure = (worker: Worker): Promise<MetricValues> => {
    lastId += 1;
    const id = lastId;
    const key = `${worker.id}:${id}`;
    const answer = new Promise<MetricValues>((resolve) => answers.set(key, resolve));
    send(worker, { kind: "measure", id });
    return withTimeout(answer, COLLECT_TIMEOUT_MS, () => new Error("no answer in time"))
      .catch((): MetricValues => [])
      .finally(() => answers.delete(key));
  };
  return {
    async from(asker: Worker, id: number): Promise<void> {
      const others = [...ready].filter((worker) => worker !== asker);
      const values = (await Promise.all(others.map(measure))).filter(({ length }) => length > 0);
      send(asker, { kind: "collected", id, values });
    },
    add(worker: Worker, id: number, values: MetricValues): void {
      answers.get(`${worker.id}:${id}`)?.(values);
    },
  };
}
