import type { TestDatabase } from "./database.ts";

/** Changes rows behind the backs of the triggers that refuse it, as a damaged disk or a heavy hand would. */
export async function tamper(
  database: TestDatabase,
  sql: string,
  values: readonly unknown[] = [],
): Promise<void> {
  const session = await database.connect();
  await session.query("set session_replication_role = replica");
  await session.query(sql, [...values]);
  await session.end();
}
