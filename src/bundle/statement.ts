import { canonicalJsonBytes } from "../canonical-json.ts";
import { artifactPathOf, type BundleFile, STATEMENT, TAG_MANIFEST } from "./layout.ts";
import type { BundleValues, Statement } from "./shapes.ts";

/** What was done; the parameters below are those of this type. */
const BUILD_TYPE = "urn:jejakekal:document-run:1";

/**
 * `attestations/statement.json`: an in-toto Statement v1 with SLSA provenance v1, what a signature is made over. Its subjects are
 * the tag manifest, and so the whole bundle, and each artifact. `tagManifestSha256` is the digest of the bundle.
 */
export function buildStatement(values: BundleValues, tagManifestSha256: string): BundleFile {
  return { path: STATEMENT, bytes: canonicalJsonBytes(statementOf(values, tagManifestSha256)) };
}

function statementOf(
  { manifest, artifacts, workflowStatus }: BundleValues,
  tagManifestSha256: string,
): Statement {
  const { intent, args, payload_sha256 } = manifest.request;
  const version = manifest.workflow.application_version;
  return {
    _type: "https://in-toto.io/Statement/v1",
    subject: [
      { name: TAG_MANIFEST, digest: { sha256: tagManifestSha256 } },
      ...artifacts.map(({ id, sha256 }) => ({ name: artifactPathOf(id), digest: { sha256 } })),
    ],
    predicateType: "https://slsa.dev/provenance/v1",
    predicate: {
      buildDefinition: {
        buildType: BUILD_TYPE,
        externalParameters: { intent, args, payload_sha256, recipes: manifest.recipes },
        internalParameters: {
          dbos_status: manifest.dbos_status,
          forked_from: manifest.workflow.forked_from,
          workflow: manifest.workflow.name,
        },
        resolvedDependencies: artifacts
          .filter(({ id }) => id === "raw")
          .map(({ id, sha256, media_type }) => ({
            name: artifactPathOf(id),
            digest: { sha256 },
            mediaType: media_type,
          })),
      },
      runDetails: {
        builder: { id: `urn:jejakekal:application:${version ?? "unknown"}` },
        metadata: {
          invocationId: manifest.run_id,
          startedOn: isoOf(workflowStatus.created_at),
          ...(workflowStatus.completed_at === null ? {} : { finishedOn: isoOf(workflowStatus.completed_at) }),
        },
      },
    },
  };
}

/** Epoch milliseconds as RFC 3339 writes them, in UTC. The epoch for a number that is no time. */
export function isoOf(epochMs: number): string {
  const date = new Date(epochMs);
  return Number.isNaN(date.getTime()) ? new Date(0).toISOString() : date.toISOString();
}
