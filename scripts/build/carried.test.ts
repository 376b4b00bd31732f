import assert from "node:assert/strict";
import { basename, join } from "node:path";
import { describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import packageJson from "../../package.json" with { type: "json" };
import { listCarriedWorks } from "./carried.ts";
import { identifyLibraries, listSharedLibraries } from "./native-libraries.ts";
import { describeExecutable } from "./sbom.ts";
import { HOST, postgresFolder, TARGETS } from "./targets.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const target = TARGETS.find((name) => name === HOST) ?? "linux-x64";
const nativeDir = join(postgresFolder(root, target), "native");

describe("what an executable carries", () => {
  test("every shared library beside Postgres is named with its version and licence, or is Postgres's own", () => {
    const named = identifyLibraries(nativeDir).flatMap(({ files }) => files);
    const unnamed = listSharedLibraries(nativeDir).filter((path) => !named.includes(path));
    assert.ok(named.length >= 8, String(named));
    assert.deepEqual(
      unnamed.filter((path) => !/^libpq\./.test(basename(path))),
      [],
    );
  });

  test("is named with a version, a licence and its text", () => {
    const works = new Map(listCarriedWorks(root, target).map((work) => [work.name, work]));
    for (const name of [
      "openssl",
      "icu",
      "libxml2",
      "libxslt",
      "xz",
      "ossp-uuid",
      "zlib",
      "postgresql",
      "bun",
      "htmx.org",
    ]) {
      const work = works.get(name);
      assert.match(work?.version ?? "", /^\d+\.\d+/, name);
      assert.ok((work?.licenceText ?? "").length > 80, name);
    }
    for (const name of Object.keys(packageJson.dependencies)) assert.ok(works.has(name), name);
    for (const { name, licence, licenceText } of works.values()) {
      assert.match(licence, /^[A-Za-z0-9.() -]+$/, name);
      assert.ok((licenceText ?? "").length > 80, name);
    }
    for (const name of ["playwright-core", "knip", "tsx", "tesseract.js-core", "@tesseract.js-data/eng"])
      assert.ok(!works.has(name), name);
  });

  test("is in the SBOM, which has the same bytes each time and refers only to what it names", () => {
    const text = describeExecutable(root, target, packageJson);
    assert.equal(describeExecutable(root, target, packageJson), text);
    const bom = JSON.parse(text);
    const refs = new Set(bom.components.map((component: { "bom-ref": string }) => component["bom-ref"]));
    for (const { ref } of listCarriedWorks(root, target)) assert.ok(refs.has(ref), ref);
    for (const { ref, dependsOn = [] } of bom.dependencies) {
      for (const name of [ref, ...dependsOn]) assert.ok(refs.has(name) || name === packageJson.name, name);
    }
    assert.equal(bom.metadata.timestamp, undefined);
    assert.match(bom.serialNumber, /^urn:uuid:[0-9a-f-]{36}$/);
  });
});
