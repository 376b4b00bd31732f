import type { KeyObject } from "node:crypto";
import type { Erasure } from "../../domain/run-record.ts";
import { isRecord } from "../../domain/serialized.ts";
import { ENVELOPE, TAG_MANIFEST } from "../layout.ts";
import { recordedErasureOf } from "../recorded-run.ts";
import { checkArtifacts } from "./artifacts.ts";
import { checkAttachments } from "./attachments.ts";
import { checkSignature, checkStatement } from "./attestations.ts";
import { checkChecksums, checkFiles } from "./bag.ts";
import { CHECKS, type CheckName, type CheckResult, type Finding } from "./check.ts";
import { checkCitations, citedIdsOf } from "./citations.ts";
import {
  type BundleContents,
  type BundleReader,
  parseContents,
  parseJson,
  type ReadFile,
  readFiles,
} from "./contents.ts";
import { checkDerived, isReportComparable } from "./derived.ts";
import { checkJournal } from "./journal.ts";
import { checkMarks } from "./marks.ts";

/** `altered`: a check of the contents failed. `unsigned`: only the check of the signature failed. */
export type Outcome = "sound" | "altered" | "unsigned";

export type Verification = Readonly<{
  outcome: Outcome;
  runId: string | null;
  /** The sha256 of the tag manifest, which names the bundle; null when there is none. */
  bundleDigest: string | null;
  /** The key that has signed; null when none has, or the signature is wrong. */
  keyId: string | null;
  /** The event that says that document and artifacts were erased; null when they were not. */
  erasure: Erasure | null;
  checks: readonly CheckResult[];
}>;

/** A verification, and for a bundle whose JSON could be read its contents. */
export type Verified = Readonly<{ verification: Verification; contents: BundleContents | null }>;

const DERIVED_WITHOUT_REPORT = `${CHECKS.derived}; report.html has the layout of an earlier version and was not built again to compare`;

const WITHOUT_ERASED =
  "document and artifacts were erased; their hashes in artifacts.json are those of the steps, and their bytes could not be checked";

/**
 * Checks a bundle from its files alone. Every file is read and hashed once, in parts, so that memory does not grow with the document.
 * @param keys the public keys of which one must have signed; none: a signature is not demanded
 */
export function verifyBundle(reader: BundleReader, keys: readonly KeyObject[] = []): Verified {
  const files = readFiles(reader, citedIdsOf);
  const canonical = canonicalFindings(files);
  // What is not canonical can be nested too deeply, or hold what no writer of this program writes.
  const { contents, findings: shapeFindings } =
    canonical.length === 0 ? parseContents(files) : { contents: null, findings: [] };
  const signature = checkSignature(files, keys);
  const check = (
    name: CheckName,
    findings: readonly Finding[],
    says: string = CHECKS[name],
  ): CheckResult => ({
    check: name,
    result: findings.length === 0 ? "passed" : "failed",
    says: findings.length === 0 ? says : "",
    findings,
  });
  const checkContents = (
    name: CheckName,
    work: (contents: BundleContents) => readonly Finding[],
    says?: string,
  ): CheckResult => (contents === null ? skipped(name) : check(name, work(contents), says));
  const hasComparableReport = contents === null || isReportComparable(contents);
  const isErased = contents !== null && contents.erasure.length > 0;
  const checks = [
    check("container", [...reader.faults, ...checksumFindings(files)]),
    check("files", checkFiles([...files.keys()], manifestOf(files))),
    check("checksums", checkChecksums(files)),
    check("canonical", canonical),
    canonical.length === 0 ? check("shapes", shapeFindings) : skipped("shapes"),
    checkContents("artifacts", checkHashes, isErased ? WITHOUT_ERASED : CHECKS.artifacts),
    checkContents("derived", checkDerived, hasComparableReport ? CHECKS.derived : DERIVED_WITHOUT_REPORT),
    checkContents("journal", checkJournal),
    checkContents("citations", checkCitations),
    checkContents("statement", checkStatement),
    check("signature", signature.findings, signature.says),
  ];
  return {
    contents,
    verification: {
      outcome: outcomeOf(checks),
      runId: contents?.values.manifest.run_id ?? null,
      bundleDigest: files.get(TAG_MANIFEST)?.sha256 ?? null,
      keyId: signature.keyId,
      erasure: contents === null ? null : recordedErasureOf(contents),
      checks,
    },
  };
}

function checkHashes(contents: BundleContents): readonly Finding[] {
  return [...checkArtifacts(contents), ...checkAttachments(contents), ...checkMarks(contents)];
}

function skipped(name: CheckName): CheckResult {
  return { check: name, result: "skipped", says: "what it reads was found wrong before", findings: [] };
}

function outcomeOf(checks: readonly CheckResult[]): Outcome {
  const failed = checks.filter(({ result }) => result !== "passed");
  if (failed.length === 0) return "sound";
  return failed.every(({ check }) => check === "signature") ? "unsigned" : "altered";
}

function manifestOf(files: ReadonlyMap<string, ReadFile>): Readonly<{ partial: boolean }> | null {
  const manifest = parseJson(files.get("manifest.json")?.read() ?? new Uint8Array());
  return isRecord(manifest) && typeof manifest.partial === "boolean" ? { partial: manifest.partial } : null;
}

function checksumFindings(files: ReadonlyMap<string, ReadFile>): readonly Finding[] {
  return [...files.values()]
    .filter(({ wrongCrc32 }) => wrongCrc32 !== null)
    .map(({ path }) => ({ file: path, field: "crc32", reason: "is not that of the bytes" }));
}

/** The envelope is left to the check of the signature. */
function canonicalFindings(files: ReadonlyMap<string, ReadFile>): readonly Finding[] {
  return [...files.values()].flatMap(({ path, fault }) =>
    fault === null || path === ENVELOPE
      ? []
      : [{ file: path, field: `byte ${fault.offset}`, reason: fault.reason }],
  );
}
