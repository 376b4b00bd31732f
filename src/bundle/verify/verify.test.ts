import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { describe, test } from "node:test";
import fc from "fast-check";
import { canonicalJsonBytes } from "../../canonical-json.ts";
import { eventSha256 } from "../../domain/journal.ts";
import { sha256Hex } from "../../sha256.ts";
import { bundleFilesOf, memoryReader, resealed } from "../../testing/bundles.ts";
import { checkProperty } from "../../testing/property.ts";
import {
  type BundleFile,
  ENVELOPE,
  ERASURE,
  PAYLOAD_FOLDER,
  PAYLOAD_MANIFEST,
  REVIEWS,
  STATEMENT,
  TAG_MANIFEST,
} from "../layout.ts";
import { type Verification, verifyBundle } from "./verify.ts";

const { privateKey, publicKey } = generateKeyPairSync("ed25519");
const files = await bundleFilesOf({ signingKey: privateKey });

async function verify(changed: readonly BundleFile[], keys = [publicKey]): Promise<Verification> {
  return verifyBundle(memoryReader(changed), keys).verification;
}

function replace(path: string, change: (bytes: Uint8Array) => Uint8Array): readonly BundleFile[] {
  return files.map((file) => (file.path === path ? { path, bytes: change(file.bytes) } : file));
}

function failedChecks({ checks }: Verification): readonly string[] {
  return checks.filter(({ result }) => result === "failed").map(({ check }) => check);
}

function textOf(path: string): string {
  return Buffer.from(files.find((file) => file.path === path)?.bytes ?? []).toString("utf8");
}

