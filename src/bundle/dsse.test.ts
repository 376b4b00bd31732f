import assert from "node:assert/strict";
import { createPublicKey, generateKeyPairSync, verify } from "node:crypto";
import { describe, test } from "node:test";
import { buildEnvelope, isSignedBy, keyIdOf, preAuthEncoding, publicKeyOf } from "./dsse.ts";

/** The example of the DSSE specification: https://github.com/secure-systems-lab/dsse/blob/master/protocol.md */
const VECTOR = {
  payloadType: "http://example.com/HelloWorld",
  payload: Buffer.from("hello world"),
  encoding: "DSSEv1 29 http://example.com/HelloWorld 11 hello world",
  x: 46950820868899156662930047687818585632848591499744589407958293238635476079160n,
  y: 5640078356564379163099075877009565129882514886557779369047442380624545832820n,
  signature: "A3JqsQGtVsJ2O2xqrI5IcnXip5GToJ3F+FnZ+O88SjtR6rDAajabZKciJTfUiHqJPcIAriEGAHTVeCUjW2JIZA==",
};

const base64url = (value: bigint) =>
  Buffer.from(value.toString(16).padStart(64, "0"), "hex").toString("base64url");

describe("the DSSE encoding", () => {
  test("is that of the specification", () => {
    const encoded = preAuthEncoding(VECTOR.payloadType, VECTOR.payload);
    assert.equal(Buffer.from(encoded).toString(), VECTOR.encoding);
    assert.equal(Buffer.from(preAuthEncoding("é", Buffer.from("é"))).toString(), "DSSEv1 2 é 2 é");
  });

  test("is what the signature of the specification was made over", () => {
    const key = { kty: "EC", crv: "P-256", x: base64url(VECTOR.x), y: base64url(VECTOR.y) };
    const encoded = preAuthEncoding(VECTOR.payloadType, VECTOR.payload);
    const publicKey = createPublicKey({ key, format: "jwk" });
    const signature = Buffer.from(VECTOR.signature, "base64");
    assert.ok(verify("sha256", encoded, { key: publicKey, dsaEncoding: "ieee-p1363" }, signature));
  });
});

describe("an envelope", () => {
  const { privateKey, publicKey } = generateKeyPairSync("ed25519");
  const statement = Buffer.from('{"a":1}\n');

  test("holds the payload and a signature over both type and payload", () => {
    const { payload, payloadType, signatures } = JSON.parse(
      Buffer.from(buildEnvelope(statement, privateKey).bytes).toString(),
    );
    assert.deepEqual(Buffer.from(payload, "base64"), statement);
    const signature = Buffer.from(signatures[0].sig, "base64");
    assert.ok(isSignedBy(publicKey, payloadType, statement, signature));
    assert.ok(!isSignedBy(publicKey, "text/plain", statement, signature));
    assert.ok(!isSignedBy(publicKey, payloadType, Buffer.from("{}\n"), signature));
  });

  test("names its key by the key itself", () => {
    const named = publicKeyOf(keyIdOf(publicKey));
    assert.ok(named?.equals(publicKey));
    for (const id of ["", "ed25519:", keyIdOf(publicKey).slice(0, -1), `${keyIdOf(publicKey)}A`]) {
      assert.equal(publicKeyOf(id), null, id);
    }
    assert.throws(() => keyIdOf(generateKeyPairSync("x25519").publicKey), /no Ed25519/);
  });
});
