import { resolve } from "node:path";
import { Command } from "commander";
import { prepareDatabase } from "../engine/index.ts";
import { openDatabase, type PostgresBinaries } from "../postgres/index.ts";
import { backUpDatabase } from "../store/backup/backup.ts";
import { restoreDatabase } from "../store/backup/restore.ts";
import { cliContext } from "./context.ts";
import { print, tell } from "./terminal.ts";

export function backupCommands(binaries: PostgresBinaries): Command[] {
  return [
    new Command("backup")
      .description("write all runs, documents and tokens into a file; runs may go on meanwhile")
      .argument("<file>")
      .action((file: string) => backUp(binaries, file)),
    new Command("restore")
      .description("replace the database by the content of a backup, while no service uses it")
      .argument("<file>")
      .option("--force", "also replace a database that holds runs")
      .action((file: string, options: { force?: true }) => restore(binaries, file, options)),
  ];
}

async function backUp(binaries: PostgresBinaries, file: string): Promise<void> {
  const path = resolve(file);
  const { databaseUrl, release } = await openDatabase(cliContext(binaries).location);
  try {
    print({ ok: true, path, ...(await backUpDatabase(databaseUrl, path)) });
    tell("Keep the backup as carefully as the database: it holds all documents.");
  } finally {
    await release();
  }
}

async function restore(binaries: PostgresBinaries, file: string, { force }: { force?: true }): Promise<void> {
  const path = resolve(file);
  const { location, log } = cliContext(binaries);
  const { databaseUrl, release } = await openDatabase(location);
  try {
    const restored = await restoreDatabase(databaseUrl, path, {
      force: force === true,
      prepare: (url, migrations) => prepareDatabase(url, log, migrations),
    });
    print({ ok: true, path, ...restored });
    tell("The database is restored. Unfinished runs continue when the service starts.");
  } finally {
    await release();
  }
}
