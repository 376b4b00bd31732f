import tab from "@bomb.sh/tab/commander";
import { Command, CommanderError } from "commander";
import { Failure, StartFailure } from "../failure.ts";
import { failureBody } from "../http/reply.ts";
import type { PostgresBinaries } from "../postgres/index.ts";
import { describeVersion } from "../version.ts";
import { EXIT, type Exit, print, tell } from "./context.ts";
import { controlCommands } from "./control.ts";
import { databaseCommands } from "./database.ts";
import { deriveCommand } from "./derive.ts";
import { documentCommand } from "./document.ts";
import { watchOutput } from "./output.ts";
import { readCommands } from "./read.ts";
import { serveCommands } from "./serve.ts";
import { signoffCommand } from "./signoff.ts";
import { waitCommand } from "./wait.ts";

/** Longer than words take to go out. */
const LINGER_MS = 3_000;

/**
 * Runs the program for the arguments it was given. The process ends by itself when its answer has gone out; only a run that
 * sleeps on would keep it for longer. The streams are not ended for that: they may be somebody else's as well.
 */
export async function runAndExit(binaries: PostgresBinaries): Promise<void> {
  const goneOut = watchOutput();
  const exitCode = await runCli(process.argv.slice(2), binaries);
  process.exitCode = (await goneOut()) ?? exitCode;
  setTimeout(() => process.exit(), LINGER_MS).unref();
}

/** Answers are JSON on stdout, words are on stderr. Returns the exit code. */
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
    return explain(error);
  }
}

/** Not Commander's own default, which takes a word that it does not know for an argument of it. */
const DEFAULT_COMMAND = "serve";

function buildProgram(binaries: PostgresBinaries, exit: Exit): Command {
  const program = new Command("jejakekal")
    .description("Turns a document into a durable, provable run.")
    .option("-v, --version", "print the version, its commit and the version of DBOS")
    .enablePositionalOptions()
    .showHelpAfterError("(--help shows what there is)")
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

Exit codes: 0 well, 1 could not, 2 wrong usage, 3 refused (the answer says why), 4 the run ended in error.`,
    );
  const commands = [
    ...serveCommands(binaries),
    ...databaseCommands(binaries, exit),
    documentCommand(binaries, exit),
    ...readCommands(binaries),
    ...controlCommands(binaries),
    waitCommand(),
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

function explain(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  if (error instanceof Failure) {
    print(failureBody(error));
    tell(inWords(error));
    return error.code === "internal_error" || error.code === "database_unavailable"
      ? EXIT.failed
      : EXIT.refused;
  }
  tell(error instanceof StartFailure ? `jejakekal: ${error.message}` : `jejakekal: ${describe(error)}`);
  return EXIT.failed;
}

/** The table's words, and what about this case they are said of. */
function inWords({ message, detail: { field, reason } }: Failure): string {
  return reason === undefined ? message : `${message} ${field ?? "It"} ${reason}.`;
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
