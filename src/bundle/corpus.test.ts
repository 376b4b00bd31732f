import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { bundleFilesOf, memoryReader } from "../testing/bundles.ts";
import { REPOSITORY } from "../testing/paths.ts";
import { verifyBundle } from "./verify/verify.ts";

const CORPUS = join(REPOSITORY, "golden", "corpus");

describe("the bundle of a document of the corpus is sound", () => {
  for (const filename of readdirSync(CORPUS).sort()) {
    test(filename, async () => {
      const files = await bundleFilesOf({ source: readFileSync(join(CORPUS, filename)), filename });
      const { verification } = verifyBundle(memoryReader(files));
      assert.deepEqual(
        verification.checks.flatMap(({ findings }) => findings),
        [],
      );
      assert.equal(verification.outcome, "sound");
    });
  }
});
