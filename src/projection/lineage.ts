import type { ArtifactType } from "../domain/artifact.ts";
import type { ArtifactView, RunView } from "./run-view.ts";

/** The artifacts of the same run that an artifact was made from, and those that were made from it. */
export type Lineage = Readonly<{
  /** The step that made it; null when the timeline does not name it. */
  producer: Readonly<{ functionId: number; name: string }> | null;
  from: readonly Readonly<{ id: string; type: ArtifactType; sha256: string }>[];
  into: readonly Readonly<{ id: string; type: ArtifactType; sha256: string }>[];
}>;

/** An artifact is made from those whose sha256 its step read. */
export function lineageOf(artifact: ArtifactView, run: RunView): Lineage {
  const step = run.timeline.find(({ io_hashes, output }) => makes(output, artifact.type, io_hashes.out));
  const inputs = new Set(step?.io_hashes.in);
  const others = run.artifacts.filter(({ id }) => id !== artifact.id);
  return {
    producer: step === undefined ? null : { functionId: step.function_id, name: step.function_name },
    from: others.filter(({ sha256 }) => inputs.has(sha256)).map(nameOf),
    into: others.filter((other) => reads(run, other, artifact.sha256)).map(nameOf),
  };

  function makes(output: unknown, type: ArtifactType, out: readonly string[]): boolean {
    if (!out.includes(artifact.sha256)) return false;
    // Two artifacts can have the same bytes; then the output of the step names its own.
    return (
      typeof output !== "object" || output === null || !("artifact" in output) || output.artifact === type
    );
  }
}

function reads(run: RunView, maker: ArtifactView, sha256: string): boolean {
  return run.timeline.some(
    ({ io_hashes }) => io_hashes.out.includes(maker.sha256) && io_hashes.in.includes(sha256),
  );
}

function nameOf({ id, type, sha256 }: ArtifactView) {
  return { id, type, sha256 };
}
