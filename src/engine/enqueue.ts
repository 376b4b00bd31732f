import { randomUUID } from "node:crypto";
import { DBOSExecutor } from "@dbos-inc/dbos-sdk/internal/dbos-executor";
import { buildEnqueueStatus } from "@dbos-inc/dbos-sdk/internal/enqueue_options";
import type { SystemDatabase } from "@dbos-inc/dbos-sdk/internal/system_database";
import { globalParams } from "@dbos-inc/dbos-sdk/internal/utils";
import type { Queryable } from "../store/index.ts";
import { RECOVERY_QUEUE } from "./queue.ts";

type Client = Parameters<SystemDatabase["initWorkflowStatus"]>[2];

/**
 * Puts a workflow into the queue, in a transaction of the caller's on the database of DBOS: it is there when that is committed. The
 * rows are those of DBOS's own `enqueueInTransaction`. A workflow that exists stays as it is.
 */
export async function enqueueWorkflow(
  db: Queryable,
  { runId, workflowName, input }: Readonly<{ runId: string; workflowName: string; input: unknown }>,
): Promise<void> {
  const executor = DBOSExecutor.globalInstance;
  if (executor === undefined) throw new Error("DBOS is not launched");
  const options = {
    workflowID: runId,
    workflowName,
    queueName: RECOVERY_QUEUE,
    ...(globalParams.appVersion === undefined ? {} : { appVersion: globalParams.appVersion }),
    ...(globalParams.appName === undefined ? {} : { applicationName: globalParams.appName }),
  };
  const status = await buildEnqueueStatus(options, executor.serializer, [input]);
  await executor.systemDatabase.initWorkflowStatus(status, randomUUID(), db as Client);
}
