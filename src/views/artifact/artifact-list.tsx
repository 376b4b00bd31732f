import { ARTIFACT_TYPES } from "../../domain/artifact.ts";
import { formatBytes, shortHash } from "../../projection/format.ts";
import { versionOf } from "../version.ts";
import type { ArtifactsModel, ListedArtifact } from "./artifact-list-model.ts";

/** `#artifacts`: what the run has made so far, each a link to its viewer; while it runs, room for what is to come. */
export function Artifacts({ oob, ...model }: ArtifactsModel & { oob?: boolean }): JSX.Element {
  const { runId, artifacts, isRunning, openId } = model;
  const awaited = isRunning ? ARTIFACT_TYPES.slice(artifacts.length) : [];
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
      {runId !== null && artifacts.length + awaited.length === 0 ? <p class="quiet">It made none.</p> : ""}
      {artifacts.length + awaited.length === 0 ? (
        ""
      ) : (
        <ul class="artifact-list">
          {artifacts.map((artifact) => (
            <li>
              <Card artifact={artifact} isOpen={artifact.id === openId} />
            </li>
          ))}
          {awaited.map(() => (
            <li class="awaited" aria-hidden="true"></li>
          ))}
        </ul>
      )}
    </div>
  );
}

function Card({ artifact, isOpen }: { artifact: ListedArtifact; isOpen: boolean }): JSX.Element {
  const { type, from } = artifact;
  const origin = type === "raw" ? "as received" : from.length === 0 ? "" : `from ${from.join(", ")}`;
  return (
    <a
      id={`artifact-${type}`}
      href={`/artifacts/${artifact.id}`}
      hx-get={`/artifacts/${artifact.id}`}
      hx-target="#artifact-view"
      hx-swap="outerHTML"
      hx-push-url="true"
      data-artifact={artifact.id}
      aria-current={isOpen ? "true" : undefined}
    >
      <span class="artifact-type">{type as "safe"}</span>
      <span class="artifact-size" safe>
        {formatBytes(artifact.bytes)}
      </span>
      <span class="artifact-origin" title={origin} safe>
        {origin}
      </span>
      <code class="hash" title={`sha256 ${artifact.sha256}`} safe>
        {shortHash(artifact.sha256)}
      </code>
    </a>
  );
}
