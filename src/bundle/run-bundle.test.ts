import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { canonicalJsonBytes } from "../canonical-json.ts";
import { sha256Hex } from "../sha256.ts";
import { REPOSITORY } from "../testing/paths.ts";
import { recordOf } from "../testing/records.ts";
import { type BundleSource, buildRunBundle } from "./run-bundle.ts";

/**
 * Runs as they were exported when the shapes were frozen, by the program as it was then: the rows that were read (`rows.json`,
 * a BundleSource) and the files that were written (`bundle/`). They are never recorded again.
 */
const FROZEN = join(REPOSITORY, "golden", "bundles");

const CASES = readdirSync(FROZEN).sort();

function rowsOf(name: string): BundleSource {
  return JSON.parse(readFileSync(join(FROZEN, name, "rows.json"), "utf8"));
}

function frozenFilesOf(name: string): Readonly<Record<string, string>> {
  const folder = join(FROZEN, name, "bundle");
  return Object.fromEntries(
    readdirSync(folder).map((file) => [file, readFileSync(join(folder, file), "utf8")]),
  );
}

function filesOf(source: BundleSource): Readonly<Record<string, string>> {
  return Object.fromEntries(
    buildRunBundle(source).map(({ path, bytes }) => [path, Buffer.from(bytes).toString("utf8")]),
  );
}

/** The value with a key more in every object that is a row or holds rows; args, recipes and the like are a run's own. */
function withAnotherKey(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withAnotherKey);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).map(([key, inner]) => [
    key,
    ["args", "recipe", "receipt"].includes(key) ? inner : withAnotherKey(inner),
  ]);
  return { ...Object.fromEntries(entries), a_later_column: "later" };
}

describe("the bundle of an earlier run", () => {
  test("is there to be compared, for every way in which a run can end", () => {
    assert.deepEqual(CASES, ["cancelled", "done", "failed", "failed-effect", "forked", "partial"]);
  });

  for (const name of CASES) {
    test(`is the same bytes as ever: ${name}`, () => {
      assert.deepEqual(filesOf(rowsOf(name)), frozenFilesOf(name));
    });

    test(`does not change when a later version reads more of a run, for its API or its pages: ${name}`, () => {
      const { citations, ...rows } = rowsOf(name);
      const more = { ...(withAnotherKey(rows) as BundleSource), citations };
      assert.deepEqual(filesOf(more), frozenFilesOf(name));
    });
  }
});

describe("a run bundle", () => {
  const source = rowsOf("done");
  const files = buildRunBundle(source);
  const manifest = JSON.parse(filesOf(source)["manifest.json"] ?? "");

  test("is the seven files of the contract, each canonical JSON and a newline", () => {
    assert.deepEqual(files.map(({ path }) => path).sort(), [
      "artifacts.json",
      "citations.json",
      "manifest.json",
      "operation_outputs.json",
      "timeline.json",
      "tool-io.json",
      "workflow_status.json",
    ]);
    for (const { path, bytes } of files) {
      assert.deepEqual(bytes, canonicalJsonBytes(JSON.parse(new TextDecoder().decode(bytes))), path);
    }
  });

  test("has a manifest that names every other file with its size and hash, and no folder of this host", () => {
    assert.equal(manifest.root, "<run-bundle-root>");
    const others = files.filter(({ path }) => path !== "manifest.json");
    assert.deepEqual(
      manifest.files,
      others.map(({ path, bytes }) => ({ path, bytes: bytes.length, sha256: sha256Hex(bytes) })),
    );
  });

  test("is the same bytes for the same rows, in whatever order their columns come", () => {
    const workflowStatus = Object.fromEntries(Object.entries(source.truth.workflowStatus).reverse());
    assert.deepEqual(buildRunBundle({ ...source, truth: { ...source.truth, workflowStatus } }), files);
  });

  test("of a run under way says that it is partial and has no digest", () => {
    const record = recordOf({ status: "PENDING" }, { artifacts: [], operations: [] });
    const { partial, artifact_set_digest, status } = JSON.parse(
      filesOf({ ...source, record, partial: true })["manifest.json"] ?? "",
    );
    assert.deepEqual([partial, artifact_set_digest, status], [true, null, "running"]);
  });
});
