import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Failure } from "../failure.ts";
import { ARTIFACT_TYPES, artifactIdOf, isArtifactId, isArtifactType, parseArtifactId } from "./artifact.ts";

describe("an artifact's id", () => {
  test("is the run id and the type, and parses back to both", () => {
    for (const type of ARTIFACT_TYPES) {
      const ref = { runId: "run-1.a", type };
      assert.equal(artifactIdOf(ref), `run-1.a:${type}`);
      assert.deepEqual(parseArtifactId(artifactIdOf(ref)), ref);
    }
  });

  test("has a run id, one colon and a type that exists", () => {
    for (const id of [
      "",
      ":",
      "a",
      "a:",
      ":raw",
      "a:raw:raw",
      "a:RAW",
      "a: raw",
      "a:raw\n",
      "..:raw",
      "a:constructor",
    ]) {
      assert.ok(!isArtifactId(id), id);
      assert.throws(
        () => parseArtifactId(id),
        (error) =>
          error instanceof Failure &&
          error.code === "invalid_artifact_id" &&
          error.detail.field === "artifact_id",
      );
    }
  });

  test("knows the contract's four types in their order", () => {
    assert.deepEqual([...ARTIFACT_TYPES], ["raw", "docir", "chunk-index", "memo"]);
    assert.ok(ARTIFACT_TYPES.every(isArtifactType));
    assert.ok(!isArtifactType("picture") && !isArtifactType("toString"));
  });
});
