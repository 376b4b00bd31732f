import { inspect } from "node:util";
import { DBOSClient } from "@dbos-inc/dbos-sdk";
import type { Log } from "../log.ts";
import type { Store } from "../store/index.ts";
import { engineLogger } from "./engine-logger.ts";

/** DBOS seen from outside of all nodes, as its own command line sees it. */
export async function withWorkflowClient<Result>(
  { databaseUrl, store, log }: { databaseUrl: string; store: Pick<Store, "enginePool">; log: Log },
  work: (client: DBOSClient) => Promise<Result>,
): Promise<Result> {
  const client = await DBOSClient.create({
    systemDatabaseUrl: databaseUrl,
    systemDatabasePool: store.enginePool,
    logger: engineLogger(log),
  });
  try {
    return await work(client);
  } finally {
    await client.destroy();
  }
}

/** What `dbos workflow get` prints; undefined when there is no such workflow. */
export async function getWorkflow(client: DBOSClient, runId: string): Promise<unknown> {
  const status = await client.getWorkflow(runId);
  return status == null ? undefined : inspectFields({ ...status }, ["input", "output", "error"]);
}

/** What `dbos workflow steps` prints; undefined when there is no such workflow. */
export async function listSteps(client: DBOSClient, runId: string): Promise<unknown> {
  const steps = await client.listWorkflowSteps(runId);
  return steps?.map((step) => inspectFields({ ...step }, ["output", "error"]));
}

/** Values that JSON may not be able to carry are shown as `dbos` shows them. */
function inspectFields(record: Record<string, unknown>, fields: readonly string[]): Record<string, unknown> {
  for (const field of fields) {
    if (record[field] !== undefined && record[field] !== null) record[field] = inspect(record[field]);
  }
  return record;
}
