import { existsSync } from "node:fs";
import { Command } from "commander";
import { deriveCommand } from "./derive.ts";
import { diffCommand } from "./diff.ts";
import { explainError } from "./explain-error.ts";
import { keyCommand } from "./key.ts";
import { reproduceCommand } from "./reproduce.ts";
import { runAndExit } from "./run-and-exit.ts";
import { EXIT, type Exit } from "./terminal.ts";
import { verifyCommand } from "./verify.ts";

/**
 * The subcommands that work on files alone. This module imports neither DBOS nor Postgres, so they start fast and run where neither
 * is; `imports.test.ts` follows its imports.
 */
export function offlineCommands(exit: Exit): readonly Command[] {
  return [verifyCommand(exit), reproduceCommand(exit), keyCommand()];
}

/** `diff` needs a database for the ids of runs, and none for bundles. */
function isOffline([name, ...args]: readonly string[]): boolean {
  const places = args.filter((arg) => !arg.startsWith("-"));
  return name !== "diff" || (places.length > 0 && places.every((place) => existsSync(place)));
}

/** Runs one of these subcommands and ends the process; false when `args` name another one. */
export async function runOffline(args: readonly string[]): Promise<boolean> {
  let exitCode: number = EXIT.ok;
  const exit: Exit = (code) => {
    exitCode = code;
  };
  const commands = [...offlineCommands(exit), diffCommand(exit, null), deriveCommand()];
  const command = commands.find((candidate) => candidate.name() === args[0]);
  if (command === undefined || !isOffline(args)) return false;
  await runAndExit(async () => {
    try {
      const program = new Command("jejakekal")
        .exitOverride()
        .showHelpAfterError("(--help lists the options)");
      program.addCommand(command.copyInheritedSettings(program));
      await program.parseAsync([...args], { from: "user" });
      return exitCode;
    } catch (error) {
      return explainError(error);
    }
  });
  return true;
}
