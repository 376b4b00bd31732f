import assert from "node:assert/strict";
import { generateKeyPairSync, sign } from "node:crypto";
import { describe, test } from "node:test";
import { canonicalJson } from "../../canonical-json.ts";
import { derive } from "../../flow/derivation/derive.ts";
import { bundleFilesOf, memoryReader, resealed } from "../../testing/bundles.ts";
import { keyIdOf, preAuthEncoding } from "../dsse.ts";
import { type BundleFile, ENVELOPE, PAYLOAD_MANIFEST, STATEMENT, TAG_MANIFEST } from "../layout.ts";
import { reproduceBundle } from "../reproduce.ts";
import type { Envelope } from "../shapes.ts";
import { verifyBundle } from "./verify.ts";

const { privateKey, publicKey } = generateKeyPairSync("ed25519");
const files = await bundleFilesOf({ signingKey: privateKey });
const otherFiles = await bundleFilesOf({ source: "# Another log\n\nLow water at 07:15, 0.9 m.\n" });

function textOf(path: string): string {
  return Buffer.from(files.find((file) => file.path === path)?.bytes ?? []).toString();
}

function replaced(path: string, text: string): readonly BundleFile[] {
  return files.map((file) => (file.path === path ? { path, bytes: Buffer.from(text) } : file));
}

/** The files that the checks name, each with the check, such as `canonical timeline.json`. */
function namedBy(changed: readonly BundleFile[], keys = [publicKey]): readonly string[] {
  const { checks } = verifyBundle(memoryReader(changed), keys).verification;
  return checks.flatMap(({ check, findings }) => findings.map(({ file }) => `${check} ${file}`));
}

describe("a JSON file that says the same in another spelling, with all checksums computed anew, is found:", () => {
  const spellings: Readonly<Record<string, readonly [path: string, change: (text: string) => string]>> = {
    "-0 for 0": ["timeline.json", (text) => text.replace('"function_id":0', '"function_id":-0')],
    "1e0 for 1": ["timeline.json", (text) => text.replace('"function_id":1', '"function_id":1e0')],
    "1.0 for 1": ["timeline.json", (text) => text.replace('"function_id":1', '"function_id":1.0')],
    "01 for 1": ["timeline.json", (text) => text.replace('"function_id":1', '"function_id":01')],
    "an escaped letter": ["manifest.json", (text) => text.replace('"run-1"', '"\\u0072un-1"')],
    "an escaped slash": ["manifest.json", (text) => text.replace("text/markdown", "text\\/markdown")],
    "an escaped é": ["data/artifacts/docir.json", (text) => text.replace("é", "\\u00e9")],
    "a decomposed é": ["data/artifacts/docir.json", (text) => text.replace("é", "e\u0301")],
    "a byte order mark": ["artifacts.json", (text) => `\ufeff${text}`],
    "a second newline": ["artifacts.json", (text) => `${text}\n`],
    "no newline": ["artifacts.json", (text) => text.trimEnd()],
    "a carriage return": ["artifacts.json", (text) => text.replace("\n", "\r\n")],
    "a space": ["artifacts.json", (text) => text.replace(",", ", ")],
    "a key twice": ["manifest.json", (text) => text.replace('"partial":', '"partial":true,"partial":')],
    "a key twice, once escaped": [
      "manifest.json",
      (text) => text.replace('"partial":', '"parti\\u0061l":true,"partial":'),
    ],
    "a zero byte at the end": ["citations.json", (text) => `${text}\0`],
  };
  for (const [what, [path, change]] of Object.entries(spellings)) {
    test(what, () => {
      const text = change(textOf(path));
      assert.notEqual(text, textOf(path));
      const named = namedBy(resealed(replaced(path, text)), []);
      const isDecomposed = what.startsWith("a decomposed");
      assert.ok(
        named.includes(isDecomposed ? "artifacts artifacts.json" : `canonical ${path}`),
        String(named),
      );
    });
  }
});

