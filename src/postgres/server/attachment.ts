import type { Client } from "pg";
import { settleWithin } from "../../timeout.ts";
import { wasKilled } from "./postmaster.ts";
import { askWhoListens, endSession } from "./probe-port.ts";
import type { Place } from "./server-home.ts";

/** The advisory lock, in database `postgres`, that every program using the server holds in shared mode: "jejakeka". */
const ATTACHED_LOCK = "7666650907314318177";
const LOCK_TIMEOUT_MS = 5000;
const REATTACH_DELAY_MS = 250;
const REATTACH_LIMIT_MS = 10_000;

/** This program's presence at the server: while it lasts, no other program that leaves turns the server off. */
export interface Attachment {
  /**
   * Gives up the presence. Resolves to a session that now holds the lock exclusively when this was the last one
   * attached: new programs wait until that session ends. Null when others are attached or the server is gone.
   */
  detach(): Promise<Client | null>;
  /** Gives up the presence without asking who is left. */
  abandon(): void;
}

/** Takes the lock in shared mode; rejects when the server goes away or the lock is not given in time. */
export async function lockShared(session: Client): Promise<void> {
  // A program that turns the server off holds the lock until the server, and this session with it, is gone.
  await session.query(`set lock_timeout = ${LOCK_TIMEOUT_MS}`);
  await session.query(`select pg_advisory_lock_shared(${ATTACHED_LOCK})`);
}

/** Whether the open session keeps the program from ending. Known to pg (8.8 and later), not to its types. */
function keepsProgramAlive(session: Client, keeps: boolean): void {
  const socket = session as Client & { ref(): void; unref(): void };
  if (keeps) socket.ref();
  else socket.unref();
}

/** Starts the server again and holds it until it is released. */
export type Revive = () => Promise<Readonly<{ release(): Promise<void> }>>;

/**
 * Watches over `first`, which holds the shared lock. A server that is restarted under this program has forgotten it, so
 * it attaches anew, in the background, until told to stop. One that was killed is revived; one that was stopped is left so.
 */
export function keepAttached(first: Client, port: number, place: Place, revive: Revive): Attachment {
  let current: Client | null = null;
  let isOver = false;
  let reattaching: Promise<void> = Promise.resolve();

  function hold(session: Client): void {
    current = session;
    keepsProgramAlive(session, false);
    session.once("end", () => {
      current = null;
      reattachLater();
    });
  }

  function reattachLater(): void {
    if (isOver) return;
    setTimeout(() => {
      reattaching = reattach();
    }, REATTACH_DELAY_MS).unref();
  }

  async function reattach(): Promise<void> {
    if (isOver) return;
    let revived: Awaited<ReturnType<Revive>> | null = null;
    let session: Client | null = null;
    try {
      if (wasKilled(place)) revived = await revive();
      session = await openOwnSession(port, place);
      if (session === null) return reattachLater();
      await lockShared(session);
      hold(session);
    } catch {
      if (session) endSession(session);
      reattachLater();
    } finally {
      await revived?.release().catch(() => undefined);
    }
  }

  hold(first);
  return {
    async detach() {
      isOver = true;
      // What is on the way to hold the server would hold it after this has asked who else does.
      await settleWithin(reattaching, REATTACH_LIMIT_MS);
      const session = current ?? (await openOwnSession(port, place));
      return session && lockExclusively(session);
    },
    abandon() {
      isOver = true;
      void reattaching.then(() => current && endSession(current));
    },
  };
}

async function openOwnSession(port: number, place: Place): Promise<Client | null> {
  const answer = await askWhoListens(port, place);
  return answer.kind === "ours" ? answer.session : null;
}

/** The session itself once it holds the lock exclusively; else null, and the session is ended. */
export async function lockExclusively(session: Client): Promise<Client | null> {
  try {
    keepsProgramAlive(session, true);
    // Of two that leave at once, each lets go of its share before it tries, so the later try meets no lock.
    await session.query("select pg_advisory_unlock_all()");
    const { rows } = await session.query<{ got: boolean }>(
      `select pg_try_advisory_lock(${ATTACHED_LOCK}) as got`,
    );
    if (rows[0]?.got) return session;
  } catch {
    // The server went away meanwhile: there is nothing left to turn off.
  }
  endSession(session);
  return null;
}
