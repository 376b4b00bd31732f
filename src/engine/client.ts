import { inspect } from "node:util";
import { DBOSClient } from "@dbos-inc/dbos-sdk";
import type { Log } from "../log.ts";
import { announceQueuedRun } from "../store/index.ts";
import { createWorkflowChanges, type WorkflowChanges } from "./changes.ts";
import { createEngineLogger } from "./logger.ts";
import type { EnginePools } from "./pools.ts";

/** DBOS without a node: reads and changes workflows, as DBOS's own command line does, and runs none. */
export type EngineClient = WorkflowChanges &
  Readonly<{
    /** What `dbos workflow get` prints; undefined when there is no such workflow. */
    getWorkflow(runId: string): Promise<unknown>;
    /** What `dbos workflow steps` prints; undefined when there is no such workflow. */
    listSteps(runId: string): Promise<unknown>;
  }>;

/** Opens a client, hands it to `work` and closes it. */
export async function withEngineClient<Result>(
  { databaseUrl, pools, log }: { databaseUrl: string; pools: EnginePools; log: Log },
  work: (client: EngineClient) => Promise<Result>,
): Promise<Result> {
  const client = await DBOSClient.create({
    systemDatabaseUrl: databaseUrl,
    systemDatabasePool: pools.dbos,
    logger: createEngineLogger(log),
  });
  try {
    return await work({
      ...createAnnouncedChanges(client, pools),
      getWorkflow: (runId) => getWorkflow(client, runId),
      listSteps: (runId) => listSteps(client, runId),
    });
  } finally {
    await client.destroy();
  }
}

/** The changes, after which the nodes are told that a run waits for one of them: a client runs none itself. */
function createAnnouncedChanges(client: DBOSClient, pools: EnginePools): WorkflowChanges {
  const changes = createWorkflowChanges(client, pools);
  const announce = () => announceQueuedRun(pools.dbos);
  return {
    ...changes,
    resumeWorkflow: (runId) => changes.resumeWorkflow(runId).then(announce),
    forkWorkflow: (fork, write) => changes.forkWorkflow(fork, write).then(announce),
  };
}

async function getWorkflow(client: DBOSClient, runId: string): Promise<unknown> {
  const status = await client.getWorkflow(runId);
  return status == null ? undefined : inspectFields({ ...status }, ["input", "output", "error"]);
}

async function listSteps(client: DBOSClient, runId: string): Promise<unknown> {
  const steps = await client.listWorkflowSteps(runId);
  return steps?.map((step) => inspectFields({ ...step }, ["output", "error"]));
}

/** Shows values that JSON cannot carry the way that `dbos` shows them. */
function inspectFields(record: Record<string, unknown>, fields: readonly string[]): Record<string, unknown> {
  for (const field of fields) {
    if (record[field] !== undefined && record[field] !== null) record[field] = inspect(record[field]);
  }
  return record;
}
