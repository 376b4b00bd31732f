import { z } from "zod";
import { decodeTransfer } from "../../document/mail/part-bytes.ts";
import { type Attachment, attachmentSchema } from "../../document/schema.ts";
import { attachmentRunId, type RecordedAttachments, recordedAttachmentsIn } from "../../domain/attachment.ts";
import { isRecord, readSerialized } from "../../domain/serialized.ts";
import { sha256Hex } from "../../sha256.ts";
import { artifactPathOf } from "../layout.ts";
import type { Finding } from "./check.ts";
import type { BundleContents } from "./contents.ts";

const OPERATIONS = "operation_outputs.json";
const DOCIR = artifactPathOf("docir");

/**
 * The attachments of a mail: docir and the record of its step say the same of them, their bytes are in the mail, and the ids of their
 * runs follow from that of the mail. The document of an attachment: its own id follows from the mail that it names.
 */
export function checkAttachments(contents: BundleContents): readonly Finding[] {
  const recorded = recordedAttachmentsIn(contents.operations);
  return [
    ...checkOrigin(contents),
    ...(recorded === null ? [] : checkRunIds(contents, recorded)),
    ...checkDocIR(contents, recorded),
  ];
}

function checkOrigin({ values: { manifest } }: BundleContents): readonly Finding[] {
  const { attachment_of: origin, run_id } = manifest;
  if (origin === undefined || attachmentRunId({ runId: origin.run_id, n: origin.n }) === run_id) return [];
  const reason = `names attachment ${origin.n} of ${origin.run_id}, whose run has another id`;
  return [{ file: "manifest.json", field: "/attachment_of", reason }];
}

function checkRunIds(
  { values: { manifest } }: BundleContents,
  { started_by, list }: RecordedAttachments,
): readonly Finding[] {
  const find = (field: string, reason: string): Finding => ({ file: OPERATIONS, field, reason });
  const isFork = manifest.workflow.forked_from !== null;
  /** The same bytes have one run, that of the first attachment with them. */
  const firstOf = new Map<string, number>();
  for (const { n, run_id, sha256 } of list)
    if (run_id !== null && !firstOf.has(sha256)) firstOf.set(sha256, n);
  return [
    ...(isFork || started_by === manifest.run_id
      ? []
      : [find("/attachments/started_by", `is ${started_by}, and the run is no fork`)]),
    ...list.flatMap(({ n, run_id, sha256 }) => {
      const first = firstOf.get(sha256) ?? n;
      const isOwn = run_id === null || run_id === attachmentRunId({ runId: started_by, n: first });
      return isOwn
        ? []
        : [find(`/attachments/${n}/run_id`, `is ${run_id}, which is not the run of attachment ${first}`)];
    }),
  ];
}

function checkDocIR(contents: BundleContents, recorded: RecordedAttachments | null): readonly Finding[] {
  if (contents.artifactFile("docir") === null) return [];
  const find = (field: string, reason: string): Finding => ({ file: DOCIR, field, reason });
  const parsed = z.array(attachmentSchema).safeParse(contents.artifactMember("docir", "attachments") ?? []);
  if (!parsed.success) return [find("/attachments", "has another shape")];
  const attachments = parsed.data;
  // So that each byte of the mail is decoded once, however many attachments a bundle claims.
  const overlapping = attachments.find(({ span }, index) => span[0] < (attachments[index - 1]?.span[1] ?? 0));
  if (overlapping !== undefined)
    return [find(`/attachments/${overlapping.n}`, "overlaps the one before it in the mail")];
  const findings = attachments.flatMap((attachment) =>
    hasItsBytes(contents, attachment)
      ? []
      : [find(`/attachments/${attachment.n}`, "is not what the bytes of the mail say")],
  );
  const byNumber = new Map(attachments.map((attachment) => [attachment.n, attachment]));
  // The output of a step can have been damaged by hand, and then says nothing.
  if (recorded === null && !saysNothing(contents) && attachments.length > 0)
    findings.push(find("/attachments", "are not in the record of the step"));
  for (const { n, sha256, bytes } of recorded?.list ?? []) {
    const named = byNumber.get(n);
    if (named?.sha256 === sha256 && named.bytes === bytes) continue;
    findings.push(find(`/attachments/${n}`, "is not what the record of the step says"));
  }
  return findings;
}

function hasItsBytes(contents: BundleContents, { span, encoding, sha256, bytes }: Attachment): boolean {
  const encoded = contents.artifactFile("raw")?.readRange(...span) ?? new Uint8Array();
  const content = decodeTransfer(encoded, encoding);
  return content.length === bytes && sha256Hex(content) === sha256;
}

function saysNothing({ operations }: BundleContents): boolean {
  const step = operations.find(({ function_name }) => function_name === "docir");
  return !isRecord(readSerialized(step?.output ?? null));
}

/** What a bundle says of its place among mails and attachments. */
export type AttachmentLinks = Readonly<{
  runId: string;
  rawSha256: string | null;
  /** The runs of its attachments, with the hash of the document of each. */
  attachments: ReadonlyMap<string, string>;
}>;

export function attachmentLinksOf({ values: { manifest, artifacts } }: BundleContents): AttachmentLinks {
  return {
    runId: manifest.run_id,
    rawSha256: artifacts.find(({ id }) => id === "raw")?.sha256 ?? null,
    attachments: new Map((manifest.attachments ?? []).map(({ run_id, sha256 }) => [run_id, sha256])),
  };
}

/** Of bundles that are each sound, the attachments whose run has another document than the mail says. */
export function findBrokenLinks(
  bundles: readonly AttachmentLinks[],
): readonly Readonly<{ mail: string; runId: string }>[] {
  const documents = new Map(bundles.map(({ runId, rawSha256 }) => [runId, rawSha256]));
  return bundles.flatMap(({ runId: mail, attachments }) =>
    [...attachments].flatMap(([runId, sha256]) => {
      const document = documents.get(runId);
      return document == null || document === sha256 ? [] : [{ mail, runId }];
    }),
  );
}
