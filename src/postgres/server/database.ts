import { type Client, escapeIdentifier } from "pg";
import { codeOf } from "../../error-code.ts";

/** Creates the database where it is missing; of several that try at once each succeeds. Errors of Postgres pass through. */
export async function createDatabase(session: Client, name: string): Promise<void> {
  const { rowCount } = await session.query("select from pg_database where datname = $1", [name]);
  if (rowCount !== 0) return;
  try {
    await session.query(`create database ${escapeIdentifier(name)}`);
  } catch (error) {
    // duplicate_database, or the unique index on names when the other one has not committed yet
    if (codeOf(error) !== "42P04" && codeOf(error) !== "23505") throw error;
  }
}

/** Drops the database, whoever is connected to it, and creates it empty. */
export async function recreateDatabase(session: Client, name: string): Promise<void> {
  await session.query(`drop database if exists ${escapeIdentifier(name)} with (force)`);
  await createDatabase(session, name);
}
