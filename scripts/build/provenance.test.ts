import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { REPOSITORY } from "../../src/testing/paths.ts";
import { checkTag, describeProvenance, installerFor, type ReleaseSource } from "./provenance.ts";

const SOURCE: ReleaseSource = {
  version: "0.1.0",
  commit: "1d6990643fcb",
  isChanged: false,
  tag: "v0.1.0",
  repository: "https://github.com/someone/jejakekal",
  run: "https://github.com/someone/jejakekal/actions/runs/7",
};

describe("a release", () => {
  test("is of the version of its tag, and of the files of its commit", () => {
    checkTag(SOURCE);
    checkTag({ ...SOURCE, tag: null, isChanged: true });
    assert.throws(() => checkTag({ ...SOURCE, tag: "v0.2.0" }), /the version 0\.1\.0/);
    assert.throws(() => checkTag({ ...SOURCE, isChanged: true }), /differ from the commit/);
  });

  test("has a provenance that names each file, the commit and the build, and is the same bytes each time", () => {
    const files = [{ name: "jejakekal-linux-x64", sha256: "ab" }];
    const describeAgain = () =>
      describeProvenance(SOURCE, files, { targets: ["linux-x64"], lockfile: Buffer.from("{}") });
    const statement = JSON.parse(Buffer.from(describeAgain()).toString("utf8"));
    assert.deepEqual(describeAgain(), describeAgain());
    assert.deepEqual(statement.subject, [{ name: "jejakekal-linux-x64", digest: { sha256: "ab" } }]);
    assert.equal(statement.predicateType, "https://slsa.dev/provenance/v1");
    const { buildDefinition, runDetails } = statement.predicate;
    assert.equal(buildDefinition.externalParameters.tag, "v0.1.0");
    assert.equal(buildDefinition.resolvedDependencies[0].digest.gitCommit, SOURCE.commit);
    assert.equal(runDetails.metadata.invocationId, SOURCE.run);
  });

  test("has an installer that downloads this release", () => {
    const script = readFileSync(join(REPOSITORY, "infra", "install.sh"), "utf8");
    const own = installerFor(script, SOURCE);
    assert.match(
      own,
      /^release_url="https:\/\/github\.com\/someone\/jejakekal\/releases\/download\/v0\.1\.0"$/m,
    );
    assert.equal(installerFor(script, { ...SOURCE, tag: null }), script);
    assert.throws(() => installerFor("#!/bin/sh", SOURCE), /release_url/);
  });

  test("is made by one task, in a workflow that a tag starts", () => {
    const workflow = readFileSync(join(REPOSITORY, ".github", "workflows", "release.yml"), "utf8");
    assert.deepEqual(
      [...workflow.matchAll(/^\s+- run: (.+)$/gm)].map(([, command]) => command),
      ["mise run release"],
    );
    assert.match(workflow, /^on:\n {2}push:\n {4}tags: \["v\*"\]\n/m);
  });
});
