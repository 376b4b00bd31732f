import assert from "node:assert/strict";
import { test } from "node:test";
import { bundleFolderName } from "./folder-name.ts";

test("a bundle's folder has the name of its run, and another one while the run goes on", () => {
  assert.equal(bundleFolderName("6071967e-980c", false), "6071967e-980c");
  assert.equal(bundleFolderName("6071967e-980c", true), "6071967e-980c~partial");
});

test("no two bundles have one folder on a disk that does not distinguish upper and lower case", () => {
  const ids = ["report", "Report", "REPORT", "rEPORT", "reporT"];
  const names = ids.flatMap((id) => [bundleFolderName(id, false), bundleFolderName(id, true)]);
  assert.equal(new Set(names.map((name) => name.toLowerCase())).size, names.length, names.join(" "));
});
