import type { Witness } from "./evidence.ts";
import type { Repository } from "./repository.ts";
import type { Stage } from "./stage.ts";

/** One card of the deck of section 11 of the operator course. */
export type Scenario = Readonly<{
  id: string;
  title: string;
  play(setting: Setting): Promise<void>;
}>;

export type Setting = Witness &
  Readonly<{
    stage: Stage;
    /** The checkout the program was called in; null for a stranger who has nothing but the program. */
    repository: Repository | null;
    /** The ids of earlier scenarios that did not go well. */
    failed: readonly string[];
  }>;
