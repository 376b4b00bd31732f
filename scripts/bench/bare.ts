import { DBOS } from "@dbos-inc/dbos-sdk";

/** A DBOS workflow for comparison: as many steps as a document run, each of which does nothing. */
export const bareWorkflow = DBOS.registerWorkflow(
  async () => {
    await DBOS.runStep(async () => 1, { name: "first" });
    await DBOS.sleep(1);
    for (const name of ["second", "third", "fourth", "fifth", "sixth"])
      await DBOS.runStep(async () => 1, { name });
  },
  { name: "bare" },
);
