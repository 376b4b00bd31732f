import { createRecorder, type Evidence } from "./evidence.ts";
import type { Program } from "./program.ts";
import type { Repository } from "./repository.ts";
import type { Scenario } from "./scenario.ts";
import { apiScenarios } from "./scenarios-api.ts";
import { crashScenarios } from "./scenarios-crash.ts";
import { pageScenarios } from "./scenarios-pages.ts";
import { verdictScenarios } from "./scenarios-verdict.ts";

/** All scenarios, in the order of their ids. */
export const SCENARIOS: readonly Scenario[] = [
  ...apiScenarios,
  ...crashScenarios,
  ...pageScenarios,
  ...verdictScenarios,
].sort((a, b) => Number(a.id) - Number(b.id));

export type Step = Readonly<{
  id: string;
  title: string;
  ok: boolean;
  evidence: readonly Evidence[];
  seconds: number;
}>;

/** Runs the scenarios one after the other against one program, and reports each when it has ended. */
export async function runScenarios(
  scenarios: readonly Scenario[],
  program: Program,
  repository: Repository | null,
  onStep: (step: Step) => void,
): Promise<readonly Step[]> {
  const steps: Step[] = [];
  await program.start();
  for (const scenario of scenarios) {
    const failed = steps.filter(({ ok }) => !ok).map(({ id }) => id);
    const step = await runScenario(scenario, program, repository, failed);
    steps.push(step);
    onStep(step);
  }
  return steps;
}

async function runScenario(
  { id, title, run }: Scenario,
  program: Program,
  repository: Repository | null,
  failed: readonly string[],
): Promise<Step> {
  const began = performance.now();
  const recorder = createRecorder();
  try {
    await run({ ...recorder, program, repository, failed });
  } catch (error) {
    recorder.check(
      "the scenario",
      "runs to its end",
      error instanceof Error ? error.message : String(error),
      false,
    );
  }
  const { evidence } = recorder;
  // A scenario without a check has proved nothing.
  const ok = evidence.length > 0 && evidence.every((entry) => entry.ok);
  return { id, title, ok, evidence, seconds: Math.round((performance.now() - began) / 100) / 10 };
}