describe("a checksum file that other programs take as the same is found:", () => {
  const spellings: Readonly<Record<string, (line: string) => string>> = {
    "the mark of a binary file": (line) => line.replace("  ", " *"),
    "one space": (line) => line.replace("  ", " "),
    "a tab": (line) => line.replace("  ", "\t"),
    "a path from the current folder": (line) => line.replace("  ", "  ./"),
    "an upper-case hash": (line) => line.slice(0, 64).toUpperCase() + line.slice(64),
    "a carriage return": (line) => `${line}\r`,
    "an escaped name": (line) => `\\${line}`,
    "a line twice": (line) => `${line}\n${line}`,
    "a comment": (line) => `# checked\n${line}`,
    "an empty line": (line) => `\n${line}`,
    "a file that is not covered": (line) => `${line}\n${"0".repeat(64)}  ../outside`,
    itself: (line) => `${line}\n${"0".repeat(64)}  ${TAG_MANIFEST}`,
  };
  for (const [what, change] of Object.entries(spellings)) {
    for (const path of [PAYLOAD_MANIFEST, TAG_MANIFEST]) {
      test(`${what} in ${path}`, () => {
        const [first = "", ...lines] = textOf(path).split("\n");
        const changed = replaced(path, [change(first), ...lines].join("\n"));
        // The tag manifest has the checksum of the other one.
        const named = namedBy(path === TAG_MANIFEST ? changed : resealedTags(changed), []);
        assert.ok(named.includes(`checksums ${path}`), String(named));
      });
    }
  }

  function resealedTags(changed: readonly BundleFile[]): readonly BundleFile[] {
    const payload = changed.find(({ path }) => path === PAYLOAD_MANIFEST);
    return resealed(changed).map((file) => (file.path === PAYLOAD_MANIFEST && payload ? payload : file));
  }
});

describe("an envelope that is not the one that was written is found:", () => {
  const envelope: Envelope = JSON.parse(textOf(ENVELOPE));
  const [signature] = envelope.signatures;
  assert.ok(signature);
  const other = generateKeyPairSync("ed25519");
  const statement = Buffer.from(textOf(STATEMENT));
  const signedBy = (payloadType: string, payload: Uint8Array) =>
    sign(null, preAuthEncoding(payloadType, payload), other.privateKey).toString("base64");
  const otherId = keyIdOf(other.publicKey);
  const ofOther = { keyid: otherId, sig: signedBy(envelope.payloadType, statement) };

  const envelopes: Readonly<Record<string, object>> = {
    "two signatures": { ...envelope, signatures: [signature, ofOther] },
    "the same signature twice": { ...envelope, signatures: [signature, signature] },
    "no signature": { ...envelope, signatures: [] },
    "the id of another key": { ...envelope, signatures: [{ ...signature, keyid: otherId }] },
    "the signature of another key under this id": {
      ...envelope,
      signatures: [{ ...signature, sig: ofOther.sig }],
    },
    "the signature of another key": { ...envelope, signatures: [ofOther] },
    "another type": { ...envelope, payloadType: "text/plain" },
    "another type, signed anew": {
      ...envelope,
      payloadType: "text/plain",
      signatures: [{ keyid: otherId, sig: signedBy("text/plain", statement) }],
    },
    "another statement, signed anew": {
      ...envelope,
      payload: Buffer.from("{}\n").toString("base64"),
      signatures: [{ keyid: otherId, sig: signedBy(envelope.payloadType, Buffer.from("{}\n")) }],
    },
    "base64 without padding": {
      ...envelope,
      signatures: [{ ...signature, sig: signature.sig.replaceAll("=", "") }],
    },
    "base64 in the alphabet of addresses": {
      ...envelope,
      payload: `${Buffer.from(envelope.payload, "base64").toString("base64url")}_`,
    },
    "base64 with a line break": { ...envelope, payload: envelope.payload.replace(/.{76}/, "$&\n") },
    "base64 with other bits at its end": {
      ...envelope,
      signatures: [{ ...signature, sig: signature.sig.replace(/.==$/, nextDigit) }],
    },
    "a member more": { ...envelope, more: true },
  };

  for (const [what, changed] of Object.entries(envelopes)) {
    test(what, () => {
      assert.notEqual(canonicalJson(changed), canonicalJson(envelope));
      const changedFiles = replaced(ENVELOPE, `${canonicalJson(changed)}\n`);
      assert.deepEqual(namedBy(changedFiles), [`signature ${ENVELOPE}`]);
      assert.equal(verifyBundle(memoryReader(changedFiles), [publicKey]).verification.outcome, "unsigned");
    });
  }

  test("with white space, and no key given", () => {
    const changed = replaced(ENVELOPE, `${JSON.stringify(envelope, null, 1)}\n`);
    assert.deepEqual(namedBy(changed, []), [`signature ${ENVELOPE}`]);
  });

  /** The next digit of base64, which has the same bits that count. */
  function nextDigit(end: string): string {
    return `${String.fromCharCode(end.charCodeAt(0) + 1)}==`;
  }
});

