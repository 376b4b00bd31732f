import { existsSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { codeOf } from "../../error-code.ts";
import { StartFailure } from "../../failure.ts";
import type { PostgresBinaries } from "../binaries/binaries.ts";
import { type Attachment, keepAttached, lockExclusively, lockShared } from "./attachment.ts";
import { DATA_IN_USE, PID_FILE_EMPTY, prepareCluster } from "./cluster.ts";
import { createDatabase } from "./database.ts";
import { DATABASE_NAME, databaseUrlOf } from "./database-url.ts";
import {
  findRunning,
  isServerOf,
  type Launch,
  readPidFile,
  removeStalePidFile,
  requestStop,
  startServer,
  waitForExit,
} from "./postmaster.ts";
import { endSession, type PortProbe, probePort } from "./probe-port.ts";
import { isAlive, listPids } from "./processes.ts";
import { findSharedHome, isOwnHome, openServerHome, type ServerHome } from "./server-home.ts";
import { toStartFailure } from "./start-failure.ts";
import { detachAndStop, stopServer } from "./stop.ts";

export interface EmbeddedOptions {
  /** JEJAKEKAL_HOME; created when missing. */
  readonly home: string;
  /** Whether a server of another home of the same user is used when it has the port already. Default false. */
  readonly mayShare?: boolean;
  /** On 127.0.0.1. */
  readonly port: number;
  readonly binaries: PostgresBinaries;
  /** How long to wait for the server, crash recovery included. Default 60,000. */
  readonly timeoutMs?: number;
}

/** A running server that this program is attached to. */
export interface EmbeddedServer {
  /** `postgresql://postgres:<password>@127.0.0.1:<port>/jejakekal` */
  readonly databaseUrl: string;
  /** The system identifier of the cluster, in decimal; it distinguishes the server from another one on its port. */
  readonly serverId: string;
  /** A file for PGPASSFILE with the password of `databaseUrl`. */
  readonly passFile: string;
  readonly serverHome: ServerHome;
  /** False when the server ran already, or another program started it at the same time. */
  readonly startedHere: boolean;
  /** Detaches; the last program to do so stops the server, unless `up` keeps it. A second call does nothing. */
  release(): Promise<void>;
}

type OwnServer = Extract<PortProbe, { kind: "own" }>;

type PortHolder = Omit<Extract<PortProbe, { kind: "foreign" }>, "kind">;

const POLL_MS = 10;
const DEFAULT_TIMEOUT_MS = 60_000;
/** How long after a first probe a port may still accept connections without answering, or refuse the password, before the start fails. */
const UNUSABLE_MS = 500;
const MAX_FAILED_LAUNCHES = 2;
/** More, since another program's server may be about to write its pid file; one that crashed there leaves it empty for good. */
const MAX_LAUNCHES_WITH_EMPTY_PID_FILE = 20;

/**
 * Finds or starts the embedded Postgres of a home and attaches to it; any number of programs may do so at once.
 *
 * It probes the port, takes the one action that brings the server closer to running, and probes again. Throws StartFailure
 * with one line when another program has the port, the folder cannot be used, or the timeout passes.
 */
export async function ensureRunning(options: EmbeddedOptions): Promise<EmbeddedServer> {
  const start = new ServerStart(options);
  const until = performance.now() + (options.timeoutMs ?? DEFAULT_TIMEOUT_MS);
  for (;;) {
    const server = await start.step();
    if (server) return server;
    if (performance.now() > until) throw start.timeoutFailure();
    await sleep(POLL_MS);
  }
}

class ServerStart {
  readonly #options: EmbeddedOptions;
  readonly #port: number;
  readonly #binaries: PostgresBinaries;
  #serverHome: ServerHome;
  #launch: Launch | null = null;
  #failedLaunches = 0;
  #unusableSince: number | null = null;

  constructor(options: EmbeddedOptions) {
    const { home, port, binaries } = options;
    this.#options = options;
    this.#port = port;
    this.#binaries = binaries;
    this.#serverHome = openServerHome(home);
  }

  /** Probes the port once and takes one action; null means that the caller must call again. */
  async step(): Promise<EmbeddedServer | null> {
    const probe = await probePort(this.#port, this.#serverHome);
    if (probe.kind === "own") return this.#attach(probe);
    const isUnusable = probe.kind === "silent" || probe.kind === "locked";
    // Counted from the end of the first such probe: its timeout can also pass because this process was busy meanwhile.
    this.#unusableSince = isUnusable ? (this.#unusableSince ?? performance.now()) : null;
    await this.#act(probe);
    return null;
  }

  async #act(probe: Exclude<PortProbe, OwnServer>): Promise<void> {
    switch (probe.kind) {
      case "busy":
        return;
      case "foreign": {
        const shared = findSharedHome(this.#options, this.#serverHome, probe);
        if (shared === null) return this.#stopOrphan(probe);
        // A server that this program has launched cannot get the port, and will exit for that reason.
        if (this.#launch?.hasExited() !== false) this.#serverHome = shared;
        return;
      }
      case "silent":
        if (this.#isUnusableForLong() && !this.#isStarting()) {
          await this.#stopOrphan({ owner: "another program", home: null });
        }
        return;
      case "locked":
        if (this.#isUnusableForLong()) throw this.#passwordFailure();
        return;
      case "free":
        return this.#startUnlessStarting();
    }
  }

  timeoutFailure(): StartFailure {
    return new StartFailure(
      `Postgres has not come up on port ${this.#port} in time: see ${this.#serverHome.logFile}, or set JEJAKEKAL_PGPORT to another port.`,
    );
  }

  #passwordFailure(): StartFailure {
    return new StartFailure(
      `The running Postgres of ${this.#serverHome.home} does not take the password in ${this.#serverHome.passFile}: stop it with \`jejakekal down\`, delete that file, and start again.`,
    );
  }

  async #attach({ session, serverId }: OwnServer): Promise<EmbeddedServer | null> {
    try {
      await lockShared(session);
      await createDatabase(session, DATABASE_NAME);
      // After a crash only this very server may be started, not a shared one.
      const restart = () => ensureRunning({ ...this.#options, home: this.#serverHome.home, mayShare: false });
      return this.#toServer(serverId, keepAttached(session, this.#port, this.#serverHome, restart));
    } catch (error) {
      endSession(session);
      if (isTransient(error)) return null;
      throw toStartFailure(error, this.#serverHome.root);
    }
  }

  #toServer(serverId: string, attachment: Attachment): EmbeddedServer {
    const serverHome = this.#serverHome;
    let released: Promise<void> | null = null;
    return {
      databaseUrl: databaseUrlOf(serverHome, this.#port),
      serverId,
      passFile: serverHome.passFile,
      serverHome,
      startedHere: this.#launch !== null && readPidFile(serverHome)?.pid === this.#launch.pid,
      release() {
        released ??= detachAndStop(attachment, serverHome);
        return released;
      },
    };
  }

  #isUnusableForLong(): boolean {
    return this.#unusableSince !== null && performance.now() - this.#unusableSince > UNUSABLE_MS;
  }

  #isStarting(): boolean {
    return this.#launch?.hasExited() === false || findRunning(this.#serverHome) !== null;
  }

  async #startUnlessStarting(): Promise<void> {
    if (this.#launch?.hasExited() === false) return;
    const running = findRunning(this.#serverHome);
    if (running) return this.#moveFrom(running.port);
    if (this.#launch) this.#handleFailedLaunch(this.#launch);
    const stale = readPidFile(this.#serverHome);
    if (stale && isAlive(stale.pid)) removeStalePidFile(this.#serverHome, stale);
    const binariesDir = await prepareCluster(this.#serverHome, this.#binaries);
    if (binariesDir === null) return;
    this.#launch = await startServer(this.#serverHome, binariesDir, this.#port);
  }

  #handleFailedLaunch(launch: Launch): void {
    this.#launch = null;
    // A program that attached after this one and left already was the last to leave.
    if (launch.wasStopped()) return;
    const message = launch.lastError();
    if (DATA_IN_USE.test(message)) return;
    this.#failedLaunches += 1;
    const isEmpty = PID_FILE_EMPTY.test(message);
    if (this.#failedLaunches < (isEmpty ? MAX_LAUNCHES_WITH_EMPTY_PID_FILE : MAX_FAILED_LAUNCHES)) return;
    if (/TCP\/IP sockets/.test(message)) {
      throw new StartFailure(
        `Postgres may not listen on port ${this.#port}: set JEJAKEKAL_PGPORT to another port.`,
      );
    }
    const { logFile, root } = this.#serverHome;
    throw toStartFailure(new Error(message || `see ${logFile}`), root);
  }

  /** The server of this home runs on another port: stops it when no program uses it, so that it can start on this one. */
  async #moveFrom(actualPort: number): Promise<void> {
    if (actualPort === 0 || actualPort === this.#port) return;
    const probe = await probePort(actualPort, this.#serverHome);
    if (probe.kind !== "own") return;
    const session = await lockExclusively(probe.session);
    if (session && !existsSync(this.#serverHome.keepFile)) {
      await stopServer(this.#serverHome);
      return endSession(session);
    }
    if (session) endSession(session);
    throw new StartFailure(
      `The embedded Postgres of this home is in use on port ${actualPort}: set JEJAKEKAL_PGPORT=${actualPort}, or stop it with \`jejakekal down\`.`,
    );
  }

  /**
   * Stops a server of this data folder that lost its folder, because the folder was deleted or moved while it ran. Postgres
   * notices that within a minute by itself. Throws StartFailure when another program has the port.
   */
  async #stopOrphan(holder: PortHolder): Promise<void> {
    const current = readPidFile(this.#serverHome)?.pid;
    const [pid] = listPids().filter(
      (candidate) => candidate !== current && isServerOf(candidate, this.#serverHome),
    );
    if (pid === undefined || !requestStop(pid)) throw portTaken(this.#port, holder);
    // Without its files the server may be unable to shut down in order.
    if (await waitForExit(pid, this.#serverHome, 5000)) return;
    requestStop(pid, "SIGQUIT");
    await waitForExit(pid, this.#serverHome, 5000);
  }
}

function portTaken(port: number, { owner, home }: PortHolder): StartFailure {
  if (home === null) {
    return new StartFailure(
      `Port ${port} is taken by ${owner}: set JEJAKEKAL_PGPORT to a free port, or stop what uses this one.`,
    );
  }
  return new StartFailure(
    isOwnHome(home)
      ? `Port ${port} is taken by the Postgres of another jejakekal: set JEJAKEKAL_HOME=${home} to share it, or JEJAKEKAL_PGPORT to a free port.`
      : `Port ${port} is taken by the jejakekal of another user: set JEJAKEKAL_PGPORT to a free port.`,
  );
}

/** True for errors of a server that is starting or stopping, after which another try can succeed. */
function isTransient(error: unknown): boolean {
  const code = codeOf(error);
  // operator_intervention, connection_exception, lock_not_available; pg gives a lost connection no code
  return code === null || /^(57|08|55P03|ECONN|EPIPE)/.test(code);
}
