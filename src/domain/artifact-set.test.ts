import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { describe, test } from "node:test";
import { artifactOf, hashOf, operationOf, recordOf } from "../testing/records.ts";
import { ARTIFACTS, type ArtifactSpec } from "./artifact.ts";
import { artifactSetDigest, artifactSetOf } from "./artifact-set.ts";

/** What every run of application version 1 makes. */
const FIRST_TYPES = ["raw", "docir", "chunk-index", "memo"] as const;

const ALL = FIRST_TYPES.map((type) => ({ type, sha256: hashOf(type) }));

/** The digest of `ALL`, computed when these four types were all that there was. */
const DIGEST = "d39802a5a2fd07934b5391b72334a1337afdd832560a944f0e7b891642dbc977";

/** The types of a later version of this program, whose runs of application version 2 make a picture as well. */
const WITH_PICTURE: Readonly<Record<string, ArtifactSpec>> = {
  ...ARTIFACTS,
  picture: { producerStep: "picture", inputs: ["docir"], visibility: "user", title: "Picture", since: 2 },
};

function finalizeOf(types: readonly string[]) {
  const artifacts = Object.fromEntries(types.map((type) => [type, hashOf(type)]));
  return operationOf("finalize", { output: JSON.stringify({ json: { artifacts, attempt: 1 } }) });
}

describe("the digest of a set of artifacts", () => {
  test("covers types and hashes, in whatever order they come", () => {
    const sorted = [...ALL].sort((a, b) => (a.type < b.type ? -1 : 1));
    const text = `{${sorted.map(({ type, sha256 }) => `"${type}":"${sha256}"`).join(",")}}\n`;
    assert.equal(artifactSetDigest(ALL), createHash("sha256").update(text).digest("hex"));
    assert.equal(artifactSetDigest(ALL.toReversed()), artifactSetDigest(ALL));
    assert.equal(artifactSetDigest(ALL), DIGEST);
  });

  test("changes with any of the hashes", () => {
    for (const { type } of ALL) {
      const other = ALL.map((one) => (one.type === type ? { type, sha256: hashOf("other") } : one));
      assert.notEqual(artifactSetDigest(other), DIGEST, type);
    }
  });
});

describe("the artifacts that a run must have", () => {
  test("are those that its step finalize recorded, whatever types the program knows", () => {
    const record = recordOf({}, { operations: [finalizeOf(FIRST_TYPES)] });
    for (const specs of [ARTIFACTS, WITH_PICTURE, {}]) {
      assert.deepEqual(artifactSetOf(record, specs), { missing: [], digest: DIGEST });
    }
    const more = recordOf({}, { operations: [finalizeOf([...FIRST_TYPES, "picture"])] });
    assert.deepEqual(artifactSetOf(more), { missing: ["picture"], digest: null });
    const fewer = recordOf({}, { operations: [finalizeOf(["raw", "docir"])] });
    assert.equal(artifactSetOf(fewer).digest, artifactSetDigest(ALL.slice(0, 2)));
  });

  test("are those of its application version, where finalize recorded nothing that can be read", () => {
    for (const output of [null, "no json", '{"json":{}}', '{"json":{"artifacts":{}}}']) {
      const operations = [operationOf("finalize", { output })];
      assert.deepEqual(artifactSetOf(recordOf({}, { operations }), WITH_PICTURE), {
        missing: [],
        digest: DIGEST,
      });
      const later = recordOf({ application_version: "2" }, { operations });
      assert.deepEqual(artifactSetOf(later, WITH_PICTURE), { missing: ["picture"], digest: null });
    }
    for (const application_version of [null, "a version of someone else's"]) {
      const record = recordOf({ application_version }, { operations: [] });
      assert.equal(artifactSetOf(record, WITH_PICTURE).digest, DIGEST);
    }
  });

  test("have no digest while one of them is missing", () => {
    for (const type of FIRST_TYPES) {
      const artifacts = FIRST_TYPES.filter((other) => other !== type).map((other) =>
        artifactOf({ type: other }),
      );
      assert.deepEqual(artifactSetOf(recordOf({}, { artifacts })), { missing: [type], digest: null });
    }
    assert.deepEqual(artifactSetOf(recordOf({}, { artifacts: [] })).missing, [...FIRST_TYPES]);
  });

  test("have the same digest in another run, at another time and under another title", () => {
    const artifacts = FIRST_TYPES.map((type) =>
      artifactOf({ type, runId: "another", title: "Else", createdAtEpochMs: 1, stepDurationMs: null }),
    );
    assert.equal(artifactSetOf(recordOf({}, { artifacts })).digest, DIGEST);
  });
});
