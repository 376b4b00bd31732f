import { canonicalJson, canonicalJsonBytes } from "../../canonical-json.ts";
import { shortestMediaType } from "../../document/media-type.ts";
import { isRecord, readSerialized } from "../../domain/serialized.ts";
import { sha256Hex } from "../../sha256.ts";
import { buildBagFiles } from "../bag.ts";
import { findFirstDifference, shownValue } from "../json-difference.ts";
import { type BundleFile, CITATIONS, COURSE_FILES, PAYLOAD_FOLDER, REPORT } from "../layout.ts";
import { runRecordOf } from "../recorded-run.ts";
import { buildReport, hasEarlierLayout } from "../report/report.tsx";
import { buildRoCrate } from "../ro-crate.ts";
import { manifestOf } from "../run-bundle.ts";
import { timelineOf } from "../timeline.ts";
import { toolIoOf } from "../tool-io.ts";
import type { Finding } from "./check.ts";
import { type BundleContents, isJson, parseJson } from "./contents.ts";
import { compareCitations, readReportMemo } from "./memo-citations.ts";

/** False for a report of an earlier version of this program, which only the checksums cover; the result of the check says so. */
export function isReportComparable({ files }: BundleContents): boolean {
  const report = files.get(REPORT)?.read();
  return report === undefined || !hasEarlierLayout(report);
}

/**
 * Builds again what follows from other files of the bundle, and compares: so a field that was changed in one of them is found even
 * when every checksum was computed anew.
 */
export function checkDerived(contents: BundleContents): readonly Finding[] {
  const { values, files } = contents;
  const record = runRecordOf(contents);
  const json = (path: string, value: unknown) => ({ path, bytes: canonicalJsonBytes(value) });
  const { journal, effects } = values.toolIo;
  const { steps } = toolIoOf(record, [], true);
  const hashed = COURSE_FILES.filter((path) => path !== "manifest.json").map((path) => {
    const { size = 0, sha256 = "" } = files.get(path) ?? {};
    return { path, bytes: size, sha256 };
  });
  const payload = [...files.values()].filter(({ path }) => path.startsWith(PAYLOAD_FOLDER));
  const memo = readReportMemo(contents.artifactFile("memo"));
  const built: readonly BundleFile[] = [
    json("manifest.json", manifestOf({ record, partial: values.manifest.partial }, hashed)),
    json("timeline.json", timelineOf(record)),
    json("tool-io.json", { steps, effects, journal }),
    buildRoCrate(values),
    ...(isReportComparable(contents) ? [buildReport(values, memo)] : []),
    ...buildBagFiles(values.manifest.run_id, payload),
  ];
  return [
    ...built.flatMap((file) => compareFile(contents, file)),
    ...compareCitations(files.get(CITATIONS), contents.artifactFile("memo")),
    ...checkRequest(contents),
    ...checkReceipts(contents),
  ];
}

function compareFile({ files }: BundleContents, { path, bytes }: BundleFile): readonly Finding[] {
  const found = files.get(path)?.read();
  if (found === undefined || Buffer.compare(found, bytes) === 0) return [];
  const difference = isJson(path) ? findFirstDifference(parseJson(found), parseJson(bytes)) : null;
  if (difference === null) return [{ file: path, reason: "is not what follows from the other files" }];
  const { pointer, left, right } = difference;
  const reason = `is ${shownValue(left)}, and ${shownValue(right)} follows from the other files`;
  return [{ file: path, field: pointer, reason }];
}

/** The hash of the request is that of the request, and the workflow was started with it. */
function checkRequest({ values: { manifest, workflowStatus } }: BundleContents): readonly Finding[] {
  const { intent, args, payload_sha256 } = manifest.request;
  const found: Finding[] = [];
  if (payload_sha256 !== payloadSha256Of(intent, args)) {
    found.push({
      file: "manifest.json",
      field: "/request/payload_sha256",
      reason: "is not that of the request",
    });
  }
  const inputs = readSerialized(workflowStatus.inputs);
  const started = Array.isArray(inputs) && isRecord(inputs[0]) ? inputs[0].args : undefined;
  const difference = started === undefined ? null : findFirstDifference(started, args);
  if (difference !== null) {
    const field = `/request/args${difference.pointer}`;
    found.push({
      file: "manifest.json",
      field,
      reason: "is not what workflow_status.json says the run began with",
    });
  }
  return found;
}

/** The hash of a request covers the media type in its shortest form: see `hashPayload`. */
function payloadSha256Of(intent: string, args: Readonly<Record<string, unknown>>): string {
  const { media_type } = args;
  const shortest = typeof media_type === "string" ? shortestMediaType(media_type) : media_type;
  return sha256Hex(canonicalJson({ intent, args: { ...args, media_type: shortest } }));
}

/** Every receipt of an effect has the hash that the step of the side effect recorded, and is there when the step recorded one. */
function checkReceipts({ values: { manifest, toolIo }, operations }: BundleContents): readonly Finding[] {
  const recorded = operations
    .map(({ output }) => readSerialized(output))
    .filter((output): output is RecordedEffect => isRecord(output) && "receipt_sha256" in output);
  const indexed = toolIo.effects.map(({ effect_key, receipt }, index) => ({ effect_key, receipt, index }));
  const effects = Map.groupBy(indexed, ({ effect_key }) => effect_key);
  return recorded.flatMap(({ effect_key, receipt_sha256 }) => {
    // A fork has the record of the step from its parent, whose effect it was.
    const isOwn = String(effect_key).startsWith(`${manifest.run_id}:`);
    const missing = `has no receipt of ${effect_key}, which a step recorded`;
    const find = (field: string, reason: string) => [{ file: "tool-io.json", field, reason }];
    const named = effects.get(String(effect_key));
    if (named === undefined) return isOwn ? find("/effects", missing) : [];
    return named.flatMap(({ receipt, index }) => {
      const field = `/effects/${index}/receipt`;
      if (receipt === null) return isOwn ? find(field, missing) : [];
      if (sha256Hex(canonicalJsonBytes(receipt)) === receipt_sha256) return [];
      return find(field, "does not have the hash that its step recorded");
    });
  });
}

type RecordedEffect = Readonly<{ effect_key?: unknown; receipt_sha256: unknown }>;
