import { type Aggregator, AggregatorRegistry, Counter, Gauge, Histogram, Registry } from "prom-client";
import type { Log } from "./log.ts";
import { withTimeout } from "./timeout.ts";

/** What is read from the database and its pools for a scrape. */
export type Measurements = Readonly<{
  runs: readonly Readonly<{ dbosStatus: string; count: number }>[];
  /** How long the run that has waited longest for a node has waited, in seconds; 0 when none waits. */
  oldestWaitingSeconds: number;
  blobBytes: number;
}>;

export type PoolUse = Readonly<{ total: number; idle: number; waiting: number }>;

/** The parts of the program that are asked at a scrape. */
export type MeasuredStore = Readonly<{
  measure(): Promise<Measurements>;
  poolUse(): PoolUse;
}>;

/** The statement behind a scrape reads all runs, so it is not repeated for each of several scrapers. */
const CACHE_MS = 5_000;
const QUERY_TIMEOUT_MS = 2_000;
const LOOP_CHECK_MS = 200;
/** Longer than scrapers wait between two scrapes. */
const LOOP_UNREAD_MS = 300_000;

const SECONDS = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 30, 120];
const METHODS: ReadonlySet<string> = new Set(["GET", "POST", "DELETE", "PUT", "PATCH", "OPTIONS"]);

export type Metrics = ReturnType<typeof createMetrics>;

/** The metrics of one process, as they are sent to another. */
export type MetricValues = Awaited<ReturnType<Registry["getMetricsAsJSON"]>>;

/** The other processes of the program, which a scrape of one shows too. */
export type MetricPeers = Readonly<{
  /** The metrics of those that answer in time. */
  collectMetrics(): Promise<readonly MetricValues[]>;
  /** Has `measure` called when another process is scraped. */
  onMeasure(measure: () => Promise<MetricValues>): void;
}>;

/** Where a gauge is the same for all processes, that of the scraped one counts. */
const OF_DATABASE: Aggregator = "first";

