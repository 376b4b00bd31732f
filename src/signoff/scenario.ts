import type { Recorder } from "./evidence.ts";
import type { Program } from "./program.ts";
import type { Repository } from "./repository.ts";

/** One scenario of `jejakekal signoff`. */
export type Scenario = Readonly<{
  id: string;
  title: string;
  run(context: ScenarioContext): Promise<void>;
}>;

export type ScenarioContext = Recorder &
  Readonly<{
    program: Program;
    /** The checkout that the program was called in; null when there is only the program. */
    repository: Repository | null;
    /** The ids of earlier scenarios that failed. */
    failed: readonly string[];
  }>;
