import { ARTIFACT_TYPES, VISIBILITIES } from "../../domain/artifact.ts";
import { formatBytes, shortRunId } from "../../projection/format.ts";
import type { ArtifactView } from "../../projection/run-view.ts";
import { addressAttribute, attribute } from "../attribute.ts";
import { HiddenFields } from "../hidden-fields.tsx";
import type { ViewerModel } from "../model.ts";
import { Ago } from "../moment.tsx";

type ListModel = Extract<ViewerModel, { kind: "list" }>;

/** `/artifacts`: the artifacts of all runs, newest first, grouped by run. */
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
        <caption class="visually-hidden">Artifacts of all runs, newest first, one row for each run</caption>
        <thead>
          <tr>
            <th scope="col">Title</th>
            <th scope="col">Artifacts</th>
            <th scope="col">Run</th>
            <th scope="col">Made</th>
          </tr>
        </thead>
        <tbody>
          {groupByRun(artifacts).map((group) => (
            <RunRow artifacts={group} nowEpochMs={nowEpochMs} />
          ))}
        </tbody>
      </table>
      {next === null ? (
        ""
      ) : (
        <p class="older">
          <a href={attribute(next)}>Older artifacts</a>
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
        value={attribute(filters.q)}
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
      <input type="hidden" name="type" value={attribute(filters.type)} />
      <HiddenFields fields={{ sha256: filters.sha256 }} />
      <button type="submit">Search</button>
    </form>
  );
}

function TypeLinks({ filters }: Pick<ListModel, "filters">): JSX.Element {
  return (
    <nav class="pages" aria-label="Type">
      {["", ...ARTIFACT_TYPES].map((type) => (
        <a
          href={addressAttribute("/artifacts", Object.entries({ ...filters, type }))}
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

type Group = readonly [ArtifactView, ...ArtifactView[]];

/** The artifacts of a run as one group, in the order in which the list first names each run. */
function groupByRun(artifacts: readonly ArtifactView[]): readonly Group[] {
  const groups = new Map<string, [ArtifactView, ...ArtifactView[]]>();
  for (const artifact of artifacts) {
    const group = groups.get(artifact.run_id);
    if (group === undefined) groups.set(artifact.run_id, [artifact]);
    else group.push(artifact);
  }
  return [...groups.values()];
}

type RunRowProps = Readonly<{ artifacts: Group; nowEpochMs: number }>;

/** The newest artifact of a run gives the title, which later steps know better, and is opened by it. */
function RunRow({ artifacts, nowEpochMs }: RunRowProps): JSX.Element {
  const [newest] = artifacts;
  return (
    <tr>
      <td>
        <a
          class="artifact-title"
          href={`/artifacts/${newest.id}`}
          title={attribute(newest.title)}
          dir="auto"
          safe
        >
          {newest.title}
        </a>
      </td>
      <td>
        <span class="kin">
          {ARTIFACT_TYPES.map((type) => artifacts.find((artifact) => artifact.type === type)).map(
            (artifact) => (artifact === undefined ? "" : <ArtifactLink artifact={artifact} />),
          )}
        </span>
      </td>
      <td>
        <a href={`/runs/${newest.run_id}`} title={newest.run_id}>
          <code safe>{shortRunId(newest.run_id)}</code>
        </a>
      </td>
      <td>
        <Ago epochMs={newest.created_at} nowEpochMs={nowEpochMs} />
      </td>
    </tr>
  );
}

function ArtifactLink({ artifact }: Readonly<{ artifact: ArtifactView }>): JSX.Element {
  const { id, type, bytes, sha256 } = artifact;
  return (
    <a href={`/artifacts/${id}`} title={`${formatBytes(bytes)}, sha256 ${sha256}`}>
      {type as "safe"}
    </a>
  );
}
