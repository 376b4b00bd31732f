import type { ComparableRun } from "./compare.ts";
import type { BundleContents } from "./verify/contents.ts";

/** The run of a bundle, to be compared. A bundle of the first layout has no bytes of artifacts. */
export function comparableOf({ values, artifactBytes }: BundleContents): ComparableRun {
  return {
    runId: values.manifest.run_id,
    steps: values.timeline,
    artifacts: values.artifacts,
    readArtifact: async (type) => artifactBytes(type),
  };
}
