import type { ChunkIndex, DocIR, Memo } from "../../document/schema.ts";
import { CHUNK_INDEX_SCHEMA, DOCIR_SCHEMA, MEMO_SCHEMA } from "../../document/schema.ts";
import { ARTIFACTS } from "../../domain/artifact.ts";
import { formatBytes } from "../../projection/format.ts";
import type { ArtifactView } from "../../projection/run-view.ts";
import type { ViewerModel } from "../model.ts";
import { ProblemNote } from "../problem.tsx";
import { AllArtifacts } from "./all-artifacts.tsx";
import { Chunks } from "./chunk-index.tsx";
import { CitationView } from "./citation.tsx";
import { DocIRView } from "./docir.tsx";
import { MemoView } from "./memo.tsx";
import { Provenance } from "./provenance.tsx";
import { Raw } from "./raw.tsx";

type Opened = Extract<ViewerModel, { kind: "artifact" }>;

/** `#artifact-view`: one artifact, one citation, or the list of all artifacts. */
export function Viewer({ model, oob }: Readonly<{ model: ViewerModel; oob?: boolean }>): JSX.Element {
  return (
    <article
      id="artifact-view"
      data-artifact={model.kind === "artifact" ? model.detail.meta.id : undefined}
      hx-swap-oob={oob === true ? "true" : undefined}
      {...reloadAttributes(model)}
    >
      {model.kind === "empty" ? <Hint text="Choose an artifact to read it here." /> : ""}
      {model.kind === "pending" ? <Hint text="The memo opens here when the run is done." /> : ""}
      {model.kind === "problem" ? <ProblemNote problem={model.problem} /> : ""}
      {model.kind === "list" ? <AllArtifacts model={model} /> : ""}
      {model.kind === "citation" ? <CitationView lineage={model.lineage} /> : ""}
      {model.kind === "artifact" ? <OpenArtifact model={model} /> : ""}
    </article>
  );
}

/** A pending memo is read when its run ends; after a transient problem the viewer retries every three seconds. */
function reloadAttributes(model: ViewerModel) {
  const reload = (address: string, trigger: string) =>
    ({ "hx-get": address, "hx-trigger": trigger, "hx-swap": "outerHTML" }) as const;
  if (model.kind === "pending") return reload(`/ui/runs/${model.runId}/memo`, "run-ended from:body");
  if (model.kind === "problem" && model.problem.transient) return reload(model.retry, "every 3s");
  return {};
}

function Hint({ text }: Readonly<{ text: string }>): JSX.Element {
  return (
    <p class="empty quiet" safe>
      {text}
    </p>
  );
}

function OpenArtifact({ model }: Readonly<{ model: Opened }>): JSX.Element {
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
      <Provenance detail={model.detail} run={model.run} />
      <Content {...model} />
    </>
  );
}

/** Chooses the view by the schema in the content. Content without a known schema is shown as text. */
function Content({ detail, place }: Opened): JSX.Element {
  const { meta, content } = detail;
  const shared = { runId: meta.run_id, artifactId: meta.id, place };
  if (content === null) return <TooLarge meta={meta} />;
  if (hasSchema<DocIR>(content, DOCIR_SCHEMA)) return <DocIRView docir={content} {...shared} />;
  if (hasSchema<ChunkIndex>(content, CHUNK_INDEX_SCHEMA)) return <Chunks index={content} {...shared} />;
  if (hasSchema<Memo>(content, MEMO_SCHEMA)) return <MemoView memo={content} {...shared} />;
  return <Raw detail={detail} place={place} />;
}

/** The name is enough: the API validates content when it is stored and checks its hash when it is read. */
function hasSchema<Value extends { schema: string }>(
  content: unknown,
  schema: Value["schema"],
): content is Value {
  return typeof content === "object" && content !== null && "schema" in content && content.schema === schema;
}

function TooLarge({ meta }: Readonly<{ meta: ArtifactView }>): JSX.Element {
  return (
    <p class="empty quiet">
      This artifact has <span safe>{formatBytes(meta.bytes)}</span>, which is too large for a page.{" "}
      <a href={`/artifacts/${meta.id}/download`}>Download it</a> to read it.
    </p>
  );
}
