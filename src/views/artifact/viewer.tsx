import type { ChunkIndex, DocIR, Memo } from "../../document/schema.ts";
import { CHUNK_INDEX_SCHEMA, DOCIR_SCHEMA, MEMO_SCHEMA } from "../../document/schema.ts";
import { ARTIFACT_TYPES, ARTIFACTS, VISIBILITIES } from "../../domain/artifact.ts";
import {
  formatAgo,
  formatBytes,
  formatDuration,
  formatInstant,
  shortHash,
  shortRunId,
} from "../../projection/format.ts";
import { type Lineage, lineageOf } from "../../projection/lineage.ts";
import { addressOf } from "../../projection/page-params.ts";
import type { ArtifactView } from "../../projection/run-view.ts";
import { Hash } from "../copy.tsx";
import type { ViewerModel } from "../model.ts";
import { ProblemNote } from "../problem.tsx";
import { Chunks } from "./chunk-index.tsx";
import { DocIRView } from "./docir.tsx";
import { MemoView } from "./memo.tsx";
import { Raw } from "./raw.tsx";

type Opened = Extract<ViewerModel, { kind: "artifact" }>;
type Listed = Extract<ViewerModel, { kind: "list" }>;

/** `#artifact-view`: one artifact, read by a person. */
export function Viewer({ model, oob }: { model: ViewerModel; oob?: boolean }): JSX.Element {
  return (
    <article
      id="artifact-view"
      data-artifact={model.kind === "artifact" ? model.detail.meta.id : undefined}
      hx-swap-oob={oob === true ? "true" : undefined}
      {...askAgain(model)}
    >
      {model.kind === "empty" ? <Empty awaited={model.awaited} /> : ""}
      {model.kind === "problem" ? <ProblemNote problem={model.problem} /> : ""}
      {model.kind === "list" ? <AllArtifacts model={model} /> : ""}
      {model.kind === "artifact" ? <Open model={model} /> : ""}
    </article>
  );
}

/** A memo that is awaited comes when its run has ended; what a passing problem keeps away is asked for until it is there. */
function askAgain(model: ViewerModel) {
  const itself = (address: string, trigger: string) =>
    ({ "hx-get": address, "hx-trigger": trigger, "hx-swap": "outerHTML" }) as const;
  if (model.kind === "empty" && model.awaited) {
    return itself(`/ui/runs/${model.runId}/memo`, "run-ended from:body");
  }
  if (model.kind === "problem" && model.problem.transient) return itself(model.retry, "every 3s");
  return {};
}

function Empty({ awaited }: { awaited: boolean }): JSX.Element {
  return (
    <p class="empty quiet">
      {awaited ? "The memo opens here when the run is done." : "Choose an artifact to read it here."}
    </p>
  );
}

function Open({ model }: { model: Opened }): JSX.Element {
  const { meta } = model.detail;
  return (
    <>
      <header class="viewer-head">
        <h3>
          <span class="artifact-type" title={ARTIFACTS[meta.type].title}>
            {meta.type as "safe"}
          </span>{" "}
          <span dir="auto" safe>
            {meta.title}
          </span>
        </h3>
        <p class="viewer-links">
          <a class="button" href={`/ui/artifacts/${meta.id}/json`}>
            JSON
          </a>
          <a class="button" href={`/artifacts/${meta.id}/download`} download="">
            Download
          </a>
        </p>
      </header>
      <Origin model={model} />
      <Content {...model} />
    </>
  );
}

/** Where it came from, and what was made of it. */
function Origin({ model }: { model: Opened }): JSX.Element {
  const { meta, prov } = model.detail;
  const lineage = model.run === null ? null : lineageOf(meta, model.run);
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
      <Kin label="from" kin={lineage?.from ?? []} />
      <Kin label="into" kin={lineage?.into ?? []} />
      <div class="whole-row">
        <dt>sha256</dt>
        <dd>
          <Hash id="copy-artifact" sha256={meta.sha256} />
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
        <dt>took</dt>
        <dd safe>{meta.cost.duration_ms === null ? "–" : formatDuration(meta.cost.duration_ms)}</dd>
      </div>
    </dl>
  );
}

function recipeName(recipe: Readonly<Record<string, unknown>>): string {
  return [recipe.name, recipe.version].filter((part) => typeof part === "string").join(" ");
}

function Kin({ label, kin }: { label: string; kin: Lineage["from"] }): JSX.Element {
  if (kin.length === 0) return "";
  return (
    <div>
      <dt safe>{label}</dt>
      <dd class="kin">
        {kin.map(({ id, type }) => (
          <a href={`/artifacts/${id}`}>{type as "safe"}</a>
        ))}
      </dd>
    </div>
  );
}

/** The viewer for the schema that the bytes name; what no viewer knows is shown as it is. */
function Content({ detail, place, params }: Opened): JSX.Element {
  const { meta, content } = detail;
  const shared = { runId: meta.run_id, artifactId: meta.id, place, params };
  if (content === null) return <TooLarge meta={meta} />;
  if (isOf<DocIR>(content, DOCIR_SCHEMA)) return <DocIRView docir={content} {...shared} />;
  if (isOf<ChunkIndex>(content, CHUNK_INDEX_SCHEMA)) return <Chunks index={content} {...shared} />;
  if (isOf<Memo>(content, MEMO_SCHEMA)) return <MemoView memo={content} {...shared} />;
  return <Raw detail={detail} place={place} />;
}

/** What is stored under a schema's name was checked when it was made, and its hash when it was read. */
function TooLarge({ meta }: { meta: ArtifactView }): JSX.Element {
  return (
    <p class="empty quiet">
      <span safe>{formatBytes(meta.bytes)}</span> are more than a page can show.{" "}
      <a href={`/artifacts/${meta.id}/download`}>Download it</a> to read it.
    </p>
  );
}

function isOf<Value extends { schema: string }>(content: unknown, schema: Value["schema"]): content is Value {
  return typeof content === "object" && content !== null && "schema" in content && content.schema === schema;
}

/** `/artifacts`: what all runs have made, newest first. */
function AllArtifacts({ model }: { model: Listed }): JSX.Element {
  const { filters } = model;
  return (
    <>
      <Search filters={filters} />
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
      {model.artifacts.length === 0 ? <NoArtifacts filters={filters} /> : ""}
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
          {model.artifacts.map((artifact) => (
            <ArtifactRow artifact={artifact} nowEpochMs={model.nowEpochMs} />
          ))}
        </tbody>
      </table>
      {model.next === null ? (
        ""
      ) : (
        <p class="older">
          <a href={model.next}>Older artifacts</a>
        </p>
      )}
    </>
  );
}

/** A form of the page's own address: what it does not ask for itself, it keeps. */
function Search({ filters }: Pick<Listed, "filters">): JSX.Element {
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
      <button type="submit">Search</button>
    </form>
  );
}

function NoArtifacts({ filters }: Pick<Listed, "filters">): JSX.Element {
  const isFiltered = Object.values(filters).some((value) => value !== "");
  return <p class="empty quiet">{isFiltered ? "None of this kind." : "None yet."}</p>;
}

function ArtifactRow({ artifact, nowEpochMs }: { artifact: ArtifactView; nowEpochMs: number }): JSX.Element {
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
