import { Command } from "commander";
import { databaseLocation } from "../app.ts";
import { readConfig } from "../config.ts";
import { type Check, failed } from "../doctor/check.ts";
import { examine } from "../doctor/doctor.ts";
import { StartFailure } from "../failure.ts";
import type { PostgresBinaries } from "../postgres/index.ts";
import { EXIT, type Exit, print } from "./terminal.ts";

export function doctorCommand(binaries: PostgresBinaries, exit: Exit): Command {
  return new Command("doctor")
    .description("check the database, the disk, the ports and the settings, and say what to do")
    .option("--json", "print all results as one JSON object")
    .addHelpText("after", "\nExit codes: 0 all is well, 1 a check failed.")
    .action(async ({ json }: { json?: true }) => {
      const checks = await examineSettings(binaries);
      const ok = checks.every(({ result }) => result !== "failed");
      if (json) print({ ok, checks });
      else for (const check of checks) process.stdout.write(`${lineOf(check)}\n`);
      exit(ok ? EXIT.ok : EXIT.failed);
    });
}

/** A setting that cannot be read is a failed check, without which the others cannot be made. */
async function examineSettings(binaries: PostgresBinaries): Promise<readonly Check[]> {
  try {
    const config = readConfig();
    return await examine(config, databaseLocation(config, binaries));
  } catch (error) {
    if (error instanceof StartFailure)
      return [failed("settings", error.message.replace(/\.$/, ""), "set it to such a value, or unset it")];
    throw error;
  }
}

const MARKS = { passed: "✓", failed: "✗", skipped: "-" } as const;

function lineOf({ check, result, says, todo }: Check): string {
  const line = `${MARKS[result]} ${check.padEnd(10)} ${says}`;
  return todo === null ? line : `${line}: ${todo}.`;
}
