import { createPublicKey, type KeyObject, sign, verify } from "node:crypto";
import { canonicalJsonBytes } from "../canonical-json.ts";
import { type BundleFile, ENVELOPE } from "./layout.ts";
import type { Envelope } from "./shapes.ts";

/** The media type of an in-toto statement. */
export const IN_TOTO_TYPE = "application/vnd.in-toto+json";

const KEY_ID = /^ed25519:([A-Za-z0-9_-]{43})$/;

/**
 * `attestations/run.intoto.jsonl`: a DSSE envelope (https://github.com/secure-systems-lab/dsse) with one Ed25519 signature over
 * `statement`. An Ed25519 signature is a function of key and content, so it is the same bytes every time.
 */
export function buildEnvelope(statement: Uint8Array, privateKey: KeyObject): BundleFile {
  const envelope: Envelope = {
    payloadType: IN_TOTO_TYPE,
    payload: base64Of(statement),
    signatures: [
      {
        keyid: keyIdOf(createPublicKey(privateKey)),
        sig: base64Of(sign(null, preAuthEncoding(IN_TOTO_TYPE, statement), privateKey)),
      },
    ],
  };
  return { path: ENVELOPE, bytes: canonicalJsonBytes(envelope) };
}

/**
 * The id of a key is the key itself: `ed25519:` and its 32 bytes in base64url. So a signature can be compared with the key that it
 * names even when nobody has given a key from outside. That shows damage; who holds the key, it does not show.
 */
export function keyIdOf(publicKey: KeyObject): string {
  const { kty, crv, x } = publicKey.export({ format: "jwk" });
  if (kty !== "OKP" || crv !== "Ed25519" || x === undefined)
    throw new TypeError("The key is no Ed25519 key.");
  return `ed25519:${x}`;
}

/** The key that an id holds; null for another text. */
export function publicKeyOf(keyId: string): KeyObject | null {
  const [, x] = KEY_ID.exec(keyId) ?? [];
  if (x === undefined) return null;
  // The last digit of 32 bytes in base64url has two bits without meaning.
  if (Buffer.from(x, "base64url").toString("base64url") !== x) return null;
  return createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x }, format: "jwk" });
}

/** Whether the signature over `payload` is by `publicKey`. */
export function isSignedBy(
  publicKey: KeyObject,
  payloadType: string,
  payload: Uint8Array,
  signature: Uint8Array,
): boolean {
  return verify(null, preAuthEncoding(payloadType, payload), publicKey, signature);
}

/** What DSSE signs: the type and the payload, each with its length in bytes. */
export function preAuthEncoding(payloadType: string, payload: Uint8Array): Uint8Array {
  const typeLength = Buffer.byteLength(payloadType);
  return Buffer.concat([Buffer.from(`DSSEv1 ${typeLength} ${payloadType} ${payload.length} `), payload]);
}

function base64Of(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("base64");
}
