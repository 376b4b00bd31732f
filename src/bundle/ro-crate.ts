import { canonicalJsonBytes } from "../canonical-json.ts";
import { artifactPathOf, type BundleFile, COURSE_FILES, REPORT, RO_CRATE } from "./layout.ts";
import type { ArtifactEntry, BundleValues, TimelineStep } from "./shapes.ts";
import { isoOf } from "./statement.ts";

const CONTEXT = "https://w3id.org/ro/crate/1.1/context";
const RO_CRATE_SPEC = "https://w3id.org/ro/crate/1.1";
const PROCESS_RUN_PROFILE = "https://w3id.org/ro/wfrun/process/0.5";

type Node = Readonly<Record<string, unknown>>;

/**
 * `ro-crate-metadata.json`: the run in the terms of RO-Crate 1.1 and its profile Process Run Crate, for tools that know those. One
 * CreateAction for each step. It is a view: everything in it is also in another file of the bundle.
 */
export function buildRoCrate(values: BundleValues): BundleFile {
  const graph = [
    {
      "@id": RO_CRATE,
      "@type": "CreativeWork",
      about: { "@id": "./" },
      conformsTo: { "@id": RO_CRATE_SPEC },
    },
    rootOf(values),
    {
      "@id": PROCESS_RUN_PROFILE,
      "@type": "CreativeWork",
      name: "Process Run Crate",
      version: "0.5",
    },
    ...values.artifacts.map(fileOf),
    ...COURSE_FILES.map((path) => ({ "@id": path, "@type": "File", encodingFormat: "application/json" })),
    { "@id": REPORT, "@type": "File", encodingFormat: "text/html" },
    ...values.timeline.flatMap((step) => [toolOf(step, values), actionOf(step, values)]),
  ];
  return { path: RO_CRATE, bytes: canonicalJsonBytes({ "@context": CONTEXT, "@graph": graph }) };
}

function rootOf({ manifest, artifacts, timeline, workflowStatus }: BundleValues): Node {
  const present = artifacts.filter(({ erased }) => !erased);
  const paths = [...present.map(entityIdOf), ...COURSE_FILES, REPORT];
  return {
    "@id": "./",
    "@type": "Dataset",
    name: `Run ${manifest.run_id}`,
    description: `The document run ${manifest.run_id}: its steps, artifacts and citations. DBOS status ${manifest.dbos_status}.`,
    identifier: manifest.run_id,
    datePublished: isoOf(workflowStatus.completed_at ?? workflowStatus.created_at),
    license: "Not stated. The rights to the document are those of its owner.",
    conformsTo: { "@id": PROCESS_RUN_PROFILE },
    hasPart: paths.map((path) => ({ "@id": path })),
    mentions: timeline.map((step) => ({ "@id": actionIdOf(step) })),
  };
}

/** What was erased is no file of the crate. */
function entityIdOf({ id, erased }: ArtifactEntry): string {
  return erased ? `#erased-${id}` : artifactPathOf(id);
}

function fileOf(artifact: ArtifactEntry): Node {
  const { title, media_type, bytes, sha256, erased } = artifact;
  return {
    "@id": entityIdOf(artifact),
    "@type": erased ? "CreativeWork" : "File",
    name: title,
    encodingFormat: media_type,
    contentSize: String(bytes),
    sha256,
  };
}

function toolOf(step: TimelineStep, { manifest, artifacts }: BundleValues): Node {
  const made = artifacts.find(({ prov }) => prov.producer_function_id === step.function_id);
  const { name, version } = made?.prov.recipe ?? {};
  return {
    "@id": toolIdOf(step),
    "@type": "SoftwareApplication",
    name: typeof name === "string" ? name : step.function_name,
    softwareVersion:
      typeof version === "string" ? version : (manifest.workflow.application_version ?? "unknown"),
  };
}

function actionOf(step: TimelineStep, { artifacts }: BundleValues): Node {
  const { started_at_epoch_ms: start, completed_at_epoch_ms: end, error, io_hashes } = step;
  return {
    "@id": actionIdOf(step),
    "@type": "CreateAction",
    name: step.function_name,
    instrument: { "@id": toolIdOf(step) },
    object: artifactsWith(artifacts, io_hashes.in),
    result: artifacts
      .filter(({ prov }) => prov.producer_function_id === step.function_id)
      .map((artifact) => ({ "@id": entityIdOf(artifact) })),
    ...(start === null ? {} : { startTime: isoOf(start) }),
    ...(end === null ? {} : { endTime: isoOf(end) }),
    actionStatus: {
      "@id": `http://schema.org/${error === null ? "CompletedActionStatus" : "FailedActionStatus"}`,
    },
    ...(error === null ? {} : { error: error.code }),
  };
}

function artifactsWith(artifacts: readonly ArtifactEntry[], hashes: readonly string[]): readonly Node[] {
  return artifacts
    .filter(({ sha256 }) => hashes.includes(sha256))
    .map((artifact) => ({ "@id": entityIdOf(artifact) }));
}

function actionIdOf({ function_id }: TimelineStep): string {
  return `#step-${function_id}`;
}

function toolIdOf({ function_id }: TimelineStep): string {
  return `#tool-${function_id}`;
}
