/**
 * Bare DBOS as it is shipped, in a process of its own: its own pool, as many steps as a document run, with retries as ours have. Reads
 * a number of runs from each line of its standard input, does them 64 at once and prints a line.
 */
import { createInterface } from "node:readline";
import { DBOS } from "@dbos-inc/dbos-sdk";

// DBOS does not wait for the setting that it sends on a new connection, and pg warns of the query behind it.
process.noDeprecation = true;

const AT_ONCE = 64;
const RETRY = { retriesAllowed: true, maxAttempts: 5, intervalSeconds: 0.1, backoffRate: 3 } as const;
const NAMES = ["second", "third", "fourth", "fifth", "sixth"];

const workflow = DBOS.registerWorkflow(
  async () => {
    await DBOS.runStep(async () => 1, { name: "first", ...RETRY });
    await DBOS.sleep(1);
    for (const name of NAMES) await DBOS.runStep(async () => 1, { name, ...RETRY });
  },
  { name: "bare" },
);
DBOS.setConfig({
  name: "bare",
  systemDatabaseUrl: process.env.DBOS_SYSTEM_DATABASE_URL ?? "",
  applicationVersion: "bare",
  runAdminServer: false,
  logLevel: "error",
});
await DBOS.launch();
console.log("ready");
for await (const line of createInterface(process.stdin)) {
  let left = Number(line);
  const worker = async () => {
    while (left > 0) {
      left -= 1;
      const handle = await DBOS.startWorkflow(workflow)();
      await handle.getResult();
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  console.log("done");
}
await DBOS.shutdown();
