import type { KeyObject } from "node:crypto";
import { IN_TOTO_TYPE, isSignedBy, keyIdOf, publicKeyOf } from "../dsse.ts";
import { ENVELOPE, STATEMENT, TAG_MANIFEST } from "../layout.ts";
import { type Envelope, envelopeSchema } from "../shapes.ts";
import { buildStatement } from "../statement.ts";
import type { Finding } from "./check.ts";
import { type BundleContents, parseJson, type ReadFile } from "./contents.ts";

/** The statement is the one that follows from the bundle. */
export function checkStatement({ files, values }: BundleContents): readonly Finding[] {
  const file = files.get(STATEMENT);
  if (file === undefined) return [];
  const { bytes } = buildStatement(values, files.get(TAG_MANIFEST)?.sha256 ?? "");
  return Buffer.compare(file.read(), bytes) === 0
    ? []
    : [{ file: STATEMENT, reason: "is not about this bundle" }];
}

export type SignatureResult = Readonly<{ findings: readonly Finding[]; says: string; keyId: string | null }>;

/**
 * Checks the envelope against the keys that were given from outside; one of them must have signed. Without keys, against the key that
 * it names itself, which shows damage and not who signed.
 */
export function checkSignature(
  files: ReadonlyMap<string, ReadFile>,
  keys: readonly KeyObject[],
): SignatureResult {
  const file = files.get(ENVELOPE);
  if (file === undefined) {
    const findings =
      keys.length === 0 ? [] : [{ file: ENVELOPE, reason: "is missing: the bundle is not signed" }];
    return { findings, says: "the bundle is not signed", keyId: null };
  }
  const failed = (reason: string, field?: string): SignatureResult => ({
    findings: [field === undefined ? { file: ENVELOPE, reason } : { file: ENVELOPE, field, reason }],
    says: "",
    keyId: null,
  });
  const envelope = envelopeSchema.safeParse(parseJson(file.read())).data;
  const signature = envelope?.signatures[0];
  const isCanonical = file.fault === null && envelope !== undefined && hasOneSpelling(envelope);
  if (!isCanonical || signature === undefined) {
    return failed("is no envelope with one signature");
  }
  const payload = Buffer.from(envelope.payload, "base64");
  if (!payload.equals(files.get(STATEMENT)?.read() ?? new Uint8Array())) {
    return failed(`is not the bytes of ${STATEMENT}`, "/payload");
  }
  const { keyid } = signature;
  const named = publicKeyOf(keyid);
  if (named === null) return failed("is no Ed25519 key", "/signatures/0/keyid");
  if (!isSignedBy(named, IN_TOTO_TYPE, payload, Buffer.from(signature.sig, "base64"))) {
    return failed("is not by the key that it names", "/signatures/0/sig");
  }
  if (keys.length === 0) {
    return { findings: [], says: `signed by ${keyid}; give --key to know whose key that is`, keyId: keyid };
  }
  if (!keys.some((key) => keyIdOf(key) === keyid)) {
    return failed(`is by ${keyid}, which is none of the keys that were given`, "/signatures/0/keyid");
  }
  return { findings: [], says: `signed by ${keyid}, a key that was given`, keyId: keyid };
}

/** Base64 has several spellings for some bytes; only the one that was written is accepted. */
function hasOneSpelling({ payload, signatures }: Envelope): boolean {
  return [payload, ...signatures.map(({ sig }) => sig)].every(
    (text) => Buffer.from(text, "base64").toString("base64") === text,
  );
}