/** The metrics of this process and its peers, in Prometheus's form. They count what the log says, so counting needs no calls of its own. */
export function createMetrics(peers?: MetricPeers) {
  const registry = new Registry();
  const registers = [registry];
  const requests = new Histogram({
    name: "jejakekal_http_request_duration_seconds",
    help: "Time until the head of an answer was ready",
    labelNames: ["method", "route", "status"],
    buckets: SECONDS,
    registers,
  });
  const starts = new Counter({
    name: "jejakekal_starts_total",
    help: "Accepted requests for a run, new or deduplicated",
    labelNames: ["result"],
    registers,
  });
  const steps = new Histogram({
    name: "jejakekal_step_duration_seconds",
    help: "Time of the attempt that completed a step; side-effect counts the effects",
    labelNames: ["step"],
    buckets: SECONDS,
    registers,
  });
  const attempts = new Histogram({
    name: "jejakekal_step_attempts",
    help: "Attempts that a completed step took",
    labelNames: ["step"],
    buckets: [1, 2, 3, 5, 8],
    registers,
  });
  const counter = (name: string, help: string) => new Counter({ name, help, registers });
  const failedAttempts = counter("jejakekal_step_attempts_failed_total", "Attempts of steps that failed");
  const recoveries = counter("jejakekal_recoveries_total", "Runs of other nodes that this node requeued");
  const derivations = counter("jejakekal_child_derivations_total", "Derivations in child processes");
  const gauge = <Label extends string>(
    aggregator: Aggregator,
    name: string,
    help: string,
    labelNames: readonly Label[] = [],
  ) => new Gauge({ name, help, labelNames: [...labelNames], aggregator, registers });
  const gauges = {
    up: gauge(OF_DATABASE, "jejakekal_database_up", "1 when the database answered this scrape"),
    runs: gauge(OF_DATABASE, "jejakekal_runs", "Runs by their status in DBOS", ["status"]),
    waiting: gauge(OF_DATABASE, "jejakekal_waiting_runs", "Runs that wait for a node"),
    oldest: gauge(
      OF_DATABASE,
      "jejakekal_oldest_waiting_run_seconds",
      "How long the oldest of them has waited",
    ),
    blobs: gauge(
      OF_DATABASE,
      "jejakekal_blob_bytes",
      "Bytes of the table of documents and artifacts on disk",
    ),
    pool: gauge("sum", "jejakekal_pool_connections", "Connections of the pool of reads", ["use"]),
    loop: gauge(
      "max",
      "jejakekal_event_loop_delay_seconds",
      "Longest delay of the event loop since the last scrape",
    ),
  };
  const loop = watchEventLoop();
  const measure = createCachedMeasure();

  const readDatabaseGauges = async (store: MeasuredStore): Promise<void> => {
    const measured = await measure(store);
    gauges.up.set(measured === null ? 0 : 1);
    gauges.runs.reset();
    for (const { dbosStatus, count } of measured?.runs ?? []) gauges.runs.set({ status: dbosStatus }, count);
    const waiting = measured?.runs.find(({ dbosStatus }) => dbosStatus === "ENQUEUED");
    gauges.waiting.set(waiting?.count ?? 0);
    gauges.oldest.set(measured?.oldestWaitingSeconds ?? 0);
    gauges.blobs.set(measured?.blobBytes ?? 0);
  };

  const readOwnGauges = (store: Pick<MeasuredStore, "poolUse">): void => {
    for (const [use, count] of Object.entries(store.poolUse())) gauges.pool.set({ use }, count);
    gauges.loop.set(loop.takeLongestSeconds());
  };

  return {
    contentType: registry.contentType,
    /** The text of a scrape: of all processes of the program. */
    async read(store: MeasuredStore): Promise<string> {
      const [others] = await Promise.all([peers?.collectMetrics() ?? [], readDatabaseGauges(store)]);
      readOwnGauges(store);
      if (others.length === 0) return registry.metrics();
      return AggregatorRegistry.aggregate([await registry.getMetricsAsJSON(), ...others]).metrics();
    },
    /** Answers the scrapes of other processes with what this one has measured. */
    answerPeers(store: Pick<MeasuredStore, "poolUse">): void {
      peers?.onMeasure(async () => {
        readOwnGauges(store);
        const values = await registry.getMetricsAsJSON();
        return values.filter(({ aggregator }) => aggregator !== OF_DATABASE);
      });
    },
    countDerivation: () => derivations.inc(),
    /** A log that also counts. */
    countEvents: (log: Log): Log => ({
      ...log,
      requestAnswered(fact) {
        const method = METHODS.has(fact.method) ? fact.method : "other";
        requests.observe({ method, route: fact.route ?? "none", status: fact.status }, fact.ms / 1000);
        log.requestAnswered(fact);
      },
      runAccepted(fact) {
        starts.inc({ result: fact.deduplicated ? "deduplicated" : "new" });
        log.runAccepted(fact);
      },
      stepCompleted(fact) {
        steps.observe({ step: fact.step }, fact.ms / 1000);
        attempts.observe({ step: fact.step }, fact.attempt);
        log.stepCompleted(fact);
      },
      stepAttemptFailed(fact) {
        failedAttempts.inc();
        log.stepAttemptFailed(fact);
      },
      runsRequeued(fact) {
        recoveries.inc(fact.runIds.length);
        log.runsRequeued(fact);
      },
    }),
  };
}

/** Null while the database does not answer in time. */
function createCachedMeasure(): (store: MeasuredStore) => Promise<Measurements | null> {
  let cached: Measurements | null = null;
  let readAtMs = 0;
  return async (store) => {
    if (cached !== null && performance.now() - readAtMs < CACHE_MS) return cached;
    readAtMs = performance.now();
    cached = await withTimeout(store.measure(), QUERY_TIMEOUT_MS, () => new Error("no answer in time")).catch(
      () => null,
    );
    return cached;
  };
}

/** Measures how late a timer fires, from the first scrape on and while further ones come: the timer costs an idle node most. */
function watchEventLoop() {
  let longestMs = 0;
  let dueAt = 0;
  let takenAt = 0;
  let timer: NodeJS.Timeout | undefined;
  const check = () => {
    const now = performance.now();
    longestMs = Math.max(longestMs, now - dueAt);
    dueAt = now + LOOP_CHECK_MS;
    if (now - takenAt < LOOP_UNREAD_MS) return;
    clearInterval(timer);
    timer = undefined;
  };
  return {
    takeLongestSeconds(): number {
      takenAt = performance.now();
      if (timer === undefined) {
        dueAt = takenAt + LOOP_CHECK_MS;
        timer = setInterval(check, LOOP_CHECK_MS).unref();
      }
      const seconds = longestMs / 1000;
      longestMs = 0;
      return seconds;
    },
  };
}
