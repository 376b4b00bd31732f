import { formatBytes, shortHash } from "../projection/format.ts";
import type { ArtifactsModel } from "./artifacts-model.ts";
import { versionOf } from "./version.ts";

/** `#artifacts`: what the run has made so far, each a link to its viewer. */
export function Artifacts({ oob, ...model }: ArtifactsModel & { oob?: boolean }): JSX.Element {
  const { runId, artifacts, isRunning, openId } = model;
  return (
    <div
      id="artifacts"
      data-run={runId ?? undefined}
      hx-swap-oob={oob === true ? "true" : undefined}
      data-version={versionOf([runId, isRunning, artifacts.map(({ id, sha256 }) => [id, sha256])])}
    >
      {artifacts.length === 0 ? (
        <p class="quiet">
          {isRunning
            ? "The first artifact appears with the first step."
            : runId === null
              ? ""
              : "It made none."}
        </p>
      ) : (
        <ul class="artifact-list">
          {artifacts.map((artifact) => (
            <li>
              <a
                id={`artifact-${artifact.type}`}
                href={`/artifacts/${artifact.id}`}
                hx-get={`/artifacts/${artifact.id}`}
                hx-target="#artifact-view"
                hx-swap="outerHTML"
                hx-push-url="true"
                data-artifact={artifact.id}
                aria-current={artifact.id === openId ? "true" : undefined}
              >
                <span class="artifact-type">{artifact.type as "safe"}</span>
                <span class="artifact-size" safe>
                  {formatBytes(artifact.bytes)}
                </span>
                <code class="hash" title={`sha256 ${artifact.sha256}`} safe>
                  {shortHash(artifact.sha256)}
                </code>
              </a>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
