import { createWitness, type Evidence } from "./evidence.ts";
import type { Repository } from "./repository.ts";
import type { Scenario } from "./scenario.ts";
import { apiScenarios } from "./scenarios-api.ts";
import { crashScenarios } from "./scenarios-crash.ts";
import { pageScenarios } from "./scenarios-pages.ts";
import { verdictScenarios } from "./scenarios-verdict.ts";
import type { Stage } from "./stage.ts";

/** All scenarios, in the order of their ids. */
export const DECK: readonly Scenario[] = [
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
export async function playDeck(
  scenarios: readonly Scenario[],
  stage: Stage,
  repository: Repository | null,
  tell: (step: Step) => void,
): Promise<readonly Step[]> {
  const steps: Step[] = [];
  await stage.start();
  for (const scenario of scenarios) {
    const failed = steps.filter(({ ok }) => !ok).map(({ id }) => id);
    const step = await playOne(scenario, stage, repository, failed);
    steps.push(step);
    tell(step);
  }
  return steps;
}

async function playOne(
  { id, title, play }: Scenario,
  stage: Stage,
  repository: Repository | null,
  failed: readonly string[],
): Promise<Step> {
  const began = performance.now();
  const witness = createWitness();
  try {
    await play({ ...witness, stage, repository, failed });
  } catch (error) {
    witness.sees(
      "the scenario",
      "runs to its end",
      error instanceof Error ? error.message : String(error),
      false,
    );
  }
  const { evidence } = witness;
  // A scenario without a check has proved nothing.
  const ok = evidence.length > 0 && evidence.every((entry) => entry.ok);
  return { id, title, ok, evidence, seconds: Math.round((performance.now() - began) / 100) / 10 };
}
