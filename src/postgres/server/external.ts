import { setTimeout as sleep } from "node:timers/promises";
import { Client } from "pg";
import { codeOf } from "../../error-code.ts";
import { StartFailure } from "../../failure.ts";
import { createDatabase, recreateDatabase } from "./database.ts";
import { endSession } from "./probe-port.ts";

const CONNECT_TIMEOUT_MS = 5000;
const POLL_MS = 100;

/**
 * Makes sure that the Postgres of `url` answers and has the database that the URL names.
 * Waits up to `patienceMs` for one that does not answer yet. Throws StartFailure, without the password, when it does not.
 */
export async function reachExternal(url: string, patienceMs: number): Promise<void> {
  const until = performance.now() + patienceMs;
  for (;;) {
    try {
      return await ensureDatabase(url);
    } catch (error) {
      const isWorthWaiting = /^(ECONN|EAI_AGAIN|ENOTFOUND|57P03)/.test(codeOf(error) ?? "");
      if (!isWorthWaiting || performance.now() > until) throw explainUnreachable(url, error);
    }
    await sleep(POLL_MS);
  }
}

async function ensureDatabase(url: string): Promise<void> {
  try {
    await withSession(url, async () => {});
  } catch (error) {
    if (codeOf(error) !== "3D000") throw error;
    await withSession(toMaintenanceUrl(url), (session) => createDatabase(session, databaseNameOf(url)));
  }
}

/** Refuses when the database that the URL names holds relations which are not this program's, nor an extension's. */
export async function refuseForeignContent(url: string): Promise<void> {
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
        `The database of DBOS_SYSTEM_DATABASE_URL holds what is not jejakekal's (${names}): name another one, or say \`reset --force\` to drop that as well.`,
      );
    });
  } catch (error) {
    if (codeOf(error) !== "3D000") throw explainUnreachable(url, error);
  }
}

/** Drops and re-creates the database that the URL names, whoever is connected to it. Throws StartFailure. */
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

/** Another database of the same server: one cannot drop the database that one is connected to. */
function toMaintenanceUrl(url: string): string {
  const maintenance = new URL(url);
  maintenance.pathname = databaseNameOf(url) === "postgres" ? "/template1" : "/postgres";
  return maintenance.href;
}

function explainUnreachable(url: string, cause: unknown): StartFailure {
  if (cause instanceof StartFailure) return cause;
  const { hostname, port } = new URL(url);
  const said = (cause instanceof Error && cause.message) || (codeOf(cause) ?? "no answer");
  return new StartFailure(
    `The Postgres of DBOS_SYSTEM_DATABASE_URL, at ${hostname || "the local socket"}:${port || 5432}, cannot be used (${said}): start it, or unset the variable for the embedded one.`,
    { cause },
  );
}
