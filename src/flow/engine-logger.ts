import type { DBOSConfig } from "@dbos-inc/dbos-sdk";
import type { Log } from "../log.ts";

type EngineLogger = NonNullable<DBOSConfig["logger"]>;
type Metadata = Parameters<EngineLogger["error"]>[1];

/** DBOS's log as lines of ours: its chatter as debug, with the run's id where it speaks of one. */
export function engineLogger(log: Log): EngineLogger {
  const line = (level: "debug" | "warn" | "error") => (entry: unknown, metadata?: Metadata) =>
    log.engine(level, `dbos: ${String(entry)}`, { ...runIdOf(metadata), ...errorOf(metadata) });
  return { debug: line("debug"), info: line("debug"), warn: line("warn"), error: line("error") };
}

function runIdOf(metadata: Metadata): { runId?: string } {
  const runId = metadata?.span?.attributes?.operationUUID;
  return typeof runId === "string" ? { runId } : {};
}

function errorOf(metadata: Metadata): { error?: unknown } {
  return metadata?.error === undefined ? {} : { error: metadata.error };
}
