import { sha256Hex } from "../sha256.ts";

/**
 * The name of the folder that a run's bundle is written to, below the folder of all bundles. Disks that do not distinguish upper and
 * lower case must not give two runs one folder, so an id with upper-case letters gets a part of its hash. No run id contains `~`.
 */
export function bundleFolderName(runId: string, partial: boolean): string {
  const name = runId === runId.toLowerCase() ? runId : `${runId}~${sha256Hex(runId).slice(0, 12)}`;
  return partial ? `${name}~partial` : name;
}
