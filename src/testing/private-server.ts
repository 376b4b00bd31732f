import pg from "pg";
import { findFreePort } from "../free-port.ts";
import { ensureRunning, fromNodeModules } from "../postgres/index.ts";
import { connectTo, type TestDatabase } from "./database.ts";
import { temporaryFolder } from "./paths.ts";

/** A Postgres server for one test that would disturb tests on the shared server. */
export type PrivateServer = Readonly<{
  database: TestDatabase;
  /** Kills the server and all its processes with SIGKILL; what was not on disk is lost. */
  crash(): Promise<void>;
  restart(): Promise<void>;
}> &
  AsyncDisposable;

export async function startPrivateServer(): Promise<PrivateServer> {
  const undo = new AsyncDisposableStack();
  const folder = undo.use(temporaryFolder());
  const place = { home: folder.path, port: await findFreePort(), binaries: fromNodeModules() };
  const hold = async () => {
    const { databaseUrl, release } = await ensureRunning(place);
    undo.defer(release);
    return databaseUrl;
  };
  const url = await hold();
  const database = undo.use(connectTo(url, new AsyncDisposableStack()));
  return {
    database,
    crash: async () => void process.kill(await readServerPid(url), "SIGQUIT"),
    restart: async () => void (await hold()),
    [Symbol.asyncDispose]: () => undo.disposeAsync(),
  };
}

/** The first line of its pid file. */
async function readServerPid(url: string): Promise<number> {
  const session = new pg.Client({ connectionString: url });
  await session.connect();
  const { rows } = await session.query<{ file: string }>("select pg_read_file('postmaster.pid') as file");
  await session.end();
  return Number(rows[0]?.file.split("\n")[0]);
}
