import type { ArtifactType } from "../../domain/artifact.ts";
import { lineageOf } from "../../projection/lineage.ts";
import type { ArtifactView } from "../../projection/run-view.ts";
import type { ExecutionModel, ViewerModel } from "../model.ts";

/** `from`: the types that it was derived from; empty for `raw`, and until its step is recorded. */
export type ListedArtifact = ArtifactView & Readonly<{ from: readonly ArtifactType[] }>;

export type ArtifactListModel = Readonly<{
  /** Null when the page shows no run; then the list is empty. */
  runId: string | null;
  artifacts: readonly ListedArtifact[];
  isRunning: boolean;
  /** The artifact in the viewer. */
  openId: string | null;
}>;

/** The artifacts of the run that the page shows. */
export function artifactListModelOf(
  execution: ExecutionModel,
  viewer: ViewerModel | null,
): ArtifactListModel {
  const openId = viewer?.kind === "artifact" ? viewer.detail.meta.id : null;
  if (execution.kind !== "run") return { runId: null, artifacts: [], isRunning: false, openId };
  const { run } = execution;
  const artifacts = run.artifacts.map((artifact) => {
    const from = lineageOf(artifact, run).from.map(({ type }) => type);
    return { ...artifact, from };
  });
  return { runId: run.run_id, artifacts, isRunning: run.status === "running", openId };
}
