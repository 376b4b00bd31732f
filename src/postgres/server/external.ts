import { Client } from "pg";
import { codeOf } from "../../error-code.ts";
import { StartFailure } from "../../failure.ts";
import { createDatabase, recreateDatabase } from "./database.ts";
import { endSession } from "./probe-port.ts";

const CONNECT_TIMEOUT_MS = 5000;

/**
 * Connects to the Postgres of `url` and creates the database that the URL names when it is missing. Throws StartFailure,
 * without the password, when that fails; its cause is the error of the connection.
 */
export async function ensureExternalDatabase(url: string): Promise<void> {
  try {
    await withSession(url, async () => {}).catch(async (error) => {
      if (codeOf(error) !== "3D000") throw error;
      await withSession(toMaintenanceUrl(url), (session) => createDatabase(session, databaseNameOf(url)));
    });
  } catch (error) {
    throw explainUnreachable(url, error);
  }
}

/**
 * Whether the database that the URL names is there; creates nothing. Throws StartFailure, without the password, when its Postgres
 * cannot be used.
 */
export async function isExternalDatabaseThere(url: string): Promise<boolean> {
  try {
    await withSession(url, async () => {});
    return true;
  } catch (error) {
    if (codeOf(error) === "3D000") return false;
    throw explainUnreachable(url, error);
  }
}

/** Throws StartFailure when the database that the URL names holds relations that are neither this program's nor an extension's. */
export async function assertOwnContent(url: string): Promise<void> {
  try {
    await withSession(url, async (session) => {
      const { rows } = await session.query<{ name: string }>(
        `select c.oid::regclass::text as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
          where c.relkind in ('r', 'p', 'v', 'm', 'f')
            and n.nspname not in ('dbos', 'jejakekal', 'information_schema') and n.nspname !~ '^pg_'
            and not exists (select from pg_depend d where d.objid = c.oid and d.deptype = 'e')
          order by 1 limit 3`,
      );
      if (rows.length === 0) return;
      const names = rows.map(({ name }) => name).join(", ");
      throw new StartFailure(
        `The database of DBOS_SYSTEM_DATABASE_URL holds what is not jejakekal's (${names}): name another one, or use \`reset --force\` to drop that as well.`,
      );
    });
  } catch (error) {
    if (codeOf(error) !== "3D000") throw explainUnreachable(url, error);
  }
}

/** Drops and creates the database that the URL names, even while programs are connected to it. Throws StartFailure. */
export async function recreateAt(url: string): Promise<void> {
  try {
    await withSession(toMaintenanceUrl(url), (session) => recreateDatabase(session, databaseNameOf(url)));
  } catch (error) {
    throw explainUnreachable(url, error);
  }
}

async function withSession(url: string, work: (session: Client) => Promise<void>): Promise<void> {
  const session = new Client({ connectionString: url, connectionTimeoutMillis: CONNECT_TIMEOUT_MS });
  session.on("error", () => {});
  try {
    await session.connect();
    await work(session);
  } finally {
    endSession(session);
  }
}

function databaseNameOf(url: string): string {
  return decodeURIComponent(new URL(url).pathname.slice(1));
}

/** The URL of another database of the same server, because the database of a connection cannot be dropped. */
function toMaintenanceUrl(url: string): string {
  const maintenance = new URL(url);
  maintenance.pathname = databaseNameOf(url) === "postgres" ? "/template1" : "/postgres";
  return maintenance.href;
}

function explainUnreachable(url: string, cause: unknown): StartFailure {
  if (cause instanceof StartFailure) return cause;
  const { hostname, port } = new URL(url);
  const reason = (cause instanceof Error && cause.message) || (codeOf(cause) ?? "no answer");
  return new StartFailure(
    `The Postgres of DBOS_SYSTEM_DATABASE_URL, at ${hostname || "the local socket"}:${port || 5432}, cannot be used (${reason}): start it, or unset the variable to use the embedded one.`,
    { cause },
  );
}
