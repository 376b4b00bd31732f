import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { describe, test } from "node:test";
import { ARTIFACT_TYPES } from "../domain/artifact.ts";
import { runViewOf } from "../projection/run-view.ts";
import { artifactOf, hashOf, recordOf } from "../testing/records.ts";
import { artifactSetDigest, type BundleSource, buildRunBundle } from "./run-bundle.ts";

const ALL = ARTIFACT_TYPES.map((type) => ({ type, sha256: hashOf(type) }));

describe("the digest of a run's artifacts", () => {
  test("is over the four types and their hashes, in whatever order they come", () => {
    const digest = artifactSetDigest(ALL);
    assert.match(digest ?? "", /^[0-9a-f]{64}$/);
    assert.equal(artifactSetDigest(ALL.toReversed()), digest);
    const text = `{${[...ALL]
      .sort((a, b) => (a.type < b.type ? -1 : 1))
      .map(({ type, sha256 }) => `"${type}":"${sha256}"`)
      .join(",")}}\n`;
    assert.equal(digest, createHash("sha256").update(text).digest("hex"));
  });

  test("changes with any of them, and is none while one is missing", () => {
    for (const { type } of ALL) {
      const other = ALL.map((one) => (one.type === type ? { type, sha256: hashOf("other") } : one));
      assert.notEqual(artifactSetDigest(other), artifactSetDigest(ALL), type);
      assert.equal(artifactSetDigest(ALL.filter((one) => one.type !== type)), null, type);
    }
    assert.equal(artifactSetDigest([]), null);
  });

  test("says nothing of the run, its times or its titles", () => {
    const elsewhere = ARTIFACT_TYPES.map((type) =>
      artifactOf({ type, runId: "another", title: "Else", createdAtEpochMs: 1, stepDurationMs: null }),
    );
    assert.equal(artifactSetDigest(elsewhere), artifactSetDigest(ALL));
  });
});

describe("a run bundle", () => {
  const files = buildRunBundle(sourceOf());
  const texts = new Map(files.map(({ path, bytes }) => [path, Buffer.from(bytes).toString("utf8")]));
  const manifest = JSON.parse(texts.get("manifest.json") ?? "");

  test("is the seven files of the contract", () => {
    assert.deepEqual([...texts.keys()].sort(), [
      "artifacts.json",
      "citations.json",
      "manifest.json",
      "operation_outputs.json",
      "timeline.json",
      "tool-io.json",
      "workflow_status.json",
    ]);
  });

  test("has a manifest that names every other file with its size and hash, and no folder of this host", () => {
    assert.equal(manifest.root, "<run-bundle-root>");
    const listed = files
      .filter(({ path }) => path !== "manifest.json")
      .map(({ path, bytes }) => ({
        path,
        bytes: bytes.length,
        sha256: createHash("sha256").update(bytes).digest("hex"),
      }));
    assert.deepEqual(manifest.files, listed);
    assert.equal(manifest.artifact_set_digest, artifactSetDigest(ALL));
  });

  test("is the same bytes for the same rows, in whatever order their columns come", () => {
    const { truth, ...rest } = sourceOf();
    const turned = {
      ...truth,
      workflowStatus: Object.fromEntries(Object.entries(truth.workflowStatus).reverse()),
    };
    assert.deepEqual(buildRunBundle({ ...rest, truth: turned }), files);
  });

  test("holds DBOS's rows as they are", () => {
    const { workflowStatus, operationOutputs } = sourceOf().truth;
    assert.deepEqual(JSON.parse(texts.get("workflow_status.json") ?? ""), { ...workflowStatus, error: null });
    assert.deepEqual(
      JSON.parse(texts.get("operation_outputs.json") ?? ""),
      operationOutputs.map((row) => ({ ...row, error: null })),
    );
  });

  test("of a run under way says that it is partial and has no digest", () => {
    const record = recordOf({ status: "PENDING" }, { artifacts: [] });
    const bundle = buildRunBundle({ ...sourceOf(), record, view: runViewOf(record), partial: true });
    const text = bundle.find(({ path }) => path === "manifest.json")?.bytes ?? new Uint8Array();
    const { partial, artifact_set_digest, status } = JSON.parse(Buffer.from(text).toString("utf8"));
    assert.deepEqual([partial, artifact_set_digest, status], [true, null, "running"]);
  });
});

function sourceOf(): BundleSource {
  const record = recordOf();
  return {
    record,
    view: runViewOf(record),
    truth: {
      workflowStatus: { workflow_uuid: "run-1", status: "SUCCESS", inputs: "[]" },
      operationOutputs: [{ workflow_uuid: "run-1", function_id: 0, output: null }],
    },
    events: [],
    citations: [{ sentence: 1 }],
    partial: false,
  };
}