describe("verifying a bundle", () => {
  test("finds nothing wrong with one that was exported, signed or not", async () => {
    const signed = await verify(files);
    assert.deepEqual([signed.outcome, failedChecks(signed)], ["sound", []]);
    assert.match(signed.keyId ?? "", /^ed25519:/);
    const unsigned = await verify(await bundleFilesOf(), []);
    assert.deepEqual([unsigned.outcome, unsigned.keyId], ["sound", null]);
    assert.match(unsigned.checks.at(-1)?.says ?? "", /is not signed/);
    assert.equal(unsigned.bundleDigest, signed.bundleDigest, "the signature is not part of the digest");
  });

  test("finds nothing wrong with a run under way, which has no attestation", async () => {
    const partial = await bundleFilesOf({ partial: true });
    assert.deepEqual(
      partial.filter(({ path }) => path.startsWith("attestations/")),
      [],
    );
    assert.equal((await verify(partial, [])).outcome, "sound");
    assert.equal((await verify(partial)).outcome, "unsigned", "where a signature is demanded");
  });

  test("accepts one whose document was erased, says so, and finds an artifact that is only left out", async () => {
    const erased = await bundleFilesOf({ erased: true, signingKey: privateKey });
    assert.deepEqual(
      erased.filter(({ path }) => path.startsWith(PAYLOAD_FOLDER)),
      [],
    );
    assert.ok(!erased.some(({ bytes }) => Buffer.from(bytes).includes("Low water")), "no text is in it");
    const verification = await verify(erased);
    assert.deepEqual([verification.outcome, failedChecks(verification)], ["sound", []]);
    assert.deepEqual([verification.erasure?.by, verification.erasure?.reason], ["boss", "a request"]);
    const artifacts = verification.checks.find(({ check }) => check === "artifacts");
    assert.match(artifacts?.says ?? "", /were erased/);
    const unexplained = resealed(erased.filter(({ path }) => path !== ERASURE));
    assert.ok(failedChecks(await verify(unexplained, [])).includes("artifacts"));
    const leftOut = resealed(files.filter(({ path }) => path !== "data/artifacts/memo.json"));
    assert.ok(failedChecks(await verify(leftOut, [])).includes("artifacts"));
  });

  test("knows the decisions about passages, and finds a change of one", async () => {
    const reviewed = await bundleFilesOf({ reviewed: true });
    assert.equal((await verify(reviewed, [])).outcome, "sound");
    assert.deepEqual(
      reviewed.filter(({ path }) => !files.some((file) => file.path === path)).map(({ path }) => path),
      [REVIEWS],
    );
    const changed = reviewed.map(({ path, bytes }) =>
      path === REVIEWS
        ? { path, bytes: Buffer.from(Buffer.from(bytes).toString().replace("4.2 m", "4.9 m")) }
        : { path, bytes },
    );
    const { outcome, checks } = await verify(resealed(changed), []);
    assert.equal(outcome, "altered");
    const found = checks.find(({ check }) => check === "journal")?.findings;
    assert.deepEqual(
      found?.map(({ file, field }) => [file, field]),
      [[REVIEWS, "/0/sha256"]],
    );
  });

  test("finds a decision that does not follow the one before it, although its own hash is right", async () => {
    const reviewed = await bundleFilesOf({
      reviewed: true,
      forgeEvents: (events) => [...events, ["reviewed", { decision: "accepted" }]],
    });
    assert.equal((await verify(reviewed, [])).outcome, "sound");
    const changed = reviewed.map(({ path, bytes }) => {
      if (path !== REVIEWS) return { path, bytes };
      const decisions = JSON.parse(Buffer.from(bytes).toString());
      const last = decisions.at(-1);
      last.prev_sha256 = "1".repeat(64);
      const { seq, kind, node, at_epoch_ms: atEpochMs } = last;
      const detail = JSON.stringify(last.detail);
      last.sha256 = eventSha256("run-1", {
        seq,
        atEpochMs,
        kind,
        node,
        detail,
        prevSha256: last.prev_sha256,
      });
      return { path, bytes: canonicalJsonBytes(decisions) };
    });
    const { checks } = await verify(resealed(changed), []);
    assert.deepEqual(
      checks.find(({ check }) => check === "journal")?.findings.map(({ file, field }) => [file, field]),
      [[REVIEWS, "/1/prev_sha256"]],
    );
  });

  test("finds every change of a byte in every file", async () => {
    for (const { path, bytes } of files) {
      const changes = fc.record({ at: fc.nat(bytes.length - 1), mask: fc.integer({ min: 1, max: 255 }) });
      await checkProperty(changes, { runs: 12, seed: 13 }, async ({ at, mask }) => {
        const changed = Uint8Array.from(bytes);
        changed[at] = (changed[at] ?? 0) ^ mask;
        const { outcome } = await verify(replace(path, () => changed));
        assert.equal(outcome, path === ENVELOPE ? "unsigned" : "altered", `${path} at ${at}`);
      });
    }
  });

  test("finds every change of a byte in a signature, also when no key was given", async () => {
    const bytes = files.find(({ path }) => path === ENVELOPE)?.bytes ?? new Uint8Array();
    for (let at = 0; at < bytes.length; at += 7) {
      const changed = Uint8Array.from(bytes);
      changed[at] = (changed[at] ?? 0) ^ 1;
      assert.equal(
        (
          await verify(
            replace(ENVELOPE, () => changed),
            [],
          )
        ).outcome,
        "unsigned",
        `byte ${at}`,
      );
    }
  });

  test("finds files that are cut off, longer, emptied, missing, added, renamed, or exchanged", async () => {
    for (const { path, bytes } of files) {
      const expected = path === ENVELOPE ? "unsigned" : "altered";
      for (const change of [
        bytes.subarray(0, -1),
        Buffer.concat([bytes, Buffer.from("\n")]),
        new Uint8Array(),
      ]) {
        assert.equal((await verify(replace(path, () => change))).outcome, expected, path);
      }
      assert.equal(
        (await verify(files.filter((file) => file.path !== path))).outcome,
        expected,
        `${path} dropped`,
      );
      const renamed = files.map((file) => (file.path === path ? { ...file, path: `${path}x` } : file));
      assert.equal((await verify(renamed)).outcome, "altered", `${path} renamed`);
    }
    for (const path of ["extra.json", "data/extra", "data/artifacts/other.json", "attestations/other.json"]) {
      const added = [...files, { path, bytes: Buffer.from("{}\n") }];
      assert.equal((await verify(added)).outcome, "altered", `${path} added`);
      assert.equal((await verify(resealed(added))).outcome, "altered", `${path} added and listed`);
    }
    const [docir, memo] = ["data/artifacts/docir.json", "data/artifacts/memo.json"];
    const exchanged = files.map((file) => ({
      ...file,
      path: file.path === docir ? memo : file.path === memo ? docir : file.path,
    }));
    assert.equal((await verify(exchanged)).outcome, "altered");
  });

  test("finds lines of a checksum file that are in another order, there twice, or spelled otherwise", async () => {
    for (const path of [PAYLOAD_MANIFEST, TAG_MANIFEST]) {
      const lines = textOf(path).trimEnd().split("\n");
      for (const changed of [
        `${[...lines].reverse().join("\n")}\n`,
        `${[...lines, lines[0]].join("\n")}\n`,
        `${lines.join("\n").toUpperCase()}\n`,
        `${lines.join("\r\n")}\r\n`,
        `${lines.slice(1).join("\n")}\n`,
      ]) {
        assert.equal((await verify(replace(path, () => Buffer.from(changed)))).outcome, "altered", changed);
      }
    }
  });
});

