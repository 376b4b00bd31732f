import { type DestinationStream, destination, pino } from "pino";
import type { LogFormat, LogLevel } from "./config.ts";
import { prettyLine } from "./pretty-line.ts";

/**
 * The log: JSON lines, one function per event, so that every event has one name and one shape. Ids, hashes and counts go
 * in; secrets and the text of documents do not.
 */
export type Log = ReturnType<typeof createLog>;

/**
 * @param fd 1 for a service, which logs to stdout; 2 for a command, whose stdout is its answer
 * @param worker the number that each line gets, where several processes write one log
 */
export function createLog({
  level,
  format = "json",
  fd,
  worker,
  stream,
}: {
  level: LogLevel;
  format?: LogFormat;
  fd?: 1 | 2;
  worker?: number | undefined;
  stream?: DestinationStream;
}) {
  const logger = pino(
    {
      level,
      base: worker === undefined ? null : { worker },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    stream ?? openStream(fd ?? 1, format),
  );
  return {
    listening: (fact: { listener: "api" | "ui"; url: string }) => logger.info(fact, "listening"),
    databaseReady: (fact: { embedded: boolean; startedHere: boolean; ms: number }) =>
      logger.info(fact, "database ready"),
    waitingForDatabase: (fact: { waitedMs: number; timeoutMs: number; error: unknown }) =>
      logger.warn(plain(fact), "waiting for the database"),
    kernelReady: (fact: { node: string; version: string; ms: number }) => logger.info(fact, "kernel ready"),
    nodeRenamed: (fact: { from: string; to: string }) => logger.warn(fact, "node renamed"),
    workerReady: (fact: { worker: number; pid: number }) => logger.info(fact, "worker ready"),
    workerEnded: (fact: {
      worker: number;
      pid: number;
      exitCode: number | null;
      signal: string | null;
      restartMs: number;
    }) => logger.warn(fact, "worker ended"),
    stopping: (fact: { reason: string }) => logger.info(fact, "stopping"),
    stopped: (fact: { ms: number }) => logger.info(fact, "stopped"),
    runAccepted: (fact: { runId: string; payloadSha256: string; bytes: number; deduplicated: boolean }) =>
      logger.info(fact, "run accepted"),
    runFinished: (fact: { runId: string }) => logger.info(fact, "run finished"),
    runFailed: (fact: { runId: string; error: unknown }) => logger.warn(plain(fact), "run failed"),
    runCancelled: (fact: { runId: string }) => logger.info(fact, "run cancelled"),
    runResumed: (fact: { runId: string }) => logger.info(fact, "run resumed"),
    runForked: (fact: { runId: string; parentId: string; fromStep: number }) =>
      logger.info(fact, "run forked"),
    runErased: (fact: { runId: string }) => logger.info(fact, "run erased"),
    runsRequeued: (fact: { fromNode: string; byNode: string; runIds: readonly string[] }) =>
      logger.info(fact, "runs requeued"),
    stepCompleted: (fact: { runId: string; step: string; attempt: number; ms: number }) =>
      logger.debug(fact, "step completed"),
    stepAttemptFailed: (fact: { runId: string; step: string; attempt: number; error: unknown }) =>
      logger.warn(traced(fact), "step attempt failed"),
    hostShortage: (fact: { runId: string; step: string; error: unknown }) =>
      logger.warn(plain(fact), "host shortage, step waits"),
    runExported: (fact: { runId: string; manifestSha256: string }) => logger.info(fact, "run exported"),
    searchIndexed: (fact: { runs: number; chunks: number; ms: number }) =>
      logger.info(fact, "search indexed"),
    artifactDamaged: (fact: { artifactId: string; reason: "missing" | "altered"; sha256: string }) =>
      logger.error(fact, "artifact damaged"),
    requestAnswered: (fact: {
      method: string;
      route: string | null;
      status: number;
      ms: number;
      bytes: number | null;
      runId: string | null;
      token: string | null;
      requestId: string;
    }) => logger.info(fact, "request answered"),
    requestFailed: (fact: { method: string; path: string; error: unknown }) =>
      logger.error(traced(fact), "request failed"),
    eventLost: (fact: { runId: string; kind: string; error: unknown }) =>
      logger.warn(plain(fact), "event lost"),
    eventOfLostExecution: (fact: { runId: string; kind: string }) =>
      logger.info(fact, "event of an execution that lost its run dropped"),
    apiTrouble: (fact: { error: unknown }) => logger.warn(plain(fact), "api trouble"),
    tracingTrouble: (fact: { error: unknown }) => logger.warn(plain(fact), "tracing trouble"),
    databaseTrouble: (fact: { error: unknown }) => logger.warn(plain(fact), "database trouble"),
    engine: (level: "debug" | "warn" | "error", message: string, fact: { runId?: string; error?: unknown }) =>
      logger[level](plain(fact), message),
  };
}

function openStream(fd: 1 | 2, format: LogFormat): DestinationStream {
  const plainStream = destination({ fd, sync: true });
  return format === "json" ? plainStream : { write: (line) => plainStream.write(prettyLine(line)) };
}

/** The fields of a log line, with an error as its name, code, message and cause. */
function plain(fact: Record<string, unknown>): Record<string, unknown> {
  return "error" in fact ? { ...fact, error: describe(fact.error) } : fact;
}

/** As `plain`, with the stack trace, for unexpected errors. */
function traced(fact: Record<string, unknown>): Record<string, unknown> {
  const stack = fact.error instanceof Error ? { stack: fact.error.stack } : {};
  return { ...plain(fact), ...stack };
}

const MAX_DEPTH = 4;

function describe(error: unknown, depth = 0): unknown {
  if (!(error instanceof Error)) return { message: String(error) };
  const inner = (what: unknown) => describe(what, depth + 1);
  const isDeep = depth >= MAX_DEPTH;
  return {
    name: error.name,
    message: error.message,
    ...("code" in error ? { code: String(error.code) } : {}),
    ...(error.cause === undefined || isDeep ? {} : { cause: inner(error.cause) }),
    ...(error instanceof AggregateError && !isDeep ? { errors: error.errors.map(inner) } : {}),
  };
}
