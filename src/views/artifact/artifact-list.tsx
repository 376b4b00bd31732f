import { ARTIFACT_TYPES } from "../../domain/artifact.ts";
import { formatBytes, shortHash } from "../../projection/format.ts";
import { versionOf } from "../version.ts";
import type { ArtifactListModel, ListedArtifact } from "./artifact-list-model.ts";
import { viewerLink } from "./viewer-link.ts";

/** `#artifacts`: the artifacts of the run as links. While the run is running, empty places stand for the missing ones. */
export function ArtifactList({
  oob,
  ...model
}: ArtifactListModel & Readonly<{ oob?: boolean }>): JSX.Element {
  const { runId, artifacts, isRunning, openId } = model;
  const missing = isRunning ? ARTIFACT_TYPES.slice(artifacts.length) : [];
  const isEmpty = artifacts.length + missing.length === 0;
  return (
    <div
      id="artifacts"
      data-run={runId ?? undefined}
      hx-swap-oob={oob === true ? "true" : undefined}
      data-version={versionOf([
        runId,
        isRunning,
        artifacts.map(({ id, sha256, from }) => [id, sha256, from]),
      ])}
    >
      {runId !== null && isEmpty ? <p class="quiet">This run made no artifacts.</p> : ""}
      {isEmpty ? (
        ""
      ) : (
        <ul class="artifact-list">
          {artifacts.map((artifact) => (
            <li>
              <ArtifactCard artifact={artifact} isOpen={artifact.id === openId} />
            </li>
          ))}
          {missing.map(() => (
            <li class="missing" aria-hidden="true"></li>
          ))}
        </ul>
      )}
    </div>
  );
}

type ArtifactCardProps = Readonly<{ artifact: ListedArtifact; isOpen: boolean }>;

function ArtifactCard({ artifact, isOpen }: ArtifactCardProps): JSX.Element {
  const { id, type, bytes, sha256, from } = artifact;
  const origin = type === "raw" ? "as received" : from.length === 0 ? "" : `from ${from.join(", ")}`;
  return (
    <a
      id={`artifact-${type}`}
      {...viewerLink(`/artifacts/${id}`)}
      data-artifact={id}
      aria-current={isOpen ? "true" : undefined}
    >
      <span class="artifact-type">{type as "safe"}</span>
      <span class="artifact-size" safe>
        {formatBytes(bytes)}
      </span>
      <span class="artifact-origin" title={origin} safe>
        {origin}
      </span>
      <code class="hash" title={`sha256 ${sha256}`} safe>
        {shortHash(sha256)}
      </code>
    </a>
  );
}
