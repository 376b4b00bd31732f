import pg from "pg";
import type { Log } from "../log.ts";

/**
 * A node's name, held by a database session: as long as this program lives it is the only one by that name, and the moment
 * it dies the database knows. No lease, no clock.
 */
export type NodeLock = Readonly<{
  name: string;
  /** Calls `work` while holding the name of another node, which shows that the node is dead; false when it is alive. */
  whileDead(name: string, work: () => Promise<void>): Promise<boolean>;
  close(): Promise<void>;
}>;

const NODE_LOCK_CLASS = 7_310_118;
const RECONNECT_MS = 250;
const MAX_NAMESAKES = 64;

/**
 * Takes the name `wanted`, or `wanted.2`, `wanted.3` … when it is taken: a second program on one machine is a node of its
 * own, or it would take up the runs that the first is in the middle of.
 */
export async function holdNode(databaseUrl: string, wanted: string, log: Log): Promise<NodeLock> {
  let client = await connect(databaseUrl);
  const name = await takeFreeName(client, wanted);
  let closing = false;

  const watch = (watched: pg.Client) => {
    watched.on("error", (error) => log.databaseTrouble({ error }));
    watched.on("end", () => void retake());
  };
  const retake = async () => {
    while (!closing) {
      await new Promise((resolve) => setTimeout(resolve, RECONNECT_MS));
      try {
        const fresh = await connect(databaseUrl);
        if (!closing && (await tryLock(fresh, name))) {
          client = fresh;
          watch(fresh);
          return;
        }
        await fresh.end();
      } catch (error) {
        log.databaseTrouble({ error });
      }
    }
  };
  watch(client);

  return {
    name,
    async whileDead(other, work) {
      if (!(await tryLock(client, other))) return false;
      try {
        await work();
        return true;
      } finally {
        await client.query("select pg_advisory_unlock($1, hashtext($2))", [NODE_LOCK_CLASS, other]);
      }
    },
    async close() {
      closing = true;
      await client.end();
    },
  };
}

async function connect(databaseUrl: string): Promise<pg.Client> {
  const client = new pg.Client({
    connectionString: databaseUrl,
    application_name: "jejakekal node",
    keepAlive: true,
    connectionTimeoutMillis: 5_000,
  });
  await client.connect();
  return client;
}

async function takeFreeName(client: pg.Client, wanted: string): Promise<string> {
  for (let number = 1; number <= MAX_NAMESAKES; number += 1) {
    const name = number === 1 ? wanted : `${wanted}.${number}`;
    if (await tryLock(client, name)) return name;
  }
  throw new Error(`${MAX_NAMESAKES} nodes named ${wanted} are at work already`);
}

async function tryLock(client: pg.Client, name: string): Promise<boolean> {
  const { rows } = await client.query<{ taken: boolean }>(
    "select pg_try_advisory_lock($1, hashtext($2)) as taken",
    [NODE_LOCK_CLASS, name],
  );
  return rows[0]?.taken ?? false;
}
