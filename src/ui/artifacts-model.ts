import type { ArtifactView } from "../projection/run-view.ts";
import type { ExecutionModel, ViewerModel } from "./model.ts";

export type ArtifactsModel = Readonly<{
  runId: string | null;
  artifacts: readonly ArtifactView[];
  isRunning: boolean;
  /** The one that the viewer shows. */
  openId: string | null;
}>;

/** The list of the artifact plane: those of the run in the middle; without a run there is nothing to list. */
export function artifactsModelOf(execution: ExecutionModel, viewer: ViewerModel | null): ArtifactsModel {
  const openId = viewer?.kind === "artifact" ? viewer.detail.meta.id : null;
  if (execution.kind !== "run") return { runId: null, artifacts: [], isRunning: false, openId };
  const { run } = execution;
  return { runId: run.run_id, artifacts: run.artifacts, isRunning: run.status === "running", openId };
}
