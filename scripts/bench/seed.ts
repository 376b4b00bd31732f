import type pg from "pg";

/**
 * Copies the rows of a run under other ids, each copy with an earlier start than the one before, so that the database looks
 * as after many runs.
 */
export async function storeCopiesOfRun(
  client: pg.Client,
  runId: string,
  count: number,
): Promise<readonly string[]> {
  const statusColumns = await columnsOf(client, "dbos", "workflow_status");
  const outputColumns = await columnsOf(client, "dbos", "operation_outputs");
  const runColumns = await columnsOf(client, "jejakekal", "run");
  const commandColumns = await columnsOf(client, "jejakekal", "chat_event");
  const artifactColumns = await columnsOf(client, "jejakekal", "artifact");
  const copy = (table: string, idColumn: string, columns: readonly string[]) => {
    const others = columns.filter((column) => column !== idColumn).map((column) => `"${column}"`);
    // DBOS dates in epoch milliseconds, this program in timestamps.
    const earlier = table.startsWith("dbos.") ? "n::bigint * 10000" : "n * interval '10 s'";
    const values = others.map((column) =>
      column === '"created_at"' ? `t.created_at - ${earlier}` : `t.${column}`,
    );
    return client.query(
      `insert into ${table} ("${idColumn}", ${others.join(", ")})
       select $1 || '-copy-' || n, ${values.join(", ")}
         from ${table} t, generate_series(1, $2::int) n where t."${idColumn}" = $1`,
      [runId, count],
    );
  };
  await copy("dbos.workflow_status", "workflow_uuid", statusColumns);
  await copy("dbos.operation_outputs", "workflow_uuid", outputColumns);
  await copy("jejakekal.run", "run_id", runColumns);
  await copy("jejakekal.artifact", "run_id", artifactColumns);
  await copy("jejakekal.chat_event", "run_id", commandColumns);
  // Autovacuum would have done this in a database that grew slowly.
  await client.query("vacuum (analyze)");
  return Array.from({ length: count }, (_, index) => `${runId}-copy-${index + 1}`);
}

async function columnsOf(client: pg.Client, schema: string, table: string): Promise<readonly string[]> {
  const { rows } = await client.query<{ name: string }>(
    `select column_name as name from information_schema.columns
      where table_schema = $1 and table_name = $2 and is_generated = 'NEVER' and is_identity = 'NO'
      order by ordinal_position`,
    [schema, table],
  );
  return rows.map(({ name }) => name);
}
