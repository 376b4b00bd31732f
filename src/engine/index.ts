/** DBOS, as this program uses it. Nothing outside of this folder imports DBOS. */
export type { WorkflowChanges } from "./changes.ts";
export { type EngineClient, withEngineClient } from "./client.ts";
export { enqueueWorkflow } from "./enqueue.ts";
export { type Engine, launchEngine, shutDownEngine, whenEngineIsShutDown } from "./launch.ts";
export { type EnginePools, openEnginePools } from "./pools.ts";
export { prepareDatabase } from "./prepare-database.ts";
export { RECOVERY_QUEUE } from "./queue.ts";
export type { Committed } from "./record-order.ts";
export type { Write } from "./sent-statements.ts";
export {
  endsExecutionOnly,
  isEngineError,
  type RegisteredWorkflow,
  type RetryPolicy,
  registerWorkflow,
  type StepAttempt,
  type StepBehind,
  type WorkflowExecution,
} from "./workflow.ts";
