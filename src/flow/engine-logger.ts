import type { DBOSConfig } from "@dbos-inc/dbos-sdk";
import type { Log } from "../log.ts";

type EngineLogger = NonNullable<DBOSConfig["logger"]>;
type Metadata = Parameters<EngineLogger["error"]>[1];

/** In an outage DBOS says the same at each look at its queue, which is 50 times a second. */
const ECHO_MS = 1_000;
const MAX_REMEMBERED = 100;

/** DBOS's log as lines of ours: its chatter and what it has just said as debug, with the run's id where it speaks of one. */
export function engineLogger(log: Pick<Log, "engine">): EngineLogger {
  const isEcho = echoes();
  const line = (level: "debug" | "warn" | "error") => (entry: unknown, metadata?: Metadata) => {
    const text = `dbos: ${String(entry)}`;
    log.engine(isEcho(text) ? "debug" : level, text, { ...runIdOf(metadata), ...errorOf(metadata) });
  };
  return { debug: line("debug"), info: line("debug"), warn: line("warn"), error: line("error") };
}

function runIdOf(metadata: Metadata): { runId?: string } {
  const runId = metadata?.span?.attributes?.operationUUID;
  return typeof runId === "string" ? { runId } : {};
}

function errorOf(metadata: Metadata): { error?: unknown } {
  return metadata?.error === undefined ? {} : { error: metadata.error };
}

/** Whether a text was let through less than a moment ago. */
function echoes(): (text: string) => boolean {
  const saidAt = new Map<string, number>();
  return (text) => {
    const now = performance.now();
    if (now - (saidAt.get(text) ?? Number.NEGATIVE_INFINITY) < ECHO_MS) return true;
    if (saidAt.size >= MAX_REMEMBERED) saidAt.clear();
    saidAt.set(text, now);
    return false;
  };
}