describe("two bundles whose files were exchanged, with all checksums computed anew, are found:", () => {
  const exchanges: Readonly<Record<string, readonly string[]>> = {
    "one artifact": ["data/artifacts/memo.json"],
    "the document": ["data/artifacts/raw"],
    "all artifacts": files.map(({ path }) => path).filter((path) => path.startsWith("data/")),
    "all artifacts and their list": files
      .map(({ path }) => path)
      .filter((path) => path.startsWith("data/") || /^(artifacts|citations)\.json$/.test(path)),
    "all but the records of the steps": files
      .map(({ path }) => path)
      .filter((path) => !/^(operation_outputs|timeline|tool-io)\.json$/.test(path)),
    "the records of the steps": ["operation_outputs.json", "timeline.json", "tool-io.json"],
    "the row of the workflow": ["workflow_status.json"],
    "the journal": ["tool-io.json"],
  };
  for (const [what, paths] of Object.entries(exchanges)) {
    test(what, () => {
      const mixed = files.map((file) =>
        paths.includes(file.path) ? (otherFiles.find(({ path }) => path === file.path) ?? file) : file,
      );
      const unsigned = resealed(mixed).filter(({ path }) => path !== ENVELOPE);
      const named = namedBy(unsigned, []).filter((name) => !name.startsWith("statement"));
      assert.notDeepEqual(named, [], "by more than the statement");
    });
  }
});

