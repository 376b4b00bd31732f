import { existsSync } from "node:fs";
import { StartFailure } from "../../failure.ts";
import type { Attachment } from "./attachment.ts";
import { findRunning, requestStop, waitForExit } from "./postmaster.ts";
import { endSession } from "./probe-port.ts";
import type { ServerHome } from "./server-home.ts";

/** A fast shutdown writes a last checkpoint, which can take long on a slow disk. */
const STOP_TIMEOUT_MS = 30_000;

export type StopOutcome = "stopped" | "not-running" | "not-allowed";

/** Disconnects everyone, stops the server and waits until it has ended. Throws StartFailure after 30 s. */
export async function stopServer(serverHome: ServerHome): Promise<StopOutcome> {
  const file = findRunning(serverHome);
  if (file === null) return "not-running";
  if (!requestStop(file.pid)) return "not-allowed";
  if (await waitForExit(file.pid, serverHome, STOP_TIMEOUT_MS)) return "stopped";
  throw new StartFailure(
    `Postgres (pid ${file.pid}) has not stopped in ${STOP_TIMEOUT_MS / 1000} s: see ${serverHome.logFile}.`,
  );
}

/** Detaches this program; the last one stops the server, unless `up` has asked to keep it. */
export async function detachAndStop(attachment: Attachment, serverHome: ServerHome): Promise<void> {
  if (existsSync(serverHome.keepFile)) return attachment.abandon();
  const session = await attachment.detach();
  if (session === null) return;
  try {
    // Checked again now that nobody can attach: an `up` that started in between has made the file before it waits.
    if (!existsSync(serverHome.keepFile)) await stopServer(serverHome);
  } finally {
    endSession(session);
  }
}
