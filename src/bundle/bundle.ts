import type { KeyObject } from "node:crypto";
import type { RunEvent } from "../domain/journal.ts";
import { buildBagFiles, buildTagManifest, bundleDigestOf } from "./bag.ts";
import { buildEnvelope } from "./dsse.ts";
import { buildLaterEvents } from "./later-events.ts";
import {
  ATTESTATIONS_FOLDER,
  type BundleEntry,
  type BundleFile,
  byPath,
  entryOf,
  REVIEWS,
  TAG_MANIFEST,
} from "./layout.ts";
import { buildReport } from "./report/report.tsx";
import { reportMemoOf } from "./report/report-memo.ts";
import { buildRoCrate } from "./ro-crate.ts";
import { type BundleSource, buildRunBundle } from "./run-bundle.ts";
import type { BundleValues } from "./shapes.ts";
import { buildStatement } from "./statement.ts";

/** A run as files that anyone can check without this program. `digest` names the whole: see `bundleDigestOf`. */
export type Bundle = Readonly<{ entries: readonly BundleEntry[]; digest: string }>;

/**
 * Builds the bundle of a run. The same run gives the same bytes in any process on any host, and in any later version.
 * @param payload the artifacts, at the paths of `artifactPathOf`
 * @param memo the parsed memo; null when the run has none
 * @param signingKey an Ed25519 key; null leaves the bundle unsigned
 */
export function buildBundle(
  source: BundleSource,
  payload: readonly BundleEntry[],
  memo: unknown,
  signingKey: KeyObject | null,
): Bundle {
  const course = buildRunBundle(source);
  const values = valuesOf(course);
  const tagFiles = [
    ...course,
    buildRoCrate(values),
    buildReport(values, reportMemoOf(memo)),
    ...buildLaterEvents(source.events),
  ];
  const bagFiles = buildBagFiles(values.manifest.run_id, payload);
  return seal([...payload, ...[...tagFiles, ...bagFiles].map(entryOf)], values, signingKey);
}

/**
 * The bundle of a run with later events than it had, and otherwise the same files.
 * @param course the files of the course in it
 */
export function replaceLaterEvents(
  entries: readonly BundleEntry[],
  course: readonly BundleFile[],
  events: readonly RunEvent[],
  signingKey: KeyObject | null,
): Bundle {
  const kept = entries.filter(
    ({ path }) => path !== REVIEWS && path !== TAG_MANIFEST && !path.startsWith(ATTESTATIONS_FOLDER),
  );
  return seal([...kept, ...buildLaterEvents(events).map(entryOf)], valuesOf(course), signingKey);
}

/** Adds what covers all other files: the tag manifest and the attestations. */
function seal(files: readonly BundleEntry[], values: BundleValues, signingKey: KeyObject | null): Bundle {
  const tagManifest = buildTagManifest(files);
  const digest = bundleDigestOf(tagManifest);
  // What has not ended cannot be attested.
  const statement = values.manifest.partial ? null : buildStatement(values, digest);
  const attestations: readonly BundleFile[] =
    statement === null
      ? []
      : [statement, ...(signingKey === null ? [] : [buildEnvelope(statement.bytes, signingKey)])];
  const entries = [...files, entryOf(tagManifest), ...attestations.map(entryOf)];
  return { entries: entries.sort(byPath), digest };
}

/** Parses what `buildRunBundle` has written, so its shapes are known. */
function valuesOf(course: readonly BundleFile[]): BundleValues {
  const parse = (name: string) =>
    JSON.parse(new TextDecoder().decode(course.find(({ path }) => path === name)?.bytes));
  return {
    manifest: parse("manifest.json"),
    artifacts: parse("artifacts.json"),
    timeline: parse("timeline.json"),
    toolIo: parse("tool-io.json"),
    workflowStatus: parse("workflow_status.json"),
  };
}
