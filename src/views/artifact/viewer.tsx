import type { ChunkIndex, Memo } from "../../document/schema.ts";
import { CHUNK_INDEX_SCHEMA, MEMO_SCHEMA } from "../../document/schema.ts";
import { ARTIFACTS } from "../../domain/artifact.ts";
import { DOCUMENT_WINDOW_SCHEMA, type DocumentWindow } from "../../projection/document-window.ts";
import { formatBytes } from "../../projection/format.ts";
import { RAW_WINDOW_SCHEMA, type RawWindow } from "../../projection/raw-window.ts";
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
      data-reading={model.kind === "artifact" && model.beside !== null ? "true" : undefined}
      hx-swap-oob={oob === true ? "true" : undefined}
      data-empty={model.kind === "empty" ? "true" : undefined}
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

/** On a wide screen the memo stays beside the document, and a citation replaces only `#source`. */
function OpenArtifact({ model }: Readonly<{ model: Opened }>): JSX.Element {
  const { meta } = model.detail;
  return (
    <>
      {model.beside === null ? (
        ""
      ) : (
        <aside class="reading-memo" aria-label="Memo" tabindex="0">
          <MemoView memo={model.beside} runId={meta.run_id} cited={model.place} isBeside />
        </aside>
      )}
      <section id="source" data-artifact={meta.id} aria-label={ARTIFACTS[meta.type].title} tabindex="0">
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
            {model.beside === null ? "" : <CloseLink runId={meta.run_id} />}
            <a class="button" href={`/ui/artifacts/${meta.id}/json`}>
              JSON
            </a>
            <a class="button" href={`/artifacts/${meta.id}/download`} download="">
              Download
            </a>
          </p>
        </header>
        <details class="origin-fold">
          <summary class="origin-line">
            <span safe>{originInWords(model.detail)}</span>
          </summary>
          <Provenance detail={model.detail} run={model.run} />
        </details>
        <Content {...model} />
      </section>
    </>
  );
}

/** From the document back to the run. */
function CloseLink({ runId }: Readonly<{ runId: string }>): JSX.Element {
  return (
    <a class="button wide-only" href={`/runs/${runId}`}>
      Show the run
    </a>
  );
}

function originInWords({ meta, prov }: Opened["detail"]): string {
  return `made by step ${prov.producer_function_id} ${prov.producer_step} · sha256 ${meta.sha256.slice(0, 12)}`;
}

/** Chooses the view by the schema in the content. */
function Content({ detail, place }: Opened): JSX.Element {
  const { meta, content } = detail;
  const shared = { runId: meta.run_id, artifactId: meta.id, place };
  if (content === null) return <TooLarge meta={meta} />;
  if (hasSchema<DocumentWindow>(content, DOCUMENT_WINDOW_SCHEMA))
    return <DocIRView window={content} artifactId={meta.id} pdfUrl={pdfUrlOf(content, meta)} />;
  if (hasSchema<ChunkIndex>(content, CHUNK_INDEX_SCHEMA)) return <Chunks index={content} {...shared} />;
  if (hasSchema<Memo>(content, MEMO_SCHEMA))
    return <MemoView memo={content} runId={meta.run_id} cited={place} isBeside={false} />;
  if (hasSchema<RawWindow>(content, RAW_WINDOW_SCHEMA)) return <Raw meta={meta} window={content} />;
  return <p class="empty quiet">This version of the program has no view for this artifact.</p>;
}

function pdfUrlOf({ source }: DocumentWindow, { run_id }: ArtifactView): string | null {
  return source.mediaType === "application/pdf" ? `/artifacts/${run_id}:raw/download` : null;
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
