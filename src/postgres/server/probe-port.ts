import { accessSync, constants, realpathSync } from "node:fs";
import { Client } from "pg";
import { codeOf } from "../../error-code.ts";
import { HOME_SETTING, readPidFile } from "./postmaster.ts";
import type { Place } from "./server-home.ts";

/** Who answers at the port. The session of `ours` must be ended by the caller. */
export type Answer =
  | { readonly kind: "nobody" }
  /** A Postgres, whosever, that starts up, shuts down or dropped us halfway: ask again soon. */
  | { readonly kind: "busy" }
  /** Accepts connections and says nothing within the timeout. */
  | { readonly kind: "silent" }
  /** `home`: that of another server of this program's, as it says itself. */
  | { readonly kind: "stranger"; readonly who: string; readonly home: string | null }
  | { readonly kind: "ours"; readonly session: Client; readonly serverId: string };

const ANSWER_TIMEOUT_MS = 1500;

/** Says goodbye. That a server which is gone cannot answer is nobody's business. */
export function endSession(session: Client): void {
  session.end().catch(() => {});
}

/** Connects to whatever listens on the port of loopback and finds out whose it is. */
export async function askWhoListens(port: number, place: Place): Promise<Answer> {
  const session = new Client({
    host: "127.0.0.1",
    port,
    user: "postgres",
    database: "postgres",
    ssl: false,
    application_name: "jejakekal attached",
    connectionTimeoutMillis: ANSWER_TIMEOUT_MS,
  });
  // A lost connection shows as a failed query and as the `end` event; an unheard `error` event would end the program.
  session.on("error", () => {});
  try {
    await session.connect();
    return await identify(session, place);
  } catch (error) {
    endSession(session);
    return judgeRefusal(error);
  }
}

/**
 * The path of the data folder is not enough: a folder that was deleted or moved under its running server may have been
 * made anew. The server sees its own pid file, whatever the path is now; ours must name the same process.
 */
async function identify(session: Client, place: Place): Promise<Answer> {
  const { rows } = await session.query<{ dir: string; pid: number; home: string | null; id: string }>(
    `select current_setting('data_directory') as dir,
            split_part(pg_read_file('postmaster.pid', true), E'\\n', 1)::int as pid,
            current_setting('${HOME_SETTING}', true) as home,
            (select system_identifier::text from pg_control_system()) as id`,
  );
  const [row] = rows;
  if (
    row &&
    isSameFolder(row.dir, place.dataDir) &&
    (!canRead(place.dataDir) || readPidFile(place)?.pid === row.pid)
  ) {
    return { kind: "ours", session, serverId: row.id };
  }
  endSession(session);
  return { kind: "stranger", who: `another Postgres, with its data in ${row?.dir}`, home: row?.home || null };
}

/** False for a program of another user than the server's, which has to take the server's word. */
function canRead(folder: string): boolean {
  try {
    accessSync(folder, constants.R_OK | constants.X_OK);
    return true;
  } catch (error) {
    return codeOf(error) !== "EACCES";
  }
}

function isSameFolder(theirs: string, ours: string): boolean {
  if (theirs === ours) return true;
  try {
    return realpathSync(theirs) === realpathSync(ours);
  } catch {
    return false;
  }
}

function judgeRefusal(error: unknown): Answer {
  const code = codeOf(error);
  const words = error instanceof Error ? error.message : "";
  if (code === "ECONNREFUSED") return { kind: "nobody" };
  // cannot_connect_now, admin_shutdown, crash_shutdown, too_many_connections
  if (code === "57P03" || code === "57P01" || code === "57P02" || code === "53300") return { kind: "busy" };
  if (/timeout/i.test(words)) return { kind: "silent" };
  if (code !== null && /^[0-9A-Z]{5}$/.test(code)) {
    return { kind: "stranger", who: "another Postgres, which does not let user postgres in", home: null };
  }
  // A closed connection: either not Postgres, or a Postgres that is just going away.
  return { kind: "silent" };
}
