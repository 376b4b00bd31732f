import type { Witness } from "./evidence.ts";
import type { Repository } from "./repository.ts";
import type { Stage } from "./stage.ts";

/** One scenario of `jejakekal signoff`. */
export type Scenario = Readonly<{
  id: string;
  title: string;
  play(setting: Setting): Promise<void>;
}>;

export type Setting = Witness &
  Readonly<{
    stage: Stage;
    /** The checkout that the program was called in; null when there is only the program. */
    repository: Repository | null;
    /** The ids of earlier scenarios that failed. */
    failed: readonly string[];
  }>;
