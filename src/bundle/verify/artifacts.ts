import { isRecord, readSerialized } from "../../domain/serialized.ts";
import { artifactPathOf, ERASURE, PAYLOAD_FOLDER } from "../layout.ts";
import type { ArtifactEntry } from "../shapes.ts";
import { payloadPathsOf } from "./bag.ts";
import type { Finding } from "./check.ts";
import type { BundleContents } from "./contents.ts";

const FILE = "artifacts.json";

/** Which field of a derived artifact names the hash of which other one. */
const REFERENCES: readonly (readonly [type: string, field: string, target: string])[] = [
  ["chunk-index", "docirSha", "docir"],
  ["memo", "docirSha", "docir"],
  ["memo", "chunkIndexSha", "chunk-index"],
];

/** The rows of the artifacts, the bytes under `data/`, the records of the steps and the artifacts themselves name the same hashes. */
export function checkArtifacts(contents: BundleContents): readonly Finding[] {
  const { artifacts, manifest } = contents.values;
  const payload = [...contents.files.keys()].filter((path) => path.startsWith(PAYLOAD_FOLDER)).sort();
  const expected = payloadPathsOf(artifacts.filter(({ erased }) => !erased).map(({ id }) => id));
  const raw = artifacts.find(({ id }) => id === "raw");
  const source = manifest.request.args.source_sha256;
  return [
    ...expected
      .filter((path) => !payload.includes(path))
      .map((file) => ({ file, reason: `is named in ${FILE} and is not there` })),
    ...payload
      .filter((path) => !expected.includes(path))
      .map((file) => ({ file, reason: `is not named in ${FILE}` })),
    ...checkErased(contents),
    ...artifacts.flatMap((artifact, index) => checkArtifact(contents, artifact, index)),
    ...(raw === undefined || source === undefined || source === raw.sha256
      ? []
      : [
          { file: "manifest.json", field: "/request/args/source_sha256", reason: "is not the sha256 of raw" },
        ]),
    ...checkReferences(contents),
  ];
}

/** A run is erased as a whole, and an event says so. */
function checkErased({ values: { artifacts }, erasure }: BundleContents): readonly Finding[] {
  return artifacts.flatMap(({ erased }, index) => {
    if ((erased === true) === erasure.length > 0) return [];
    const reason = erased
      ? `says that it was erased, and there is no ${ERASURE}`
      : `is not said to be erased, and there is ${ERASURE}`;
    return [{ file: FILE, field: `/${index}/erased`, reason }];
  });
}

function checkArtifact(
  { values, files, operations }: BundleContents,
  artifact: ArtifactEntry,
  index: number,
): readonly Finding[] {
  const { id, sha256, bytes, prov } = artifact;
  const field = (name: string) => ({ file: FILE, field: `/${index}/${name}` });
  const findings: Finding[] = [];
  const file = files.get(artifactPathOf(id));
  if (file !== undefined && file.sha256 !== sha256) {
    findings.push({ ...field("sha256"), reason: `is not that of ${file.path}, which is ${file.sha256}` });
  }
  if (file !== undefined && file.size !== bytes) {
    findings.push({ ...field("bytes"), reason: `is ${bytes}, and ${file.path} has ${file.size} bytes` });
  }
  if (values.artifacts.findIndex((other) => other.id === id) !== index) {
    findings.push({ ...field("id"), reason: `is named twice: ${id}` });
  }
  const known = values.artifacts.map((other) => other.sha256);
  for (const input of prov.inputs.filter((hash) => !known.includes(hash))) {
    findings.push({ ...field("prov/inputs"), reason: `names ${input}, which is no artifact of the bundle` });
  }
  const step = operations.find(({ function_id }) => function_id === prov.producer_function_id);
  if (step === undefined || step.function_name !== prov.producer_step) {
    findings.push({ ...field("prov/producer_function_id"), reason: "is no step of operation_outputs.json" });
    return findings;
  }
  // The output of a step can have been damaged by hand, and then says nothing.
  const output = readSerialized(step.output);
  if (isRecord(output) && typeof output.sha256 === "string" && output.sha256 !== sha256) {
    findings.push({
      ...field("sha256"),
      reason: `is not that of step ${step.function_id} in operation_outputs.json`,
    });
  }
  return findings;
}

function checkReferences(contents: BundleContents): readonly Finding[] {
  const shaOf = (type: string) => contents.files.get(artifactPathOf(type))?.sha256;
  const source = contents.artifactMember("docir", "source");
  const found = REFERENCES.filter(
    ([type, field, target]) =>
      contents.artifactFile(type) !== null && contents.artifactMember(type, field) !== shaOf(target),
  ).map(([type, field, target]) => ({
    file: artifactPathOf(type),
    field: `/${field}`,
    reason: `is not the sha256 of ${artifactPathOf(target)}`,
  }));
  const isOfRaw = isRecord(source) && source.sha256 === shaOf("raw");
  if (contents.artifactFile("docir") === null || isOfRaw) return found;
  const field = { file: artifactPathOf("docir"), field: "/source/sha256" };
  return [{ ...field, reason: `is not the sha256 of ${artifactPathOf("raw")}` }, ...found];
}
