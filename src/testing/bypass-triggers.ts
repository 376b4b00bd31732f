import type { TestDatabase } from "./database.ts";

/** Executes a statement with triggers off: it changes append-only rows, as damage to the disk would. */
export async function bypassTriggers(
  database: TestDatabase,
  sql: string,
  values: readonly unknown[] = [],
): Promise<void> {
  const session = await database.connect();
  await session.query("set session_replication_role = replica");
  await session.query(sql, [...values]);
  await session.end();
}
