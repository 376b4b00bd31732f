import type { Log } from "../log.ts";
import { type ConnectionPool, openPool, type ServerId } from "../store/index.ts";

/**
 * The connections of the engine. DBOS works with `dbos`; the transactions of `withRecordTransaction` run on `writes`. They are
 * apart because a write can wait for a lock whose holder needs a connection of DBOS's to finish.
 */
export type EnginePools = Readonly<{
  dbos: ConnectionPool;
  writes: ConnectionPool;
  close(): Promise<void>;
}>;

const CONNECT_TIMEOUT_MS = 10_000;

/** How long a statement of the engine may take before it is sent again on another connection. */
export const ANSWER_TIMEOUT_MS = 10_000;

/** A transaction that was left behind on a dropped connection keeps the rows locked that the next attempt writes. */
const IDLE_IN_TRANSACTION_TIMEOUT_MS = 10_000;

/** @param maxConnections of both pools together */
export function openEnginePools({
  url,
  serverId,
  maxConnections,
  log,
}: {
  url: string;
  serverId: ServerId;
  maxConnections: number;
  log: Pick<Log, "databaseTrouble">;
}): EnginePools {
  const open = () =>
    openPool({
      url,
      serverId,
      maxConnections: Math.ceil(maxConnections / 2),
      applicationName: "jejakekal engine",
      connectTimeoutMs: CONNECT_TIMEOUT_MS,
      answerTimeoutMs: ANSWER_TIMEOUT_MS,
      idleInTransactionTimeoutMs: IDLE_IN_TRANSACTION_TIMEOUT_MS,
      isPipelined: true,
      log,
    });
  const dbos = open();
  const writes = open();
  return {
    dbos,
    writes,
    close: async () => void (await Promise.all([dbos.end(), writes.end()])),
  };
}