type Json = Record<string, unknown>;

describe("verifying a bundle whose checksums were computed anew", () => {
  /** Changes the JSON of a file, and seals the bundle again. */
  async function findAfter(path: string, change: (value: Json) => void): Promise<readonly string[]> {
    const value = JSON.parse(textOf(path));
    change(value);
    const changed = resealed(replace(path, () => canonicalJsonBytes(value)));
    return failedChecks(await verify(changed, [])).filter(
      (check) => check !== "statement" && check !== "signature",
    );
  }

  test("takes a report of an earlier layout without comparing it, says so, and takes no unknown layout", async () => {
    const sealedWith = (generator: string) =>
      resealed(
        replace("report.html", (bytes) =>
          Buffer.from(
            Buffer.from(bytes)
              .toString()
              .replace(/<meta name="generator"[^>]*>/, generator),
          ),
        ),
      );
    for (const generator of ["", '<meta name="generator" content="jejakekal.report/1">']) {
      const earlier = await verify(sealedWith(generator), []);
      const derived = earlier.checks.find(({ check }) => check === "derived");
      assert.equal(derived?.result, "passed");
      assert.match(derived.says, /earlier version and was not built again/);
    }
    const unknown = await verify(sealedWith('<meta name="generator" content="jejakekal.report/9">'), []);
    assert.ok(failedChecks(unknown).includes("derived"));
  });

  const changes: readonly (readonly [
    path: string,
    pointer: string,
    value: unknown,
    checks: readonly string[],
  ])[] = [
    ["manifest.json", "/status", "error", ["derived"]],
    ["manifest.json", "/artifact_set_digest", "0".repeat(64), ["derived", "journal"]],
    ["manifest.json", "/request/payload_sha256", "0".repeat(64), ["derived", "journal"]],
    ["manifest.json", "/request/args/filename", "other.md", ["derived"]],
    ["manifest.json", "/recipes/docir/version", "999", ["derived"]],
    ["timeline.json", "/2/duration_ms", 1, ["derived"]],
    ["timeline.json", "/2/attempt", 7, ["derived"]],
    ["tool-io.json", "/steps/3/out/0", "0".repeat(64), ["derived"]],
    ["tool-io.json", "/effects/0/receipt/more", true, ["derived"]],
    ["tool-io.json", "/journal/1/node", "other", ["derived", "journal"]],
    ["tool-io.json", "/journal/1/at_epoch_ms", 5, ["derived", "journal"]],
    ["operation_outputs.json", "/3/completed_at_epoch_ms", 5, ["derived"]],
    ["workflow_status.json", "/status", "ERROR", ["derived"]],
    ["workflow_status.json", "/application_version", "9", ["derived"]],
    ["artifacts.json", "/1/title", "Another", ["derived"]],
    ["artifacts.json", "/1/sha256", "0".repeat(64), ["artifacts", "derived"]],
    ["artifacts.json", "/3/prov/inputs/0", "0".repeat(64), ["artifacts", "derived"]],
    ["citations.json", "/0/quote", "Another", ["derived"]],
    ["ro-crate-metadata.json", "/@graph/1/name", "Another", ["derived"]],
    ["data/artifacts/memo.json", "/outline/0/text", "Another", ["artifacts", "derived"]],
    ["data/artifacts/memo.json", "/title/cite/quote", "Another", ["artifacts", "derived", "citations"]],
  ];

  for (const [path, pointer, value, checks] of changes) {
    test(`finds ${path}${pointer} changed`, async () => {
      const found = await findAfter(path, (json) => setAt(json, pointer.slice(1).split("/"), value));
      for (const check of checks) assert.ok(found.includes(check), `${check} is not among ${found}`);
    });
  }

  test("finds an event that was left out of the journal, and one at its end", async () => {
    for (const at of [1, 2]) {
      const found = await findAfter("tool-io.json", ({ journal }) => {
        assert.ok(Array.isArray(journal));
        journal.splice(at, 1);
      });
      assert.ok(found.includes("journal"), String(found));
    }
  });

  test("finds a report that says something else", async () => {
    const changed = resealed(
      replace("report.html", (bytes) => Buffer.from(Buffer.from(bytes).toString().replace("Tide", "Tidy"))),
    );
    const { checks } = await verify(changed, []);
    const derived = checks.find(({ check }) => check === "derived");
    assert.deepEqual(derived?.findings, [
      { file: "report.html", reason: "is not what follows from the other files" },
    ]);
  });

  test("finds a quote that was changed together with the memo and all hashes that follow from it", async () => {
    const memo = JSON.parse(textOf("data/artifacts/memo.json"));
    const { cite } = memo.title;
    Object.assign(cite, { quote: "Another title", quoteSha: sha256Hex("Another title") });
    const changed = resealed(replace("data/artifacts/memo.json", () => canonicalJsonBytes(memo)));
    const { checks } = await verify(changed, []);
    const citations = checks.find(({ check }) => check === "citations");
    assert.deepEqual(citations?.findings, [
      { file: "data/artifacts/memo.json", field: "/title/text", reason: "is not the quote that it cites" },
      { file: "citations.json", field: "/0/quote", reason: "is not the text of the document at its span" },
    ]);
  });

  test("fails by its statement and its signature, with the key that was given", async () => {
    const other = await bundleFilesOf({ source: "# Another document\n" });
    const mixed = files.map((file) => other.find(({ path }) => path === file.path) ?? file);
    const { outcome, checks } = await verify(mixed);
    assert.equal(outcome, "unsigned", "the statement is that of the other bundle, the envelope is not");
    assert.deepEqual(checks.at(-1)?.findings, [
      { file: ENVELOPE, field: "/payload", reason: `is not the bytes of ${STATEMENT}` },
    ]);
  });
});

describe("the signature of a bundle", () => {
  test("must be by one of the keys that were given", async () => {
    const others = [generateKeyPairSync("ed25519").publicKey, generateKeyPairSync("ed25519").publicKey];
    assert.equal((await verify(files, others)).outcome, "unsigned");
    assert.equal(
      (await verify(files, [...others, publicKey])).outcome,
      "sound",
      "a rotated key is kept for old bundles",
    );
    assert.equal(
      (await verify(await bundleFilesOf())).outcome,
      "unsigned",
      "no signature where one is demanded",
    );
  });

  test("is the same bytes each time, and is the only difference to an unsigned bundle", async () => {
    assert.deepEqual(await bundleFilesOf({ signingKey: privateKey }), files);
    assert.deepEqual(
      await bundleFilesOf(),
      files.filter(({ path }) => path !== ENVELOPE),
    );
  });
});

function setAt(json: unknown, [key = "", ...rest]: readonly string[], value: unknown): void {
  if (typeof json !== "object" || json === null) throw new TypeError(`there is no ${key}`);
  if (rest.length === 0) Object.assign(json, { [key]: value });
  else setAt(Reflect.get(json, key), rest, value);
}
