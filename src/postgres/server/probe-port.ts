import { realpathSync } from "node:fs";
import { Client, type Connection } from "pg";
import { codeOf } from "../../error-code.ts";
import { isPasswordSet, readPassword } from "./password.ts";
import { findHomeOnPort, findRunning, readPidFile } from "./postmaster.ts";
import type { ServerHome } from "./server-home.ts";

/** What was found on a port. The caller must end the session of `own`. */
export type PortProbe =
  | { readonly kind: "free" }
  /** A Postgres that starts up, shuts down, has no connection left or broke off: probe again soon. */
  | { readonly kind: "busy" }
  /** Accepts connections and does not answer within the timeout. */
  | { readonly kind: "silent" }
  /** Another program. `home` is the JEJAKEKAL_HOME of another embedded server, or null. */
  | { readonly kind: "foreign"; readonly owner: string; readonly home: string | null }
  /** The server of this home, but with another password than that of the passfile. */
  | { readonly kind: "locked" }
  | { readonly kind: "own"; readonly session: Client; readonly serverId: string };

const ANSWER_TIMEOUT_MS = 1500;

/** Closes the connection; errors do not matter, because the server may be gone. */
export function endSession(session: Client): void {
  session.end().catch(() => {});
}

/** Connects to the port of loopback and finds out whether the server of `serverHome` answers. */
export async function probePort(port: number, serverHome: ServerHome): Promise<PortProbe> {
  const password = readPassword(serverHome);
  const session = new Client({
    host: "127.0.0.1",
    port,
    user: "postgres",
    // Without a password pg would take the operator's PGPASSWORD.
    password: password ?? "none",
    database: "postgres",
    ssl: false,
    application_name: "jejakekal attached",
    connectionTimeoutMillis: ANSWER_TIMEOUT_MS,
  });
  const login = watchLogin(session);
  // A lost connection shows as a failed query and as the `end` event; an unhandled `error` event would end the program.
  session.on("error", () => {});
  try {
    await session.connect();
    const found = await identify(session, serverHome);
    // A server that an earlier version has started asks for no password.
    if (found !== null && (login.isMutual() || !isPasswordSet(serverHome))) return found;
    endSession(session);
    return foreign(port, "another Postgres");
  } catch (error) {
    endSession(session);
    if (login.wasPasswordAsked()) return foreign(port, "another program");
    return explainRefusal(error, port, serverHome);
  }
}

/**
 * Another program may have taken the port to learn the password. pg would send it in clear text to a server that asks for
 * that, so the connection is closed then. With SCRAM the server proves in turn that it knows the password.
 */
function watchLogin(session: Client): { isMutual(): boolean; wasPasswordAsked(): boolean } {
  const { connection } = session as Client & { connection: Connection };
  let isMutual = false;
  let wasPasswordAsked = false;
  connection.once("authenticationSASLFinal", () => {
    isMutual = true;
  });
  // This listener is added before pg's own, so the connection is closed when that one writes to it.
  connection.once("authenticationCleartextPassword", () => {
    wasPasswordAsked = true;
    connection.stream.destroy();
  });
  return { isMutual: () => isMutual, wasPasswordAsked: () => wasPasswordAsked };
}

/**
 * The path of the data folder does not identify the server: the folder may have been deleted or moved while the server ran,
 * and made again. The server reads its own pid file whatever the path is now, so the pid in it must be that of our pid file.
 */
async function identify(session: Client, serverHome: ServerHome): Promise<PortProbe | null> {
  const { rows } = await session.query<{ dir: string; pid: number; id: string }>(
    `select current_setting('data_directory') as dir,
            split_part(pg_read_file('postmaster.pid', true), E'\\n', 1)::int as pid,
            (select system_identifier::text from pg_control_system()) as id`,
  );
  const [row] = rows;
  if (!row || !isSameFolder(row.dir, serverHome.dataDir)) return null;
  return readPidFile(serverHome)?.pid === row.pid ? { kind: "own", session, serverId: row.id } : null;
}

function isSameFolder(one: string, other: string): boolean {
  if (one === other) return true;
  try {
    return realpathSync(one) === realpathSync(other);
  } catch {
    return false;
  }
}

function foreign(port: number, owner: string): PortProbe {
  return { kind: "foreign", owner, home: findHomeOnPort(port) };
}

function explainRefusal(error: unknown, port: number, serverHome: ServerHome): PortProbe {
  const code = codeOf(error);
  const message = error instanceof Error ? error.message : "";
  if (code === "ECONNREFUSED") return { kind: "free" };
  // cannot_connect_now, admin_shutdown, crash_shutdown, too_many_connections
  if (code === "57P03" || code === "57P01" || code === "57P02" || code === "53300") return { kind: "busy" };
  if (/timeout/i.test(message)) return { kind: "silent" };
  if ((code !== null && /^[0-9A-Z]{5}$/.test(code)) || /^SASL/.test(message)) {
    const isOwn = findRunning(serverHome)?.port === port;
    return isOwn ? { kind: "locked" } : foreign(port, "another Postgres, which refuses user postgres");
  }
  // The connection was closed: this is no Postgres, or one that is shutting down.
  return { kind: "silent" };
}
