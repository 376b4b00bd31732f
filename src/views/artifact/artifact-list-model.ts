import type { ArtifactType } from "../../domain/artifact.ts";
import { lineageOf } from "../../projection/lineage.ts";
import type { ArtifactView } from "../../projection/run-view.ts";
import type { ExecutionModel, ViewerModel } from "../model.ts";

/** `from`: what it was made of; nothing for what came from outside, and as long as its step has not been recorded. */
export type ListedArtifact = ArtifactView & Readonly<{ from: readonly ArtifactType[] }>;

export type ArtifactsModel = Readonly<{
  runId: string | null;
  artifacts: readonly ListedArtifact[];
  isRunning: boolean;
  /** The one that the viewer shows. */
  openId: string | null;
}>;

/** The list of the artifact plane: those of the run in the middle; without a run there is nothing to list. */
export function artifactsModelOf(execution: ExecutionModel, viewer: ViewerModel | null): ArtifactsModel {
  const openId = viewer?.kind === "artifact" ? viewer.detail.meta.id : null;
  if (execution.kind !== "run") return { runId: null, artifacts: [], isRunning: false, openId };
  const { run } = execution;
  const artifacts = run.artifacts.map((artifact) => {
    const from = lineageOf(artifact, run).from.map(({ type }) => type);
    return { ...artifact, from };
  });
  return { runId: run.run_id, artifacts, isRunning: run.status === "running", openId };
}
