import { join } from "node:path";
import { Command, InvalidArgumentError } from "commander";
import {
  checklistLines,
  findRepository,
  runScenarios,
  SCENARIOS,
  startProgram,
  writeVerdict,
} from "../signoff/index.ts";
import { describeVersion } from "../version.ts";
import { exitCodeOf, waitForStopSignal } from "./signals.ts";
import { EXIT, type Exit, print, tell } from "./terminal.ts";

const VERDICT = join(".cache", "showcase-002-signoff.json");

export function signoffCommand(exit: Exit): Command {
  return new Command("signoff")
    .description("run all scenarios against this program and write the verdict to a file")
    .option("--only <ids>", "run only these scenarios, such as 7,8, and write no verdict", scenarioIds)
    .action(async ({ only }: { only?: readonly string[] }) => exit(await signOff(only)));
}

/** Uses its own data folder and ports, and removes them at the end, also after a signal. */
async function signOff(only: readonly string[] | undefined): Promise<number> {
  const startedAt = new Date();
  const repository = findRepository(process.cwd());
  const program = await startProgram();
  let ending: Promise<void> | null = null;
  const close = () => {
    repository?.close();
    ending ??= program.close();
    return ending;
  };
  void waitForStopSignal().then((signal) => close().finally(() => process.exit(exitCodeOf(signal))));
  try {
    tell(`jejakekal ${describeVersion()} on ${program.api} and ${program.ui}`);
    const scenarios = SCENARIOS.filter(({ id }) => only?.includes(id) ?? true);
    const steps = await runScenarios(scenarios, program, repository, (step) => {
      // A scenario that fails because of the signal has not failed.
      if (ending === null) for (const line of checklistLines(step)) tell(line);
    });
    const failed = steps.filter(({ ok }) => !ok).map(({ id }) => id);
    if (only === undefined) {
      writeVerdict(VERDICT, steps, { version: describeVersion(), checkout: repository !== null, startedAt });
      tell(`\n${failed.length === 0 ? "Signed off." : "Not signed off."} The evidence is in ${VERDICT}.`);
    }
    print({ ok: failed.length === 0, failed });
    return failed.length === 0 ? EXIT.ok : EXIT.failed;
  } finally {
    await close();
  }
}

function scenarioIds(text: string): readonly string[] {
  const ids = text.split(",").map((id) => id.trim());
  const known = SCENARIOS.map(({ id }) => id);
  if (!ids.every((id) => known.includes(id))) throw new InvalidArgumentError(`The scenarios are ${known}.`);
  return ids;
}
