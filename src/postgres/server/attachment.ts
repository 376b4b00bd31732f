import type { Client } from "pg";
import { settleWithin } from "../../timeout.ts";
import { wasKilled } from "./postmaster.ts";
import { endSession, probePort } from "./probe-port.ts";
import type { ServerHome } from "./server-home.ts";

/** The advisory lock, in database `postgres`, that every program using the server holds in shared mode: "jejakeka". */
const ATTACHED_LOCK = "7666650907314318177";
const LOCK_TIMEOUT_MS = 5000;
const REATTACH_DELAY_MS = 250;
const REATTACH_TIMEOUT_MS = 10_000;

/** Keeps the server running: while this program is attached, no other program that leaves stops the server. */
export interface Attachment {
  /**
   * Detaches. Resolves to a session that holds the lock exclusively when no other program is attached; new programs wait
   * until that session ends. Resolves to null when others are attached or the server is gone.
   */
  detach(): Promise<Client | null>;
  /** Detaches without finding out whether others are attached. */
  abandon(): void;
}

/** Takes the lock in shared mode. Rejects when the server goes away or the lock is not granted in time. */
export async function lockShared(session: Client): Promise<void> {
  // A program that stops the server holds the lock until the server, and this session with it, is gone.
  await session.query(`set lock_timeout = ${LOCK_TIMEOUT_MS}`);
  await session.query(`select pg_advisory_lock_shared(${ATTACHED_LOCK})`);
}

/** Whether the open session keeps the process from ending. pg 8.8 and later have these methods, its types do not. */
function setKeepsProcessAlive(session: Client, keepsAlive: boolean): void {
  const socket = session as Client & { ref(): void; unref(): void };
  if (keepsAlive) socket.ref();
  else socket.unref();
}

/** Starts the server again and holds it until it is released. */
export type Restart = () => Promise<Readonly<{ release(): Promise<void> }>>;

/**
 * Keeps this program attached, starting with session `first`, which holds the shared lock. A server that is restarted has
 * lost the lock, so this attaches again in the background until it is detached. A server that was killed is started again;
 * one that was stopped stays stopped.
 */
export function keepAttached(
  first: Client,
  port: number,
  serverHome: ServerHome,
  restart: Restart,
): Attachment {
  let current: Client | null = null;
  let isDetached = false;
  let reattaching: Promise<void> = Promise.resolve();

  function hold(session: Client): void {
    current = session;
    setKeepsProcessAlive(session, false);
    session.once("end", () => {
      current = null;
      scheduleReattach();
    });
  }

  function scheduleReattach(): void {
    if (isDetached) return;
    setTimeout(() => {
      reattaching = reattach();
    }, REATTACH_DELAY_MS).unref();
  }

  async function reattach(): Promise<void> {
    if (isDetached) return;
    let restarted: Awaited<ReturnType<Restart>> | null = null;
    let session: Client | null = null;
    try {
      if (wasKilled(serverHome)) restarted = await restart();
      session = await openOwnSession(port, serverHome);
      if (session === null) return scheduleReattach();
      await lockShared(session);
      hold(session);
    } catch {
      if (session) endSession(session);
      scheduleReattach();
    } finally {
      await restarted?.release().catch(() => undefined);
    }
  }

  hold(first);
  return {
    async detach() {
      isDetached = true;
      // A reattachment under way would take the lock after this has found that nobody holds it.
      await settleWithin(reattaching, REATTACH_TIMEOUT_MS);
      const session = current ?? (await openOwnSession(port, serverHome));
      return session && lockExclusively(session);
    },
    abandon() {
      isDetached = true;
      void reattaching.then(() => current && endSession(current));
    },
  };
}

async function openOwnSession(port: number, serverHome: ServerHome): Promise<Client | null> {
  const probe = await probePort(port, serverHome);
  return probe.kind === "own" ? probe.session : null;
}

/** Returns the session when it could take the lock exclusively; otherwise ends it and returns null. */
export async function lockExclusively(session: Client): Promise<Client | null> {
  try {
    setKeepsProcessAlive(session, true);
    // Each program releases its shared lock before it tries, so of two that leave at once the later one succeeds.
    await session.query("select pg_advisory_unlock_all()");
    const { rows } = await session.query<{ got: boolean }>(
      `select pg_try_advisory_lock(${ATTACHED_LOCK}) as got`,
    );
    if (rows[0]?.got) return session;
  } catch {
    // The server went away, so there is nothing to stop.
  }
  endSession(session);
  return null;
}
