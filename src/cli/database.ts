import { Command } from "commander";
import { inheritedEnvironment } from "../config.ts";

import { prepareDatabase } from "../engine/index.ts";
import {
  down,
  openDatabase,
  type PostgresBinaries,
  reset,
  runPsql,
  toPsqlEnvironment,
  up,
} from "../postgres/index.ts";

import { cliContext } from "./context.ts";
import { type Exit, print, tell } from "./terminal.ts";

export function databaseCommands(binaries: PostgresBinaries, exit: Exit): Command[] {
  return [
    new Command("up")
      .description("start the database, keep it running, and wait until it answers")
      .action(() => startDatabase(binaries)),
    new Command("down").description("stop the embedded database").action(() => stopDatabase(binaries)),
    new Command("reset")
      .description("drop the database with everything in it, and create it again")
      .option("--force", "also drop tables of other programs from an external database")
      .action((options: { force?: true }) => resetDatabase(binaries, options)),
    new Command("env")
      .description('print the variables that psql and dbos need: eval "$(jejakekal env)"')
      .action(() => printEnvironment(binaries)),
    new Command("psql")
      .description("query the database with the installed psql, or with a small built-in client")
      .argument("[args...]", "arguments of psql, such as -c 'select 1'")
      .passThroughOptions()
      .allowUnknownOption()
      .helpOption(false)
      .action(async (args: string[]) => exit(await query(binaries, args))),
  ];
}

async function startDatabase(binaries: PostgresBinaries): Promise<void> {
  const { location, log } = cliContext(binaries);
  const { databaseUrl, passFile, startedHere } = await up(location);
  await prepareDatabase(databaseUrl, log);
  tell(startedHere ? "The database is up." : "The database was up already.");
  print({ ok: true, started: startedHere, url: withoutSecrets(databaseUrl), passfile: passFile });
}

async function stopDatabase(binaries: PostgresBinaries): Promise<void> {
  const { location } = cliContext(binaries);
  const outcome = await down(location);
  if (outcome === "external")
    tell("DBOS_SYSTEM_DATABASE_URL is set, and jejakekal does not stop an external database.");
  print({ ok: true, outcome });
}

async function resetDatabase(binaries: PostgresBinaries, options: { force?: true }): Promise<void> {
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

/** The password of the embedded database stays in its passfile, so that it does not show on a terminal. */
async function printEnvironment(binaries: PostgresBinaries): Promise<void> {
  const { location } = cliContext(binaries);
  const { databaseUrl, passFile, release } = await openDatabase(location);
  await release();
  const { PGPASSWORD, ...variables } = toPsqlEnvironment(databaseUrl);
  const password = passFile === undefined ? { PGPASSWORD } : { PGPASSFILE: passFile };
  for (const [name, value] of Object.entries({ ...variables, ...password })) {
    if (value !== undefined) process.stdout.write(`export ${name}='${value.replaceAll("'", "'\\''")}'\n`);
  }
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

/** The URL without its password, which may be before the host or among the parameters. */
function withoutSecrets(databaseUrl: string): string {
  const { protocol, username, host, pathname } = new URL(databaseUrl);
  return `${protocol}//${username === "" ? "" : `${username}@`}${host}${pathname}`;
}
