import { formatBytes, formatDuration, shortRunId } from "../../projection/format.ts";
import { type Lineage, lineageOf } from "../../projection/lineage.ts";
import type { RunView } from "../../projection/run-view.ts";
import { Hash } from "../copy.tsx";
import type { ArtifactDetail } from "../model.ts";

type ProvenanceProps = Readonly<{
  detail: ArtifactDetail;
  /** Null when the run cannot be read; then the links to the other artifacts are missing. */
  run: RunView | null;
}>;

/** How an artifact was made, and the artifacts that it was derived from and that were derived from it. */
export function Provenance({ detail: { meta, prov }, run }: ProvenanceProps): JSX.Element {
  const lineage = run === null ? null : lineageOf(meta, run);
  const durationMs = meta.cost.duration_ms;
  return (
    <dl class="facts origin">
      <div>
        <dt>made by</dt>
        <dd>
          <a href={`/runs/${prov.run_id}?step=${prov.producer_function_id}`}>
            step <span safe>{String(prov.producer_function_id)}</span> <span safe>{prov.producer_step}</span>
          </a>
        </dd>
      </div>
      <div>
        <dt>run</dt>
        <dd>
          <a href={`/runs/${prov.run_id}`}>
            <code safe>{shortRunId(prov.run_id)}</code>
          </a>
        </dd>
      </div>
      <Related label="derived from" artifacts={lineage?.from ?? []} />
      <Related label="used by" artifacts={lineage?.into ?? []} />
      <div class="whole-row">
        <dt>sha256</dt>
        <dd>
          <Hash id="copy-artifact" sha256={meta.sha256} />{" "}
          <a href={`/artifacts?sha256=${meta.sha256}`}>in all runs</a>
        </dd>
      </div>
      <div>
        <dt>size</dt>
        <dd safe>{formatBytes(meta.bytes)}</dd>
      </div>
      <div>
        <dt>format</dt>
        <dd safe>{meta.format}</dd>
      </div>
      <div>
        <dt>recipe</dt>
        <dd safe>{recipeName(prov.recipe)}</dd>
      </div>
      <div>
        <dt>duration</dt>
        <dd safe>{durationMs === null ? "–" : formatDuration(durationMs)}</dd>
      </div>
    </dl>
  );
}

function recipeName(recipe: Readonly<Record<string, unknown>>): string {
  return [recipe.name, recipe.version].filter((part) => typeof part === "string").join(" ");
}

type RelatedProps = Readonly<{ label: string; artifacts: Lineage["from"] }>;

function Related({ label, artifacts }: RelatedProps): JSX.Element {
  if (artifacts.length === 0) return "";
  return (
    <div>
      <dt safe>{label}</dt>
      <dd class="kin">
        {artifacts.map(({ id, type }) => (
          <a href={`/artifacts/${id}`}>{type as "safe"}</a>
        ))}
      </dd>
    </div>
  );
}
