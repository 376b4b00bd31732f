import pg from "pg";

const CONNECT_TIMEOUT_MS = 5_000;

/** Calls `work` with a session of its own that has no time limit for statements, and ends it. */
export async function withSession<Result>(
  url: string,
  work: (client: pg.Client) => Promise<Result>,
): Promise<Result> {
  const client = new pg.Client({
    connectionString: url,
    application_name: "jejakekal backup",
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    keepAlive: true,
  });
  // The query that fails reports a broken connection. Without a listener Node would end the process.
  client.on("error", () => undefined);
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** `"schema"."name"` */
export function qualified({ schema, name }: { schema: string; name: string }): string {
  return `${pg.escapeIdentifier(schema)}.${pg.escapeIdentifier(name)}`;
}

/** `"schema"."name" ("column", …)`, for `copy`. */
export function withColumns(table: { schema: string; name: string; columns: readonly string[] }): string {
  return `${qualified(table)} (${table.columns.map((column) => pg.escapeIdentifier(column)).join(", ")})`;
}

/** The number of the last migration of schema `dbos`. */
export async function readDbosVersion(client: pg.Client): Promise<number> {
  const { rows } = await client.query<{ version: number }>(
    "select max(version)::int as version from dbos.dbos_migrations",
  );
  return rows[0]?.version ?? 0;
}
