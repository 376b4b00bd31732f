import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import pg from "pg";
import { prepareDatabase } from "../engine/index.ts";
import { createLog } from "../log.ts";
import { REPOSITORY } from "./paths.ts";

/** Held, in database `postgres`, by whoever builds the template; the others wait and find it built. */
const BUILD_LOCK = 7_310_199;

/** Clones are named after the process that made them, so that those of a killed test run can be told and dropped. */
export const CLONE_PREFIX = "clone_";

/** The address of a database on the shared server. */
export type UrlOf = (database: string) => string;

/** The database with both schemas that tests clone: built by the first who asks, once for each state of the schemas. */
export async function ensureTemplate(urlOf: UrlOf): Promise<string> {
  const name = `template_${schemaStateHash()}`;
  const session = new pg.Client({ connectionString: urlOf("postgres") });
  await session.connect();
  try {
    await session.query("select pg_advisory_lock($1)", [BUILD_LOCK]);
    const { rows } = await session.query<{ datname: string }>("select datname from pg_database");
    const names = rows.map(({ datname }) => datname);
    if (!names.includes(name)) await build(session, urlOf, name);
    for (const leftover of names.filter((other) => isLeftover(other, name))) await drop(session, leftover);
  } finally {
    await session.end();
  }
  return name;
}

async function build(session: pg.Client, urlOf: UrlOf, name: string): Promise<void> {
  // A half-built one never bears the name that others look for.
  const draft = `draft_${name}`;
  await drop(session, draft);
  await session.query(`create database ${draft}`);
  await prepareDatabase(urlOf(draft), createLog({ level: "silent" }));
  await session.query(`alter database ${draft} rename to ${name}`);
}

async function drop(session: pg.Client, name: string): Promise<void> {
  await session.query(`drop database if exists ${pg.escapeIdentifier(name)} with (force)`);
}

function isLeftover(database: string, currentTemplate: string): boolean {
  if (database.startsWith("template_")) return database !== currentTemplate;
  if (!database.startsWith(CLONE_PREFIX)) return false;
  return !isAlive(Number(database.slice(CLONE_PREFIX.length).split("_")[0]));
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

function schemaStateHash(): string {
  const hash = createHash("sha256");
  const migrations = join(REPOSITORY, "infra", "sql");
  for (const file of readdirSync(migrations).sort())
    hash.update(file).update(readFileSync(join(migrations, file)));
  for (const file of ["src/store/migrate.ts", "node_modules/@dbos-inc/dbos-sdk/package.json"]) {
    hash.update(readFileSync(join(REPOSITORY, file)));
  }
  return hash.digest("hex").slice(0, 12);
}
