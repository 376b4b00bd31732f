import type { CitationLineage, CitationPlace } from "../../projection/citation-lineage.ts";
import { addressOf } from "../../projection/page-params.ts";
import { Hash } from "../copy.tsx";

/** A citation with everything behind it: from the memo over chunk and block to the bytes of the document. */
export function CitationView({ lineage }: Readonly<{ lineage: CitationLineage }>): JSX.Element {
  const { run_id, citation, places } = lineage;
  return (
    <>
      <header class="viewer-head">
        <h3>
          <span class="artifact-type">citation</span> <code safe>{String(citation.id)}</code>
        </h3>
        <p class="viewer-links">
          <a class="button" href={`/ui/runs/${run_id}/citations/${citation.id}/json`}>
            JSON
          </a>
        </p>
      </header>
      <blockquote dir="auto" safe>
        {String(citation.text)}
      </blockquote>
      <ol class="citation-places">
        {places.map((place) => (
          <Place place={place} runId={run_id} />
        ))}
      </ol>
    </>
  );
}

type PlaceProps = Readonly<{ place: CitationPlace; runId: string }>;

function Place({ place, runId }: PlaceProps): JSX.Element {
  const { artifact_id, type, sha256, function_id, function_name } = place;
  return (
    <li>
      <a href={placeAddressOf(place)} safe>
        {placeInWords(place)}
      </a>
      <dl class="facts origin">
        <div>
          <dt>artifact</dt>
          <dd>
            <a href={`/artifacts/${artifact_id}`} safe>
              {type}
            </a>
          </dd>
        </div>
        <div>
          <dt>made by</dt>
          <dd>
            <a href={`/runs/${runId}?step=${function_id}`} safe>
              {`step ${function_id} ${function_name}`}
            </a>
          </dd>
        </div>
        <div class="whole-row">
          <dt>sha256</dt>
          <dd>
            <Hash id={`copy-place-${type}`} sha256={sha256} />{" "}
            <a href={`/artifacts?sha256=${sha256}`}>in all runs</a>
          </dd>
        </div>
      </dl>
    </li>
  );
}

function placeInWords({ type, pointer, id, span }: CitationPlace): string {
  const range = span?.join("–");
  if (type === "memo") return `Memo, ${pointer}`;
  if (type === "chunk-index") return `Chunk ${id}, ${pointer ?? "not found"}`;
  if (type === "docir")
    return `Block ${id}, ${pointer ?? "not found"}, characters ${range ?? "unknown"} of the text`;
  return range === undefined ? "The document as it was received" : `Bytes ${range} of the document`;
}

/** The page of the artifact, at the place where it shows ranges. */
function placeAddressOf({ artifact_id, type, span }: CitationPlace): string {
  const address = addressOf(`/artifacts/${artifact_id}`, [
    [type === "raw" ? "bytes" : "span", span === null ? null : span.join("-")],
  ]);
  return span === null ? address : `${address}#cited`;
}
