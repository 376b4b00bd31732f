import type pg from "pg";

/** Which cluster answers: the number that Postgres gave it when it was made, in decimal. Undefined: whichever is at the URL. */
export type ServerId = string | undefined;

/**
 * To be asked of every new connection. A port is anybody's once a server has left it: one of another home that took it since
 * has runs of its own, which are not this program's to take up, nor its own to show.
 *
 * @throws an error that says, to the engine as well, that the database is not there for now
 */
export async function demandServer(client: Pick<pg.ClientBase, "query">, serverId: ServerId): Promise<void> {
  if (serverId === undefined) return;
  const { rows } = await client.query<{ id: string }>(
    "select system_identifier::text as id from pg_control_system()",
  );
  if (rows[0]?.id === serverId) return;
  throw Object.assign(new Error("another Postgres has the port of the one that this program started with"), {
    code: CONNECTION_REJECTED,
  });
}

/** SQLSTATE sqlserver_rejected_establishment_of_sqlconnection. */
const CONNECTION_REJECTED = "08004";