describe("a bundle that somebody forged as a whole, with everything computed anew that follows", () => {
  type Item = Readonly<Record<string, unknown>>;
  const itemsOf = (value: unknown) => value as readonly Item[];
  const firstOf = (value: unknown, change: object) =>
    itemsOf(value).map((item, index) => (index === 0 ? { ...item, ...change } : item));
  const source =
    "# Tides\n\nHigh water at 06:12, 4.1 m. The gate is closed.\n\nLow water at 12:4O [low]\n\n## Dues\n\nThe dues are 12 USD.\n";
  const ofMemo = (change: (memo: Item) => Item) => (type: string, value: Item) =>
    type === "memo" ? { ...value, ...change(value) } : value;

  type Options = NonNullable<Parameters<typeof bundleFilesOf>[0]>;
  type Forge = NonNullable<Options["forge"]>;
  const byVerify: Readonly<Record<string, Forge>> = {
    "a sentence of the memo": ofMemo(({ keySentences }) => ({
      keySentences: firstOf(keySentences, { text: "The gate is open." }),
    })),
    "a figure": ofMemo(({ figures }) => ({ figures: firstOf(figures, { text: "9.9 m" }) })),
    "the title": ofMemo(({ title }) => ({ title: { ...(title as Item), text: "Another" } })),
    "a figure that was left out": ofMemo(({ figures }) => ({ figures: itemsOf(figures).slice(1) })),
  };
  for (const [what, forge] of Object.entries(byVerify)) {
    test(`is found by verify: ${what}`, async () => {
      assert.match(namedBy(await bundleFilesOf({ source, forge }), []).join(), /citations/);
    });
  }

  const byReproduce: Readonly<Record<string, readonly [pointer: string, forge: Forge]>> = {
    "a passage to review that was left out": ["memo /review/0", ofMemo(() => ({ review: [] }))],
    "the text of a chunk": [
      "chunk-index /chunks/0/contextText",
      (type, value) =>
        type === "chunk-index" ? { ...value, chunks: firstOf(value.chunks, { contextText: "" }) } : value,
    ],
    "the text of the document, and so the memo": [
      "docir /text",
      (type, value) =>
        type === "docir" ? { ...value, text: String(value.text).replace("closed", "opened") } : value,
    ],
    "the confidence of a block": [
      "docir /blocks/0/confidence",
      (type, value) =>
        type === "docir" ? { ...value, blocks: firstOf(value.blocks, { confidence: 1 }) } : value,
    ],
  };
  for (const [what, [expected, forge]] of Object.entries(byReproduce)) {
    test(`is found by reproduce: ${what}`, async () => {
      const { contents } = verifyBundle(memoryReader(await bundleFilesOf({ source, forge })));
      assert.ok(contents);
      const results = await reproduceBundle(contents, derive);
      const differences = results.flatMap((result) =>
        result.result === "differs" ? [`${result.artifact} ${result.difference.pointer}`] : [],
      );
      assert.ok(differences.includes(expected), String(differences));
    });
  }

  const toolIo = JSON.parse(textOf("tool-io.json"));
  const [effect] = toolIo.effects;
  const [missing, wrong] = [
    "has no receipt of run-1:side-effect, which a step recorded",
    "does not have the hash that its step recorded",
  ];
  for (const [what, effects, reason] of [
    ["a receipt that was left out", [{ ...effect, receipt: null }], missing],
    ["an effect that was left out", [], missing],
    ["a false receipt beside the genuine one", [{ ...effect, receipt: { no: 1 } }, effect], wrong],
  ] as const) {
    test(`is found by verify: ${what}`, () => {
      const changed = resealed(replaced("tool-io.json", `${canonicalJson({ ...toolIo, effects })}\n`));
      const { checks } = verifyBundle(memoryReader(changed)).verification;
      const reasons = checks.flatMap(({ findings }) => findings.map((finding) => finding.reason));
      assert.ok(reasons.includes(reason), String(reasons));
    });
  }

  const withRecovery: Options["forgeEvents"] = ([accepted, started, ...rest]) =>
    [accepted, started, ["recovered", {}] as const, ...rest].filter((event) => event !== undefined);
  const unprovable: Readonly<Record<string, readonly [genuine: Options, forged: Options]>> = {
    "an event that was left out of the journal": [{ forgeEvents: withRecovery }, {}],
    "a decision": [
      { reviewed: true },
      {
        reviewed: true,
        forgeEvents: (events) =>
          events.map((event) => (event[0] === "reviewed" ? ["reviewed", { decision: "accepted" }] : event)),
      },
    ],
    "an erasure": [{}, { erased: true }],
  };
  for (const [what, [original, changed]] of Object.entries(unprovable)) {
    test(`is found by its digest and its signature alone: ${what}`, async () => {
      const genuine = await bundleFilesOf({ ...original, signingKey: privateKey });
      assert.equal(verifyBundle(memoryReader(genuine), [publicKey]).verification.outcome, "sound");
      const forged = await bundleFilesOf(changed);
      assert.equal(verifyBundle(memoryReader(forged)).verification.outcome, "sound");
      const digestOf = (some: readonly BundleFile[]) =>
        verifyBundle(memoryReader(some)).verification.bundleDigest;
      assert.notEqual(digestOf(forged), digestOf(genuine));
      const envelope = genuine.filter(({ path }) => path === ENVELOPE);
      assert.deepEqual(namedBy([...forged, ...envelope]), [`signature ${ENVELOPE}`]);
    });
  }
});
