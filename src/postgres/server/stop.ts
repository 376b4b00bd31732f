import { existsSync } from "node:fs";
import { StartFailure } from "../../failure.ts";
import type { Attachment } from "./attachment.ts";
import { askToStop, findServing, waitUntilGone } from "./postmaster.ts";
import { endSession } from "./probe-port.ts";
import type { Place } from "./server-home.ts";

/** A fast shutdown writes a last checkpoint, which a slow disk may take its time for. */
const STOP_TIMEOUT_MS = 30_000;

export type StopOutcome = "stopped" | "not-running" | "not-allowed";

/** Disconnects everyone, stops the server of `place` and waits until it is gone. Throws StartFailure after 30 s. */
export async function stopServer(place: Place): Promise<StopOutcome> {
  const file = findServing(place);
  if (file === null) return "not-running";
  if (!askToStop(file.pid)) return "not-allowed";
  if (await waitUntilGone(file.pid, place, STOP_TIMEOUT_MS)) return "stopped";
  throw new StartFailure(
    `Postgres (pid ${file.pid}) has not stopped in ${STOP_TIMEOUT_MS / 1000} s: see ${place.logFile}.`,
  );
}

/** The last program to leave turns the server off, unless `up` wants it kept. */
export async function leave(attachment: Attachment, place: Place): Promise<void> {
  if (existsSync(place.keepFile)) return attachment.abandon();
  const session = await attachment.detach();
  if (session === null) return;
  try {
    // Asked again now that nobody can attach: an `up` that came in between has left its mark before it waits.
    if (!existsSync(place.keepFile)) await stopServer(place);
  } finally {
    endSession(session);
  }
}
