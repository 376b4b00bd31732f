import { ARTIFACT_TYPES, VISIBILITIES } from "../../domain/artifact.ts";
import { formatAgo, formatBytes, formatInstant, shortHash, shortRunId } from "../../projection/format.ts";
import { addressOf } from "../../projection/page-params.ts";
import type { ArtifactView } from "../../projection/run-view.ts";
import type { ViewerModel } from "../model.ts";

type ListModel = Extract<ViewerModel, { kind: "list" }>;

/** `/artifacts`: the artifacts of all runs, newest first. */
export function AllArtifacts({ model }: Readonly<{ model: ListModel }>): JSX.Element {
  const { filters, artifacts, next, nowEpochMs } = model;
  return (
    <>
      <SearchForm filters={filters} />
      <TypeLinks filters={filters} />
      {filters.sha256 === "" ? (
        ""
      ) : (
        <p class="quiet">
          Artifacts that have the bytes of this sha256, or were made from them:{" "}
          <code safe>{filters.sha256}</code>
        </p>
      )}
      {artifacts.length === 0 ? <NoArtifacts filters={filters} /> : ""}
      <table class="all-artifacts">
        <caption class="visually-hidden">Artifacts of all runs, newest first</caption>
        <thead>
          <tr>
            <th scope="col">Type</th>
            <th scope="col">Title</th>
            <th scope="col">Size</th>
            <th scope="col">sha256</th>
            <th scope="col">Run</th>
            <th scope="col">Made</th>
          </tr>
        </thead>
        <tbody>
          {artifacts.map((artifact) => (
            <ArtifactRow artifact={artifact} nowEpochMs={nowEpochMs} />
          ))}
        </tbody>
      </table>
      {next === null ? (
        ""
      ) : (
        <p class="older">
          <a href={next}>Older artifacts</a>
        </p>
      )}
    </>
  );
}

/** A GET form; a hidden field keeps the chosen type. */
function SearchForm({ filters }: Pick<ListModel, "filters">): JSX.Element {
  return (
    <form class="filters" method="get" action="/artifacts" aria-label="Search the artifacts">
      <input
        id="artifacts-text"
        type="search"
        name="q"
        value={filters.q.replaceAll("&", "&amp;")}
        maxlength="200"
        placeholder="Title or run id"
        aria-label="Title or run id"
      />
      <select id="artifacts-visibility" name="visibility" aria-label="Visibility">
        {["", ...VISIBILITIES].map((visibility) => (
          <option value={visibility} selected={filters.visibility === visibility}>
            {(visibility === "" ? "any visibility" : visibility) as "safe"}
          </option>
        ))}
      </select>
      <input type="hidden" name="type" value={filters.type.replaceAll("&", "&amp;")} />
      {filters.sha256 === "" ? (
        ""
      ) : (
        <input type="hidden" name="sha256" value={filters.sha256.replaceAll("&", "&amp;")} />
      )}
      <button type="submit">Search</button>
    </form>
  );
}

function TypeLinks({ filters }: Pick<ListModel, "filters">): JSX.Element {
  return (
    <nav class="pages" aria-label="Type">
      {["", ...ARTIFACT_TYPES].map((type) => (
        <a
          href={addressOf("/artifacts", Object.entries({ ...filters, type }))}
          aria-current={filters.type === type ? "page" : undefined}
        >
          {(type === "" ? "all types" : type) as "safe"}
        </a>
      ))}
    </nav>
  );
}

function NoArtifacts({ filters }: Pick<ListModel, "filters">): JSX.Element {
  const isFiltered = Object.values(filters).some((value) => value !== "");
  return (
    <p class="empty quiet">
      {isFiltered ? "No artifact matches this search." : "There are no artifacts yet."}
    </p>
  );
}

type ArtifactRowProps = Readonly<{ artifact: ArtifactView; nowEpochMs: number }>;

function ArtifactRow({ artifact, nowEpochMs }: ArtifactRowProps): JSX.Element {
  return (
    <tr>
      <td>
        <a href={`/artifacts/${artifact.id}`}>{artifact.type as "safe"}</a>
      </td>
      <td dir="auto" title={artifact.title} safe>
        {artifact.title}
      </td>
      <td class="number" safe>
        {formatBytes(artifact.bytes)}
      </td>
      <td>
        <code class="hash" title={`sha256 ${artifact.sha256}`} safe>
          {shortHash(artifact.sha256)}
        </code>
      </td>
      <td>
        <a href={`/runs/${artifact.run_id}`} title={artifact.run_id}>
          <code safe>{shortRunId(artifact.run_id)}</code>
        </a>
      </td>
      <td title={`${formatInstant(artifact.created_at)} UTC`} safe>
        {formatAgo(artifact.created_at, nowEpochMs)}
      </td>
    </tr>
  );
}
