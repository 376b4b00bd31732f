import { existsSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { codeOf } from "../../error-code.ts";
import { StartFailure } from "../../failure.ts";
import type { PostgresBinaries } from "../binaries/binaries.ts";
import { type Attachment, keepAttached, lockExclusively, lockShared } from "./attachment.ts";
import { prepareCluster } from "./cluster.ts";
import { createDatabase } from "./database.ts";
import {
  askToStop,
  findServing,
  isPostmaster,
  type Launch,
  readPidFile,
  removeStalePidFile,
  startServer,
  waitUntilGone,
} from "./postmaster.ts";
import { type Answer, askWhoListens, endSession } from "./probe-port.ts";
import { isAlive, listPids } from "./processes.ts";
import { openPlace, type Place, sharedPlace } from "./server-home.ts";
import { explain } from "./start-failure.ts";
import { leave, stopServer } from "./stop.ts";

export interface EmbeddedOptions {
  /** JEJAKEKAL_HOME; created when missing. */
  readonly home: string;
  /** Whether the server of another home of this user will do, when it has the port already. Default false. */
  readonly mayShare?: boolean;
  /** On 127.0.0.1. */
  readonly port: number;
  readonly binaries: PostgresBinaries;
  /** How long to wait for an answer, crash recovery included. Default 60,000. */
  readonly timeoutMs?: number;
}

/** A running server that this program is attached to. */
export interface EmbeddedServer {
  /** `postgresql://postgres@127.0.0.1:<port>/jejakekal` */
  readonly databaseUrl: string;
  /** The cluster's own number, in decimal, by which it is told from another that takes its port. */
  readonly serverId: string;
  readonly place: Place;
  /** False when it ran already, or another program won the race to start it. */
  readonly startedHere: boolean;
  /** Leaves the server; the last program to leave stops it, unless `up` keeps it. Calling again does nothing. */
  release(): Promise<void>;
}

const DATABASE_NAME = "jejakekal";

type Ours = Extract<Answer, { kind: "ours" }>;

/** Who has the port that is wanted. */
type Holder = Omit<Extract<Answer, { kind: "stranger" }>, "kind">;

const POLL_MS = 10;
const DEFAULT_TIMEOUT_MS = 60_000;
/** How long something may accept connections and not talk Postgres before it is taken for another program. */
const SILENCE_MS = 500;
const MAX_FAILED_LAUNCHES = 2;

/**
 * Finds or starts the embedded Postgres of a home and attaches to it; any number of programs may do so at once.
 *
 * It looks at who answers on the port, does the one thing that brings a server nearer, and looks again. Throws
 * StartFailure with one line when the port is somebody else's, the folder cannot be used, or time runs out.
 */
export async function ensureRunning(options: EmbeddedOptions): Promise<EmbeddedServer> {
  const attempt = new Attempt(options);
  const until = performance.now() + (options.timeoutMs ?? DEFAULT_TIMEOUT_MS);
  for (;;) {
    const server = await attempt.step();
    if (server) return server;
    if (performance.now() > until) throw attempt.outOfTime();
    await sleep(POLL_MS);
  }
}

class Attempt {
  readonly #options: EmbeddedOptions;
  readonly #port: number;
  readonly #binaries: PostgresBinaries;
  #place: Place;
  #launch: Launch | null = null;
  #failedLaunches = 0;
  #silentSince: number | null = null;

  constructor(options: EmbeddedOptions) {
    const { home, port, binaries } = options;
    this.#options = options;
    this.#port = port;
    this.#binaries = binaries;
    this.#place = openPlace(home);
  }

  /** One look and one deed; null means look again. */
  async step(): Promise<EmbeddedServer | null> {
    const askedAt = performance.now();
    const answer = await askWhoListens(this.#port, this.#place);
    if (answer.kind === "ours") return this.#attach(answer);
    this.#silentSince = answer.kind === "silent" ? (this.#silentSince ?? askedAt) : null;
    await this.#bringNearer(answer);
    return null;
  }

  async #bringNearer(answer: Exclude<Answer, { kind: "ours" }>): Promise<void> {
    switch (answer.kind) {
      case "busy":
        return;
      case "stranger": {
        const shared = sharedPlace(this.#options, this.#place, answer);
        if (shared === null) return this.#reclaimPort(answer);
        // One that this program has launched will not get the port, and says so by ending.
        if (this.#launch?.hasExited() !== false) this.#place = shared;
        return;
      }
      case "silent":
        return this.#bearSilence();
      case "nobody":
        return this.#startUnlessComing();
    }
  }

  outOfTime(): StartFailure {
    return new StartFailure(
      `Postgres has not come up on port ${this.#port} in time: see ${this.#place.logFile}, or set JEJAKEKAL_PGPORT to another port.`,
    );
  }

  async #attach({ session, serverId }: Ours): Promise<EmbeddedServer | null> {
    try {
      await lockShared(session);
      await createDatabase(session, DATABASE_NAME);
      // Nobody else's will do any more.
      const revive = () => ensureRunning({ ...this.#options, home: this.#place.home, mayShare: false });
      return this.#toServer(serverId, keepAttached(session, this.#port, this.#place, revive));
    } catch (error) {
      endSession(session);
      if (isPassing(error)) return null;
      throw explain(error, this.#place.root);
    }
  }

  #toServer(serverId: string, attachment: Attachment): EmbeddedServer {
    const place = this.#place;
    let released: Promise<void> | null = null;
    return {
      databaseUrl: `postgresql://postgres@127.0.0.1:${this.#port}/${DATABASE_NAME}`,
      serverId,
      place,
      startedHere: this.#launch !== null && readPidFile(place)?.pid === this.#launch.pid,
      release() {
        released ??= leave(attachment, place);
        return released;
      },
    };
  }

  async #bearSilence(): Promise<void> {
    if (this.#isComing()) return;
    const since = this.#silentSince ?? performance.now();
    if (performance.now() - since > SILENCE_MS)
      await this.#reclaimPort({ who: "another program", home: null });
  }

  #isComing(): boolean {
    return this.#launch?.hasExited() === false || findServing(this.#place) !== null;
  }

  #portTaken({ who, home }: Holder): StartFailure {
    return new StartFailure(
      home === null
        ? `Port ${this.#port} is taken by ${who}: set JEJAKEKAL_PGPORT to a free port, or stop what uses this one.`
        : `Port ${this.#port} is taken by the Postgres of another jejakekal: set JEJAKEKAL_HOME=${home} to share it, or JEJAKEKAL_PGPORT to a free port.`,
    );
  }

  async #startUnlessComing(): Promise<void> {
    if (this.#launch?.hasExited() === false) return;
    const serving = findServing(this.#place);
    if (serving) return this.#moveFrom(serving.port);
    if (this.#launch) this.#judgeFailedLaunch(this.#launch);
    const stale = readPidFile(this.#place);
    if (stale && isAlive(stale.pid)) removeStalePidFile(this.#place, stale);
    const binariesDir = await prepareCluster(this.#place, this.#binaries);
    this.#launch = await startServer(this.#place, binariesDir, this.#port);
  }

  #judgeFailedLaunch(launch: Launch): void {
    this.#launch = null;
    // A program that came after us and has left already was the last to leave.
    if (launch.wasStopped()) return;
    const words = launch.lastWords();
    // Another program's server was there first, or the processes of a killed one are still on their way out.
    if (/lock file .* already exists|shared memory block .* in use/.test(words)) return;
    this.#failedLaunches += 1;
    if (this.#failedLaunches < MAX_FAILED_LAUNCHES) return;
    if (/TCP\/IP sockets/.test(words)) {
      throw new StartFailure(
        `Postgres may not listen on port ${this.#port}: set JEJAKEKAL_PGPORT to another port.`,
      );
    }
    throw explain(new Error(words || `see ${this.#place.logFile}`), this.#place.root);
  }

  /** Our server runs, but on another port: one that nobody uses any more is stopped, to be started where it is wanted. */
  async #moveFrom(actualPort: number): Promise<void> {
    if (actualPort === 0 || actualPort === this.#port) return;
    const answer = await askWhoListens(actualPort, this.#place);
    if (answer.kind !== "ours") return;
    const session = await lockExclusively(answer.session);
    if (session && !existsSync(this.#place.keepFile)) {
      await stopServer(this.#place);
      return endSession(session);
    }
    if (session) endSession(session);
    throw new StartFailure(
      `The embedded Postgres of this home is in use on port ${actualPort}: set JEJAKEKAL_PGPORT=${actualPort}, or stop it with \`jejakekal down\`.`,
    );
  }

  /**
   * Before anyone is told that the port is taken: it may be by a server of this very folder, which was deleted or moved
   * under it. Postgres itself notices within a minute; here it is stopped at once. Throws when it was somebody else's.
   */
  async #reclaimPort(holder: Holder): Promise<void> {
    const current = readPidFile(this.#place)?.pid;
    const lost = listPids().filter((pid) => pid !== current && isPostmaster(pid, this.#place));
    const [pid] = lost;
    if (pid === undefined || !askToStop(pid)) throw this.#portTaken(holder);
    // Without its files it may be unable to stop in good order.
    if (await waitUntilGone(pid, this.#place, 5000)) return;
    askToStop(pid, "SIGQUIT");
    await waitUntilGone(pid, this.#place, 5000);
  }
}

/** Errors that a server on its way up or down gives, after which it is worth asking again. */
function isPassing(error: unknown): boolean {
  const code = codeOf(error);
  // operator_intervention, lock_not_available, connection trouble; pg gives a lost connection no code at all
  return code === null || /^(57|08|55P03|ECONN|EPIPE)/.test(code);
}
