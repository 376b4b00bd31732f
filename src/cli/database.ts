import { Command } from "commander";
import { inheritedEnvironment } from "../config.ts";
import { prepareDatabase } from "../engine/index.ts";
import { down, openDatabase, type PostgresBinaries, reset, runPsql, up } from "../postgres/index.ts";
import { cliContext, type Exit, print, tell } from "./context.ts";

export function databaseCommands(binaries: PostgresBinaries, exit: Exit): Command[] {
  return [
    new Command("up")
      .description("start the database, keep it running, and wait until it answers")
      .action(() => bringUp(binaries)),
    new Command("down").description("stop the embedded database").action(() => bringDown(binaries)),
    new Command("reset")
      .description("drop the database with everything in it, and create it anew")
      .option("--force", "drop what is not jejakekal's as well, from a database of your own")
      .action((options: { force?: true }) => startOver(binaries, options)),
    new Command("psql")
      .description("query the database: psql if it is installed, else a small client of our own")
      .argument("[args...]", "arguments of psql, such as -c 'select 1'")
      .passThroughOptions()
      .allowUnknownOption()
      .helpOption(false)
      .action(async (args: string[]) => exit(await query(binaries, args))),
  ];
}

async function bringUp(binaries: PostgresBinaries): Promise<void> {
  const { location, log } = cliContext(binaries);
  const { databaseUrl, startedHere } = await up(location);
  await prepareDatabase(databaseUrl, log);
  tell(startedHere ? "The database is up." : "The database was up already.");
  print({ ok: true, started: startedHere, url: withoutSecrets(databaseUrl) });
}

async function bringDown(binaries: PostgresBinaries): Promise<void> {
  const { location } = cliContext(binaries);
  const outcome = await down(location);
  if (outcome === "external") tell("DBOS_SYSTEM_DATABASE_URL names a database that is not ours to stop.");
  print({ ok: true, outcome });
}

async function startOver(binaries: PostgresBinaries, options: { force?: true }): Promise<void> {
  const { location, log } = cliContext(binaries);
  const database = await openDatabase(location);
  try {
    await reset(location, options);
    await prepareDatabase(database.databaseUrl, log);
  } finally {
    await database.release();
  }
  tell("The database is empty.");
  print({ ok: true });
}

async function query(binaries: PostgresBinaries, args: readonly string[]): Promise<number> {
  const { location } = cliContext(binaries);
  const database = await openDatabase(location);
  try {
    return await runPsql(args, database.databaseUrl, inheritedEnvironment(), process);
  } finally {
    await database.release();
  }
}

/** What `psql` and DBOS's own command line take, but for the password, which may stand before the host or among the parameters. */
function withoutSecrets(databaseUrl: string): string {
  const { protocol, username, host, pathname } = new URL(databaseUrl);
  return `${protocol}//${username === "" ? "" : `${username}@`}${host}${pathname}`;
}
