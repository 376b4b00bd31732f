import type pg from "pg";

/** The system identifier of a Postgres cluster, in decimal. Undefined: whichever cluster is at the URL. */
export type ServerId = string | undefined;

/**
 * Checks that a new connection leads to the cluster that this program started with. After a server has left its port, the server
 * of another home may listen there; its runs are not this program's to recover or to show.
 *
 * @throws an error with SQLSTATE 08004, after which this program and DBOS both try again later
 */
export async function assertSameCluster(
  client: Pick<pg.ClientBase, "query">,
  serverId: ServerId,
): Promise<void> {
  if (serverId === undefined) return;
  const { rows } = await client.query<{ id: string }>(
    "select system_identifier::text as id from pg_control_system()",
  );
  if (rows[0]?.id === serverId) return;
  throw Object.assign(
    new Error("another Postgres cluster answers at the port that this program started with"),
    {
      code: CONNECTION_REJECTED,
    },
  );
}

/** SQLSTATE sqlserver_rejected_establishment_of_sqlconnection. */
const CONNECTION_REJECTED = "08004";
