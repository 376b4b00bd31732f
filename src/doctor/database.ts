import type { Config } from "../config.ts";
import { StartFailure } from "../failure.ts";
import { isPortFree } from "../free-port.ts";
import {
  type DatabaseLocation,
  isExternalDatabaseThere,
  isHomeInUse,
  openDatabase,
} from "../postgres/index.ts";
import { type DatabaseFacts, readDatabaseFacts } from "../store/database-facts.ts";
import { type Check, failed, failedAs, passed, skipped } from "./check.ts";

/** `idle_session_timeout`, by which the locks of dead nodes are released. */
const OLDEST_POSTGRES = 140_000;

/** The clock decides only when a durable sleep ends, so that a second is of no importance. */
const MAX_CLOCK_OFFSET_MS = 2_000;

const DEPENDENT = ["schema", "durability", "clock", "tokens"] as const;

/** The checks that need the database. An embedded server that does not run is started for them, and stopped again. */
export async function checkDatabase(config: Config, location: DatabaseLocation): Promise<readonly Check[]> {
  if (!config.embedApi)
    return withoutDatabase(skipped("database", "UI_EMBED_API=0: the pages open no database"));
  try {
    if (!(await isThere(location))) {
      return withoutDatabase(passed("database", "it is not there yet, and the first start makes it"), config);
    }
    const facts = await readFacts(location);
    return [checkServer(facts, location), ...checksOf(facts, config)];
  } catch (error) {
    return withoutDatabase(explain(error));
  }
}

function explain(error: unknown): Check {
  const message = error instanceof Error ? error.message : String(error);
  const todo = "see that the database is up, and try again";
  return error instanceof StartFailure
    ? failedAs("database", message, todo)
    : failed("database", `it cannot be read (${message.split("\n", 1)[0]})`, todo);
}

/** What can be said without the database; with `config` whether a token is needed. */
function withoutDatabase(database: Check, config?: Config): readonly Check[] {
  return [
    database,
    ...DEPENDENT.map((name) =>
      name === "tokens" && config !== undefined
        ? checkTokens(null, config)
        : skipped(name, "not checked without the database"),
    ),
  ];
}

async function isThere(location: DatabaseLocation): Promise<boolean> {
  if (location.kind === "external") return isExternalDatabaseThere(location.url);
  // A server on the port may be one that is shared; otherwise opening it says who has the port.
  return isHomeInUse(location.home) || !(await isPortFree(location.port));
}

async function readFacts(location: DatabaseLocation): Promise<DatabaseFacts> {
  if (location.kind === "external") return readDatabaseFacts(location.url);
  const { databaseUrl, release } = await openDatabase(location);
  try {
    return await readDatabaseFacts(databaseUrl);
  } finally {
    await release();
  }
}

function checkServer(facts: DatabaseFacts, location: DatabaseLocation): Check {
  const { serverVersion, serverVersionNumber, isReadOnly, mayCreate } = facts;
  const name = `Postgres ${serverVersion}`;
  const url = "DBOS_SYSTEM_DATABASE_URL";
  if (serverVersionNumber < OLDEST_POSTGRES) {
    return failed("database", `${name} is too old`, `use Postgres 14 or newer, 18 if you can choose`);
  }
  if (isReadOnly) return failed("database", `${name} takes no writes`, `have ${url} name the primary server`);
  if (!mayCreate) {
    return failed(
      "database",
      "this role may not create schemas",
      `grant it CREATE on the database that ${url} names`,
    );
  }
  const place = location.kind === "external" ? `the one of ${url}` : `the embedded one of ${location.home}`;
  return passed("database", `${name} answers, ${place}`);
}

/** The checks that follow from the facts of a database that can be used. */
export function checksOf(facts: DatabaseFacts, config: TokenSettings): readonly Check[] {
  return [
    checkSchema(facts),
    checkDurability(facts),
    checkClock(facts),
    checkTokens(facts.validTokens, config),
  ];
}

function checkSchema({ unknownMigrations, missingMigrations }: DatabaseFacts): Check {
  if (unknownMigrations.length > 0) {
    return failed(
      "schema",
      `the database was migrated by a newer version of this program (${unknownMigrations.join(", ")})`,
      "start that version or a later one, or use another database",
    );
  }
  if (missingMigrations === null) return passed("schema", "the first start makes the tables");
  return missingMigrations === 0
    ? passed("schema", "every migration of this version was made, and no other")
    : passed("schema", `the next start makes ${missingMigrations} migrations; make a backup before it`);
}

function checkDurability({ unsafeSettings }: DatabaseFacts): Check {
  if (unsafeSettings.length === 0)
    return passed("durability", "what is committed survives a crash of the machine");
  return failed(
    "durability",
    `with ${unsafeSettings.join(", ")} a crash of the machine loses accepted runs`,
    "set it to on in postgresql.conf, and reload Postgres",
  );
}

function checkClock({ clockOffsetMs, clockUncertaintyMs }: DatabaseFacts): Check {
  const offset = `${Math.abs(clockOffsetMs)} ms ${clockOffsetMs < 0 ? "behind" : "ahead of"} that of this machine`;
  return Math.abs(clockOffsetMs) - clockUncertaintyMs > MAX_CLOCK_OFFSET_MS
    ? failed("clock", `the clock of the database is ${offset}`, "have both machines set their clocks by NTP")
    : passed("clock", `that of the database is ${offset}`);
}

type TokenSettings = Pick<Config, "host" | "isHostLoopback" | "isAnonymousAllowed">;

function checkTokens(validTokens: number | null, settings: TokenSettings): Check {
  const { host, isHostLoopback, isAnonymousAllowed } = settings;
  if (isAnonymousAllowed) {
    const who = isHostLoopback ? "every program on this machine" : `everybody who reaches ${host}`;
    return passed("tokens", `JEJAKEKAL_ANONYMOUS=1: ${who} may do everything without one`);
  }
  if ((validTokens ?? 0) > 0) return passed("tokens", `${validTokens} valid; every request needs one`);
  return isHostLoopback
    ? passed("tokens", "none is valid; only this machine can reach the ports")
    : failed(
        "tokens",
        `other machines can reach ${host}, and no token is valid`,
        'make one with "jejakekal token new NAME --scope admin"',
      );
}
