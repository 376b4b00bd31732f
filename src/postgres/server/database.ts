import { type Client, escapeIdentifier } from "pg";
import { codeOf } from "../../error-code.ts";

/** Creates the database when it is missing; several programs may do so at once. Rejects with errors of Postgres. */
export async function createDatabase(session: Client, name: string): Promise<void> {
  const { rowCount } = await session.query("select from pg_database where datname = $1", [name]);
  if (rowCount !== 0) return;
  try {
    await session.query(`create database ${escapeIdentifier(name)}`);
  } catch (error) {
    // duplicate_database, or unique_violation while the other program has not committed yet
    if (codeOf(error) !== "42P04" && codeOf(error) !== "23505") throw error;
  }
}

/** Drops the database, even while programs are connected to it, and creates it empty. */
export async function recreateDatabase(session: Client, name: string): Promise<void> {
  await session.query(`drop database if exists ${escapeIdentifier(name)} with (force)`);
  await createDatabase(session, name);
}
