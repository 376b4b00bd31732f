import type { DBOSConfig } from "@dbos-inc/dbos-sdk";
import type { Log } from "../log.ts";

type EngineLogger = NonNullable<DBOSConfig["logger"]>;
type Metadata = Parameters<EngineLogger["error"]>[1];

/** In an outage DBOS logs the same line at each poll of its queue, which is 50 times a second. */
const REPEAT_WINDOW_MS = 1_000;
const MAX_REMEMBERED_LINES = 100;

/** DBOS's log lines in this program's log. DBOS's information, and lines that repeat within a second, get the level debug. */
export function createEngineLogger(log: Pick<Log, "engine">): EngineLogger {
  const isRepeated = createRepeatFilter();
  const line = (level: "debug" | "warn" | "error") => (entry: unknown, metadata?: Metadata) => {
    const text = `dbos: ${String(entry)}`;
    log.engine(isRepeated(text) ? "debug" : level, text, { ...runIdOf(metadata), ...errorOf(metadata) });
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

/** Tells whether the same text was logged within `REPEAT_WINDOW_MS`. */
function createRepeatFilter(): (text: string) => boolean {
  const loggedAt = new Map<string, number>();
  return (text) => {
    const now = performance.now();
    if (now - (loggedAt.get(text) ?? Number.NEGATIVE_INFINITY) < REPEAT_WINDOW_MS) return true;
    if (loggedAt.size >= MAX_REMEMBERED_LINES) loggedAt.clear();
    loggedAt.set(text, now);
    return false;
  };
}
