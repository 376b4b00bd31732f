import { DBOS } from "@dbos-inc/dbos-sdk";

/** DBOS by itself: a workflow with as many steps as the run of a document, none of which does anything. */
export const bareWorkflow = DBOS.registerWorkflow(
  async () => {
    await DBOS.runStep(async () => 1, { name: "first" });
    await DBOS.sleep(1);
    for (const name of ["second", "third", "fourth", "fifth", "sixth"])
      await DBOS.runStep(async () => 1, { name });
  },
  { name: "bare" },
);
