import tab from "@bomb.sh/tab/commander";
import { Command, CommanderError } from "commander";
import type { PostgresBinaries } from "../postgres/index.ts";
import { describeVersion } from "../version.ts";
import { backupCommands } from "./backup.ts";
import { controlCommands } from "./control.ts";
import { databaseCommands } from "./database.ts";
import { deriveCommand } from "./derive.ts";
import { diffCommand } from "./diff.ts";
import { doctorCommand } from "./doctor.ts";
import { documentCommand } from "./document.ts";
import { eraseCommand } from "./erase.ts";
import { explainError } from "./explain-error.ts";
import { exportCommand } from "./export.ts";
import { importCommand } from "./import.ts";
import { lineageCommand, readRuns } from "./lineage.ts";
import { offlineCommands } from "./offline.ts";
import { readCommands } from "./read.ts";
import { runAndExit } from "./run-and-exit.ts";
import { searchCommands } from "./search.ts";
import { serveCommands } from "./serve.ts";
import { signoffCommand } from "./signoff.ts";
import { EXIT, type Exit } from "./terminal.ts";
import { tokenCommand } from "./token.ts";
import { viewCommand } from "./view.ts";
import { waitCommand } from "./wait.ts";

/** Runs the program with the arguments of the process, and ends it. */
export function runProgramAndExit(binaries: PostgresBinaries): Promise<void> {
  return runAndExit(() => runCli(process.argv.slice(2), binaries));
}

/** Results are JSON on stdout, messages are on stderr. Returns the exit code. */
async function runCli(args: readonly string[], binaries: PostgresBinaries): Promise<number> {
  let exitCode: number = EXIT.ok;
  const exit: Exit = (code) => {
    exitCode = code;
  };
  const program = buildProgram(binaries, exit);
  try {
    await program.parseAsync(args.length === 0 ? [DEFAULT_COMMAND] : [...args], { from: "user" });
    return exitCode;
  } catch (error) {
    return explainError(error);
  }
}

/** Not set as the default of Commander, which would take an unknown subcommand for an argument of it. */
const DEFAULT_COMMAND = "serve";

function buildProgram(binaries: PostgresBinaries, exit: Exit): Command {
  const program = new Command("jejakekal")
    .description("Turns a document into a durable run with stored, verifiable results.")
    .option("-v, --version", "print the version, its commit and the version of DBOS")
    .enablePositionalOptions()
    .showHelpAfterError("(--help lists the subcommands)")
    .exitOverride()
    .addHelpText(
      "after",
      `
Settings come from the environment, among them:
  API_PORT, UI_PORT          ports of the API and of the pages (4010, 4110)
  JEJAKEKAL_HOST             the address that both listen on (127.0.0.1)
  DBOS_SYSTEM_DATABASE_URL   a Postgres of your own instead of the embedded one
  JEJAKEKAL_PGPORT           the port of the embedded Postgres (55440)
  JEJAKEKAL_HOME             the folder of its data

Exit codes: 0 success, 1 failure, 2 wrong usage, 3 refused (the result says why), 4 the run ended in error.`,
    );
  const commands = [
    ...serveCommands(binaries),
    ...databaseCommands(binaries, exit),
    ...backupCommands(binaries),
    documentCommand(binaries, exit),
    ...readCommands(binaries),
    ...searchCommands(binaries),
    exportCommand(binaries, exit),
    ...controlCommands(binaries),
    eraseCommand(binaries),
    ...offlineCommands(exit),
    diffCommand(exit, (ids) => readRuns(binaries, ids)),
    lineageCommand(binaries),
    viewCommand(exit),
    importCommand(binaries, exit),
    waitCommand(),
    tokenCommand(binaries),
    doctorCommand(binaries, exit),
    signoffCommand(exit),
  ];
  for (const command of commands) program.addCommand(command.copyInheritedSettings(program));
  program.addCommand(deriveCommand(), { hidden: true });
  program.on("option:version", () => {
    process.stdout.write(`${describeVersion()}\n`);
    throw new CommanderError(EXIT.ok, "commander.version", "");
  });
  tab(program);
  return program;
}
